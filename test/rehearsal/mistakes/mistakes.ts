/** Mistakes in the template that an owner could deploy, and which resource the rehearsal must name. */
import type { TemplateEditor } from './template-editor.ts'

export interface Mistake {
  readonly name: string
  /** A path of the template, or the name of an output. */
  readonly at: string
  plant(template: TemplateEditor): void
}

const missingPermission = (fn: string, action: string): Mistake => ({
  name: `${fn} may not ${action}`,
  at: `${fn}/Role`,
  plant: ({ forbid }) => forbid(`${fn}/Role/DefaultPolicy`, action),
})

const missingVariable = (fn: string, name: string): Mistake => ({
  name: `${fn} has no ${name}`,
  at: `${fn}/Function`,
  plant: ({ set }) => set(`${fn}/Function`, `Environment.Variables.${name}`),
})

const permissions: readonly Mistake[] = [
  missingPermission('recognise-snapshot', 'rekognition:SearchFacesByImage'),
  missingPermission('recognise-snapshot', 's3:GetObject'),
  missingPermission('settle-visit', 'ses:SendRawEmail'),
  missingPermission('from-door', 'sns:Publish'),
  missingPermission('check-grant', 'dynamodb:GetItem'),
  missingPermission('web', 'iot:Publish'),
  missingPermission('web', 'secretsmanager:GetSecretValue'),
  missingPermission('visitor-changed', 'rekognition:IndexFaces'),
  missingPermission('first-login', 'dynamodb:PutItem'),
  missingPermission('housekeeping', 'rekognition:ListFaces'),
  {
    name: 'doors may not upload',
    at: 'Doors/Role',
    plant: ({ forbid }) => forbid('Doors/Role/DefaultPolicy', 's3:PutObject'),
  },
  {
    name: 'the role of doors trusts another service',
    at: 'Doors/Role',
    plant: ({ set }) =>
      set(
        'Doors/Role',
        'AssumeRolePolicyDocument.Statement.0.Principal.Service',
        'iot.amazonaws.com',
      ),
  },
  {
    name: 'S3 may not write to the queue',
    // Nothing is deployed, so the sentence has AWS's name of the queue.
    at: 'QueuesSnapshots',
    plant: ({ forbid }) => forbid('Queues/Snapshots/Policy', 'sqs:SendMessage'),
  },
  {
    name: 'the API may not invoke its function',
    at: 'web/Function',
    plant: ({ remove }) => remove('Web/Api/ANY--/Web-Permission'),
  },
  {
    name: 'AWS IoT may not invoke its function',
    at: 'from-door/Function',
    plant: ({ remove }) => remove('from-door/Function/DoorMessages'),
  },
]

const notices: readonly Mistake[] = [
  {
    name: 'CloudWatch may not publish alarms',
    at: 'AlarmTopic',
    plant: ({ statements }) =>
      statements('AlarmTopic/Policy', (all) =>
        all.filter((one) => !JSON.stringify(one).includes('cloudwatch')),
      ),
  },
  {
    name: 'no address for alarms',
    at: 'AlarmTopic',
    plant: ({ remove }) => remove('AlarmTopic/owner@example.org'),
  },
  {
    name: 'an alarm without an action',
    at: 'Alarms/Errors',
    plant: ({ set }) => set('Alarms/Errors', 'AlarmActions'),
  },
  {
    name: 'no alarm for what was set aside',
    at: 'MessagesDead',
    plant: ({ remove }) => remove('Alarms/MessagesDead'),
  },
]

const signIn: readonly Mistake[] = [
  {
    name: 'the household is no attribute of an account',
    at: 'Members/Client',
    plant: ({ set }) => set('Members/Pool', 'Schema.0.Name', 'home'),
  },
  {
    name: 'tokens do not say the household',
    at: 'Members/Client',
    plant: ({ set }) => set('Members/Client', 'ReadAttributes', ['email', 'email_verified']),
  },
  {
    name: 'the client may not ask for the scope',
    at: 'Members/Client',
    plant: ({ set }) => set('Members/Client', 'AllowedOAuthScopes', ['email']),
  },
  {
    name: 'sign-in returns to another address',
    at: 'Members/Client',
    plant: ({ set }) => set('Members/Client', 'CallbackURLs', ['https://elsewhere.example/']),
  },
  {
    name: 'sign-in pages without branding',
    at: 'Members/Client',
    plant: ({ remove }) => remove('Members/Branding'),
  },
  {
    name: 'no function at the first sign-in',
    at: 'Members/Pool',
    plant: ({ set }) => set('Members/Pool', 'LambdaConfig'),
  },
]

const queues: readonly Mistake[] = [
  {
    name: 'messages become visible again too early',
    at: 'recognise-snapshot/Function/SqsEventSource',
    plant: ({ set }) => set('Queues/Snapshots', 'VisibilityTimeout', 10),
  },
  {
    name: 'what keeps failing is not set aside',
    at: 'Queues/SettleVisit',
    plant: ({ set }) => set('Queues/SettleVisit', 'RedrivePolicy'),
  },
  {
    name: 'snapshots notify no queue',
    at: 'Photos',
    plant: ({ set }) => set('Photos', 'NotificationConfiguration.QueueConfigurations.0'),
  },
  {
    name: 'the queue has no reader',
    at: 'Queues/SettleVisit',
    plant: ({ remove }) => remove('settle-visit/Function/SqsEventSource'),
  },
  {
    name: 'the filter of the stream fits nothing',
    at: 'visitor-changed/Function/Visitors',
    plant: ({ set }) =>
      set('visitor-changed/Function/Visitors', 'FilterCriteria.Filters.0.Pattern', wrongPattern),
  },
]

const wrongPattern = '{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"guest#"}]}}}}'

const data: readonly Mistake[] = [
  {
    name: 'no index of visits',
    at: 'Tables/Visits',
    plant: ({ set }) => set('Tables/Visits', 'GlobalSecondaryIndexes.0.IndexName', 'byDoor'),
  },
  {
    name: 'codes do not expire',
    at: 'Tables/Passcodes',
    plant: ({ set }) => set('Tables/Passcodes', 'TimeToLiveSpecification'),
  },
  {
    name: 'visits expire by another attribute',
    at: 'Tables/Visits',
    plant: ({ set }) => set('Tables/Visits', 'TimeToLiveSpecification.AttributeName', 'expires'),
  },
  {
    name: 'snapshots do not expire',
    at: 'Photos',
    plant: ({ set }) => set('Photos', 'LifecycleConfiguration.Rules.0'),
  },
  {
    name: 'pages may not upload',
    at: 'Photos',
    plant: ({ set }) => set('Photos', 'CorsConfiguration'),
  },
  {
    name: 'the bucket is not among the outputs',
    at: 'PhotosBucket',
    plant: ({ removeOutput }) => removeOutput('PhotosBucket'),
  },
  {
    name: 'the doors are not among the outputs',
    at: 'DoorNames',
    plant: ({ removeOutput }) => removeOutput('DoorNames'),
  },
]

const doors: readonly Mistake[] = [
  {
    name: 'the rule listens to other topics',
    at: 'FromDoors/Rule',
    plant: ({ set }) =>
      set(
        'FromDoors/Rule',
        'TopicRulePayload.Sql',
        "SELECT encode(*, 'base64') AS message, topic() AS topic FROM 'doors/+/evt/+'",
      ),
  },
  {
    name: 'a door may speak for every door',
    at: 'Doors/Policy',
    plant: ({ edit }) => edit('Doors/Policy', withoutThing),
  },
  {
    name: 'doors may not subscribe',
    at: 'Doors/Policy',
    plant: ({ forbid }) => forbid('Doors/Policy', 'iot:Subscribe'),
  },
  {
    name: 'doors may not get credentials',
    at: 'Doors/Policy',
    plant: ({ forbid }) => forbid('Doors/Policy', 'iot:AssumeRoleWithCertificate'),
  },
  {
    name: 'a door is not told its bucket',
    at: 'the thing "elm-road_front"',
    plant: ({ set }) => set('Doors/elm-road_front/Thing', 'AttributePayload'),
  },
  {
    name: 'a door has no key',
    at: 'key for a door "elm-road_front"',
    plant: ({ set }) => set('Doors/elm-road_front/Key', 'Name', 'smart-door/door-key/other'),
  },
]

/** The variable is in a resource such as `…:topic/door/v1/${iot:Connection.Thing.ThingName}/evt/*`. */
const withoutThing = (properties: Record<string, unknown>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(properties).replace(/(topic\/door\/v1\/)\$\{[^}]*\}(\/evt)/, '$1*$2'))

const functions: readonly Mistake[] = [
  missingVariable('recognise-snapshot', 'SETTLE_VISIT_QUEUE_URL'),
  missingVariable('web', 'WEB_ORIGIN'),
  missingVariable('from-door', 'SMS_PROVIDER'),
  {
    name: 'no route for the pages',
    at: 'Web/Api',
    plant: ({ remove }) => remove('Web/Api/ANY--{proxy+}'),
  },
  {
    name: 'no route for the first page',
    at: 'Web/Api',
    plant: ({ set }) => set('Web/Api/ANY--', 'RouteKey', 'GET /home'),
  },
  {
    name: 'housekeeping is never run',
    at: 'housekeeping/Function',
    plant: ({ set }) => set('Daily', 'Targets', []),
  },
]

export const mistakes: readonly Mistake[] = [
  ...permissions,
  ...notices,
  ...signIn,
  ...queues,
  ...data,
  ...doors,
  ...functions,
]
