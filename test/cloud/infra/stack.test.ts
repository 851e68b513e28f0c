import type { Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, test } from 'vitest'
import { clientBurst, frontKeyHeader } from '../../../cloud/api/client-limit.ts'
import {
  claimFunctions,
  functions,
  streamFunctions,
} from '../../../cloud/infra/functions/functions.ts'
import { freshSnapshotMs } from '../../../cloud/visits/core/sighting.ts'
import { calledByAdapters } from './adapter-calls.ts'
import {
  type Context,
  type Resource,
  resourcesOf,
  type Statement,
  statementsOf,
  streamProcessor,
  templateOf,
  withClaims,
  written,
} from './deployment.ts'

const built = new Map<string, Template>()
const variants = {
  snapshots: {},
  'stream processors': streamProcessor,
  'End User Messaging': { texts: 'end-user-messaging', smsOrigin: 'pool-0a1b2c' },
  claims: withClaims,
} satisfies Record<string, Context>
type Variant = keyof typeof variants
const variantNames = ['snapshots', 'stream processors', 'End User Messaging', 'claims'] as const

beforeAll(() => {
  for (const name of variantNames) built.set(name, templateOf(variants[name]))
})

function deployment(variant: Variant = 'snapshots'): Template {
  const template = built.get(variant)
  if (!template) throw new Error(`${variant} was not built`)
  return template
}

const of = (type: string, variant?: Variant): readonly Resource[] =>
  resourcesOf(deployment(variant), type)

const property = (resource: Resource, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => Object(value)[name], resource.Properties)

const allowed = (variant: Variant, part: string): Statement[] =>
  statementsOf(deployment(variant)).filter(
    ({ of: id, effect }) => id.startsWith(part) && effect === 'Allow',
  )
const actionsOf = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ actions }) => actions)

// ---------------------------------------------------------------- permissions

/** Actions for which AWS has no resource to name. */
const nameless = new Set([
  'rekognition:CreateCollection',
  'rekognition:DetectFaces',
  'rekognition:CompareFaces',
  'dynamodb:ListStreams',
  'sns:Publish',
])

describe.each(variantNames)('with %s', (variant) => {
  test('no statement allows every action or every resource', () => {
    const statements = statementsOf(deployment(variant))
    expect(statements.length).toBeGreaterThan(20)
    const wild = actionsOf(statements).filter((action) => action.includes('*'))
    expect(wild).toEqual([])
    const anywhere = statements.filter(({ resources }) => resources.includes('*'))
    const unexpected = actionsOf(anywhere).filter((action) => !nameless.has(action))
    expect(unexpected).toEqual([])
  })

  test('no role uses an AWS managed policy', () => {
    const ready = of('AWS::IAM::Role', variant).flatMap((role) =>
      [property(role, 'ManagedPolicyArns') ?? []].flat(),
    )
    expect(ready).toEqual([])
  })

  test('no role may scan a table', () => {
    expect(actionsOf(statementsOf(deployment(variant)))).not.toContain('dynamodb:Scan')
  })

  test('every dead-letter queue has an alarm, and every alarm is mailed', () => {
    const queues = of('AWS::SQS::Queue', variant).filter(({ id }) => /Dead[0-9A-F]{8}$/.test(id))
    const alarms = of('AWS::CloudWatch::Alarm', variant)
    const watched = alarms
      .filter((alarm) => property(alarm, 'MetricName') === 'ApproximateNumberOfMessagesVisible')
      .map((alarm) => written(property(alarm, 'Dimensions', '0', 'Value')))
    const needed = queues.map(({ id }) => `<${id}.QueueName>`)
    expect(needed).toHaveLength(2)
    expect(watched.sort()).toEqual(needed.sort())
    for (const alarm of alarms) expect(property(alarm, 'AlarmActions')).toHaveLength(1)
    const mailed = of('AWS::SNS::Subscription', variant).filter(
      (one) => property(one, 'Protocol') === 'email',
    )
    expect(mailed.map((one) => property(one, 'Endpoint'))).toEqual(['owner@example.org'])
  })

  test('every other queue has a dead-letter queue', () => {
    const queues = of('AWS::SQS::Queue', variant)
    const dead = queues.filter(({ id }) => id.includes('Dead'))
    const others = queues.filter((queue) => !dead.includes(queue))
    expect(others).toHaveLength(4)
    for (const queue of others) expect(property(queue, 'RedrivePolicy')).toBeDefined()
  })

  test('every function has its own log, kept for a month', () => {
    const functions = of('AWS::Lambda::Function', variant)
    const logs = of('AWS::Logs::LogGroup', variant)
    const used = functions.map((fn) => written(property(fn, 'LoggingConfig', 'LogGroup')))
    expect(new Set(used).size).toBe(functions.length)
    expect(logs).toHaveLength(functions.length + 1)
    for (const log of logs) expect(property(log, 'RetentionInDays')).toBe(30)
  })

  test('every function runs on Node 24 and arm64', () => {
    for (const fn of of('AWS::Lambda::Function', variant)) {
      expect(fn.Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] })
    }
  })

  test('all storage is encrypted', () => {
    for (const queue of of('AWS::SQS::Queue', variant)) {
      expect(property(queue, 'SqsManagedSseEnabled')).toBe(true)
    }
    for (const table of of('AWS::DynamoDB::Table', variant)) {
      expect(property(table, 'SSESpecification', 'SSEEnabled')).toBe(true)
    }
    for (const stream of of('AWS::Kinesis::Stream', variant)) {
      expect(property(stream, 'StreamEncryption', 'EncryptionType')).toBe('KMS')
    }
    expect(property(only('AWS::S3::Bucket', variant), 'BucketEncryption')).toBeDefined()
  })
})

/** For `npm run cloud`, which works with the owner's own credentials. */
const byAdministrators = ['dynamodb:DeleteItem']

test('every AWS call in cloud/aws is allowed to some function', () => {
  const allowed = variantNames.flatMap((variant) => actionsOf(statementsOf(deployment(variant))))
  expect(calledByAdapters.length).toBeGreaterThan(25)
  const refused = calledByAdapters.filter(
    (action) => !allowed.includes(action) && !byAdministrators.includes(action),
  )
  expect([...new Set(refused)]).toEqual([])
})

test('only the web function plays video, and only of doors’ streams', () => {
  const recording = allowed('snapshots', 'web').filter(({ actions }) =>
    actions.some((action) => action.startsWith('kinesisvideo:')),
  )
  expect(actionsOf(recording).sort()).toEqual([
    'kinesisvideo:GetClip',
    'kinesisvideo:GetDataEndpoint',
    'kinesisvideo:GetHLSStreamingSessionURL',
  ])
  for (const { resources } of recording) expect(resources.join()).toMatch(/:stream\/\*_\*\/\*$/)
})

test('clips are stored and handed out by the web function, and deleted with their visitor or visit', () => {
  const onClips = statementsOf(deployment())
    .filter(({ resources }) => resources.some((one) => one.includes('/clips/')))
    .flatMap(({ of: id, actions }) => actions.map((one) => `${/^[a-z]+/.exec(id)} ${one}`))
  // The CDK joins statements of the same actions or resources.
  expect(onClips.sort()).toEqual([
    'visitorchanged s3:DeleteObject',
    'web s3:DeleteObject',
    'web s3:GetObject',
    'web s3:PutObject',
  ])
})

const only = (type: string, variant?: Variant): Resource => {
  const [first, ...more] = of(type, variant)
  if (!first || more.length > 0) throw new Error(`expected exactly one ${type}`)
  return first
}

describe('the functions', () => {
  test('are those listed in functions.ts', () => {
    const names = (variant: Variant) =>
      of('AWS::Lambda::Function', variant).map((fn) => property(fn, 'Description'))
    const asked = Object.keys(functions).map((name) => `smart-door ${name}`)
    expect(names('snapshots').sort()).toEqual(asked.sort())
    const extra = Object.keys(streamFunctions).map((name) => `smart-door ${name}`)
    expect(names('stream processors').sort()).toEqual([...asked, ...extra].sort())
    const hooks = Object.keys(claimFunctions).map((name) => `smart-door ${name}`)
    expect(names('claims').sort()).toEqual([...asked, ...hooks].sort())
  })

  test('may do only what they need', () => {
    const silent = ['firstlogin', 'housekeeping', 'photouploaded']
    for (const name of silent) {
      const actions = actionsOf(allowed('snapshots', name))
      expect(actions).not.toEqual([])
      expect(actions.filter((one) => /^(ses|sns|iot|secretsmanager):/.test(one))).toEqual([])
    }
    expect(actionsOf(allowed('snapshots', 'firstlogin')).sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ])
    const all = variantNames.flatMap((variant) => actionsOf(statementsOf(deployment(variant))))
    expect(all.filter((one) => /^dynamodb:(Delete|ConditionCheck)/.test(one))).toEqual([])
  })

  test('only functions that no browser reaches can send texts', () => {
    const texting = statementsOf(deployment())
      .filter(({ actions, effect }) => effect === 'Allow' && actions.includes('sns:Publish'))
      .map(({ of: id }) => id)
    expect(texting.sort()).toEqual(
      [/^checkgrant/, /^fromdoor/].map((one) => expect.stringMatching(one)),
    )
  })

  test('have only the environment variables of their permissions', () => {
    const environment = (name: string) => {
      const found = of('AWS::Lambda::Function').find(({ id }) => id.startsWith(name))
      return Object.keys(Object(found && property(found, 'Environment', 'Variables'))).sort()
    }
    expect(environment('firstlogin')).toEqual(['VISITORS_TABLE'])
    expect(environment('photouploaded')).toEqual(['PHOTOS_BUCKET'])
    expect(environment('fromdoor')).toContain('SMS_PROVIDER')
    expect(environment('recognisesnapshot')).not.toContain('SMS_PROVIDER')
  })
})

// ---------------------------------------------------------------- doors

describe('a door', () => {
  const thing = '${' + 'iot:Connection.Thing.ThingName}'
  const statements = () => statementsOf(deployment(), 'AWS::IoT::Policy')

  test('can only connect as the thing of its certificate', () => {
    const connect = statements().find(({ actions }) => actions.includes('iot:Connect'))
    expect(connect?.resources).toEqual([
      expect.stringMatching(/:client\/\$\{iot:Connection\.Thing/),
    ])
    expect(connect?.conditions).toEqual({ Bool: { 'iot:Connection.Thing.IsAttached': 'true' } })
  })

  test('finds the bucket and the address of the pages in its thing', () => {
    const { Value: webOrigin } = Object(deployment().toJSON()['Outputs'])['WebOrigin']
    const things = of('AWS::IoT::Thing')
    expect(things.length).toBeGreaterThan(0)
    for (const thing of things) {
      const attributes = property(thing, 'AttributePayload', 'Attributes')
      expect(attributes).toEqual({ photosBucket: expect.anything(), webOrigin })
    }
  })

  test('publishes, subscribes and uploads under its own name only', () => {
    const over = statements().filter(({ actions }) => !actions[0]?.includes('AssumeRole'))
    const resources = over.flatMap((statement) => statement.resources)
    expect(resources).toHaveLength(4)
    for (const resource of resources) {
      expect(resource.split(thing), resource).toHaveLength(2)
      expect(resource.split(thing)[0], resource).not.toContain('*')
    }
    const role = statementsOf(deployment()).filter(({ of: id }) => id.startsWith('DoorsRole'))
    const stored = role.flatMap((statement) => statement.resources)
    expect(stored).toHaveLength(2)
    for (const resource of stored) {
      const [before] = resource.split('${' + 'credentials-iot:ThingName}/')
      expect(before).not.toContain('*')
      expect(before).not.toBe(resource)
    }
  })

  test('cannot publish commands or receive events', () => {
    const on = (action: string) =>
      statements()
        .filter(({ actions }) => actions.includes(action))
        .flatMap(({ resources }) => resources.filter((one) => one.includes('door/v1')))
    expect(on('iot:Publish')).toEqual([expect.stringMatching(/\/evt\/\*$/)])
    for (const action of ['iot:Subscribe', 'iot:Receive']) {
      expect(on(action)).toEqual([expect.stringMatching(/\/cmd\/\*$/)])
    }
  })

  test('is read by the rule, which keeps what it cannot deliver', () => {
    const rule = only('AWS::IoT::TopicRule')
    expect(property(rule, 'TopicRulePayload', 'Sql')).toBe(
      "SELECT encode(*, 'base64') AS message, topic() AS topic FROM 'door/v1/+/evt/+'",
    )
    expect(property(rule, 'TopicRulePayload', 'ErrorAction', 'Sqs', 'QueueUrl')).toBeDefined()
  })

  test('has a generated key of 64 hex digits', () => {
    const secrets = of('AWS::SecretsManager::Secret')
    const names = secrets.map((one) => property(one, 'Name'))
    const door = 'smart-door/door-key/maple-street_front'
    expect(names.toSorted()).toEqual([door, 'smart-door/notice-key'])
    const secret = secrets[names.indexOf(door)]
    if (!secret) throw new Error('There is one.')
    const made = property(secret, 'GenerateSecretString')
    expect(made).toMatchObject({ PasswordLength: 64, ExcludeUppercase: true })
    const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789']
    const excluded = String(Object(made).ExcludeCharacters)
    expect(letters.filter((one) => !excluded.includes(one)).join('')).toBe('abcdef0123456789')
  })
})

// ---------------------------------------------------------------- storage

describe('storage', () => {
  test('can be restored and survives the stack', () => {
    const tables = of('AWS::DynamoDB::Table')
    expect(tables).toHaveLength(3)
    for (const table of tables) {
      expect(table.DeletionPolicy).toBe('RetainExceptOnCreate')
      expect(table.Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      })
    }
    for (const type of ['AWS::S3::Bucket', 'AWS::Cognito::UserPool']) {
      expect(only(type).DeletionPolicy).toBe('RetainExceptOnCreate')
    }
  })

  test('does not survive a first deployment that failed, and is protected only after it', () => {
    for (const variant of variantNames) {
      const left = resourcesOf(deployment(variant)).filter(
        ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
      )
      expect(left).toEqual([])
    }
    const protections = (template: Template) => [
      ...resourcesOf(template, 'AWS::DynamoDB::Table').map(
        (table) => property(table, 'DeletionProtectionEnabled') === true,
      ),
      ...resourcesOf(template, 'AWS::Cognito::UserPool').map(
        (pool) => property(pool, 'DeletionProtection') === 'ACTIVE',
      ),
    ]
    expect(protections(deployment())).toEqual([false, false, false, false])
    expect(protections(templateOf({ protect: true }))).toEqual([true, true, true, true])
  })

  test('has no collection of faces that the functions may have made before', () => {
    expect(of('AWS::Rekognition::Collection')).toEqual([])
  })

  test('photos are private and expire', () => {
    const bucket = only('AWS::S3::Bucket')
    expect(Object.values(Object(property(bucket, 'PublicAccessBlockConfiguration')))).toEqual(
      Array(4).fill(true),
    )
    expect(property(bucket, 'VersioningConfiguration')).toBeUndefined()
    const rules = [property(bucket, 'LifecycleConfiguration', 'Rules')].flat()
    const lives = rules.map((rule) => [Object(rule).Prefix, Object(rule).ExpirationInDays])
    expect(Object.fromEntries(lives)).toMatchObject({ 'snapshots/': 30, 'faces/': 30, 'raw/': 1 })
    expect(Object.fromEntries(lives)).toMatchObject({ 'clips/': 1, 'processed/': 1 })
    const stored = statementsOf(deployment())
      .filter(({ actions }) => actions.includes('s3:PutObject'))
      .flatMap(({ resources }) => resources.map((one) => /Arn>\/([a-z]+\/)/.exec(one)?.[1]))
    // Photos of visitors on file go with their visitor, and those of kept visits when an owner says so.
    const endless = stored.filter((prefix) => !lives.some(([known]) => known === prefix))
    expect([...new Set(endless)].sort()).toEqual(['kept/', 'visitors/'])
    const policy = JSON.stringify(only('AWS::S3::BucketPolicy').Properties)
    expect(policy).toContain('"aws:SecureTransport":"false"')
  })

  test('video expires after a week', () => {
    expect(property(only('AWS::KinesisVideo::Stream'), 'DataRetentionInHours')).toBe(168)
  })
})

// ---------------------------------------------------------------- the pages

describe('the pages', () => {
  test('are throttled far above what one client may, on no route lower than on another', () => {
    const stage = only('AWS::ApiGatewayV2::Stage')
    const usual = property(stage, 'DefaultRouteSettings', 'ThrottlingBurstLimit')
    expect(Number(usual)).toBeGreaterThan(2 * clientBurst)
    expect(property(stage, 'RouteSettings')).toBeUndefined()
  })

  test('write a log without query strings and addresses', () => {
    const format = String(property(only('AWS::ApiGatewayV2::Stage'), 'AccessLogSettings', 'Format'))
    expect(format).toContain('$context.path')
    expect(format).not.toMatch(/query|raw|sourceIp|userAgent|identity|header/i)
    expect(property(only('AWS::CloudFront::Distribution'), 'DistributionConfig', 'Logging')).toBe(
      undefined,
    )
  })

  test('only let invited members sign in', () => {
    const pool = only('AWS::Cognito::UserPool')
    expect(property(pool, 'AdminCreateUserConfig', 'AllowAdminCreateUserOnly')).toBe(true)
    expect(property(pool, 'MfaConfiguration')).toBe('OPTIONAL')
    expect(Object.keys(Object(property(pool, 'LambdaConfig'))).sort()).toEqual([
      'PostAuthentication',
      'PostConfirmation',
    ])
    const client = only('AWS::Cognito::UserPoolClient')
    expect(client.Properties).toMatchObject({ GenerateSecret: false, AllowedOAuthFlows: ['code'] })
  })

  test('do not let members change their address without verification', () => {
    const pool = only('AWS::Cognito::UserPool')
    expect(property(pool, 'AutoVerifiedAttributes')).toEqual(['email'])
    expect(property(pool, 'UserAttributeUpdateSettings')).toEqual({
      AttributesRequireVerificationBeforeUpdate: ['email'],
    })
    // An empty list would allow all attributes.
    expect(property(only('AWS::Cognito::UserPoolClient'), 'WriteAttributes')).toEqual(['locale'])
  })

  test('are reached through CloudFront only, which says that it asks', () => {
    const [origin] = Object(
      property(only('AWS::CloudFront::Distribution'), 'DistributionConfig', 'Origins'),
    )
    const [added] = origin.OriginCustomHeaders
    const [fn] = of('AWS::Lambda::Function').filter(({ id }) => id.startsWith('web'))
    const environment = Object(fn && property(fn, 'Environment', 'Variables'))
    expect(added.HeaderName).toBe(frontKeyHeader)
    expect(environment.FRONT_KEY).toEqual(added.HeaderValue)
  })

  test('can do without CloudFront', () => {
    const template = templateOf({ pages: 'api' })
    expect(resourcesOf(template, 'AWS::CloudFront::Distribution')).toEqual([])
    const [fn] = resourcesOf(template, 'AWS::Lambda::Function').filter(({ id }) =>
      id.startsWith('web'),
    )
    const environment = Object(fn && property(fn, 'Environment', 'Variables'))
    expect(environment).not.toHaveProperty('FRONT_KEY')
    const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api')
    expect(written(environment.WEB_ORIGIN)).toBe(
      `https://<${api?.id}>.execute-api.<AWS::Region>.<AWS::URLSuffix>`,
    )
  })

  test('use the configured domain', () => {
    const template = templateOf({
      domain: 'door.example.org',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0',
      hostedZone: 'Z0EXAMPLE',
    })
    const [pages] = resourcesOf(template, 'AWS::CloudFront::Distribution')
    expect(pages && property(pages, 'DistributionConfig', 'Aliases')).toEqual(['door.example.org'])
    expect(resourcesOf(template, 'AWS::Route53::RecordSet')).toHaveLength(2)
    const text = JSON.stringify(resourcesOf(template, 'AWS::Lambda::Function'))
    expect(text).toContain('"WEB_ORIGIN":"https://door.example.org"')
    expect(of('AWS::Route53::RecordSet')).toEqual([])
  })
})

describe('the queues', () => {
  const concurrency = (template: Template) =>
    resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
      .filter((one) => written(property(one, 'EventSourceArn')).startsWith('<Queues'))
      .map((one) => [
        /Queues([A-Za-z]+?)[0-9A-F]{8}/.exec(written(property(one, 'EventSourceArn')))?.[1],
        Number(property(one, 'ScalingConfig', 'MaximumConcurrency')),
      ])

  test('leave a part of a new account’s ten functions at once for sign-in and pages', () => {
    const all = concurrency(deployment())
    expect(all).toHaveLength(4)
    expect(all.reduce((sum, [, most]) => sum + Number(most), 0)).toBeLessThanOrEqual(8)
    expect(Object.fromEntries(concurrency(templateOf({ lambdaConcurrency: 1_000 })))).toMatchObject(
      { Snapshots: 20 },
    )
  })

  test('and the pages cannot use it up, once the account has enough', () => {
    const shares = (changes: Parameters<typeof templateOf>[0]) =>
      resourcesOf(templateOf(changes), 'AWS::Lambda::Function').flatMap((one) => {
        const share = property(one, 'ReservedConcurrentExecutions')
        return share === undefined ? [] : [[one.id.replace(/Function.*/, ''), share]]
      })
    expect(shares({ lambdaConcurrency: 119 })).toEqual([])
    expect(shares({ lambdaConcurrency: 120 })).toEqual([['web', 20]])
  })

  test('try a failed snapshot again twice while it still counts', () => {
    const queue = of('AWS::SQS::Queue').find(({ id }) => id.startsWith('QueuesSnapshots'))
    const again = Number(queue && property(queue, 'VisibilityTimeout')) * 1_000
    expect(2 * again).toBeLessThan(freshSnapshotMs - 20_000)
  })

  test('hide a message for as long as its function may take', () => {
    for (const mapping of of('AWS::Lambda::EventSourceMapping')) {
      const source = written(property(mapping, 'EventSourceArn'))
      const queue = of('AWS::SQS::Queue').find(({ id }) => source.includes(id))
      if (!queue) continue
      const name = written(property(mapping, 'FunctionName')).slice(1, -1)
      const fn = of('AWS::Lambda::Function').find(({ id }) => id === name)
      expect(Number(property(queue, 'VisibilityTimeout'))).toBeGreaterThanOrEqual(
        Number(fn && property(fn, 'Timeout')),
      )
    }
  })
})

describe('mail', () => {
  test('is sent by no function that is open to the internet', () => {
    const sends = actionsOf(allowed('snapshots', 'web')).filter((one) => one.startsWith('ses:'))
    expect(sends).toEqual([])
    expect(actionsOf(allowed('snapshots', 'settlevisit'))).toContain('ses:SendEmail')
  })

  const identity = (context: Context) =>
    resourcesOf(templateOf(context), 'AWS::SES::EmailIdentity').map((one) => one.Properties)

  test('comes from a domain that signs it, whose records are printed', () => {
    expect(property(only('AWS::SES::EmailIdentity'), 'EmailIdentity')).toBe('example.org')
    expect(only('AWS::SES::EmailIdentity').Properties).toMatchObject({
      MailFromAttributes: { MailFromDomain: 'bounces.example.org' },
    })
    expect(JSON.stringify(deployment().toJSON()['Outputs'])).toContain('DkimDNSTokenName1')
  })

  test('can come from a single address, or from an identity that the account has', () => {
    expect(identity({ mailIdentity: 'address' })).toMatchObject([
      { EmailIdentity: 'door@example.org' },
    ])
    expect(identity({ mailIdentity: 'existing' })).toEqual([])
    const records = resourcesOf(templateOf({ mailZone: 'Z0EXAMPLE' }), 'AWS::Route53::RecordSet')
    expect(records).toHaveLength(5)
  })

  test('that does not arrive is reported to the address of the alarms', () => {
    const destination = only('AWS::SES::ConfigurationSetEventDestination')
    const topic = only('AWS::SNS::Topic').id
    expect(property(destination, 'EventDestination', 'MatchingEventTypes')).toEqual(
      expect.arrayContaining(['bounce', 'complaint']),
    )
    const to = property(destination, 'EventDestination', 'SnsDestination', 'TopicARN')
    expect(written(to)).toBe(`<${topic}>`)
    const policy = JSON.stringify(only('AWS::SNS::TopicPolicy').Properties)
    expect(policy).toContain('ses.amazonaws.com')
    const names = of('AWS::SES::ConfigurationSet').map((set) => property(set, 'Name'))
    expect(names).toEqual([undefined])
  })
})

test('a bill above the budget is mailed about', () => {
  const budget = only('AWS::Budgets::Budget')
  expect(property(budget, 'Budget', 'BudgetLimit')).toEqual({ Amount: 20, Unit: 'USD' })
  const mailed = [property(budget, 'NotificationsWithSubscribers')].flat()
  expect(mailed.map((one) => Object(one).Subscribers)).toEqual(
    Array(3).fill([{ SubscriptionType: 'EMAIL', Address: 'owner@example.org' }]),
  )
})

// ---------------------------------------------------------------- switches

describe('the switch for recognition', () => {
  test('deploys stream processors only on request', () => {
    for (const type of ['AWS::Rekognition::StreamProcessor', 'AWS::Kinesis::Stream']) {
      expect(of(type)).toEqual([])
      expect(of(type, 'stream processors')).toHaveLength(1)
    }
  })

  test('sets failing records aside', () => {
    const mapping = of('AWS::Lambda::EventSourceMapping', 'stream processors').find((one) =>
      written(property(one, 'EventSourceArn')).startsWith('<StreamProcessors'),
    )
    expect(mapping?.Properties).toMatchObject({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 5,
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    })
  })
})

describe('the switch for texts', () => {
  test('allows only the chosen service', () => {
    const actions = (variant: Variant) =>
      actionsOf(allowed(variant, 'fromdoor')).filter((one) => /^(sns|sms-voice):/.test(one))
    expect(actions('snapshots')).toEqual(['sns:Publish'])
    expect(actions('End User Messaging')).toEqual(['sms-voice:SendTextMessage'])
  })

  test('allows texts to phone numbers but not to topics', () => {
    const denied = statementsOf(deployment()).filter(({ effect }) => effect === 'Deny')
    // One statement for each function that may text.
    expect(actionsOf(denied)).toEqual(['sns:Publish', 'sns:Publish'])
    const toTopics = expect.stringMatching(/:sns:\*:\*:\*$/)
    expect(denied.flatMap(({ resources }) => resources)).toEqual([toTopics, toTopics])
  })

  test('brings what End User Messaging reports to the function that follows up codes', () => {
    const variant = 'End User Messaging'
    const set = only('AWS::SMSVOICE::ConfigurationSet', variant)
    const [destination] = [property(set, 'EventDestinations')].flat()
    const to = written(Object(destination).SnsDestination.TopicArn)
    const subscription = of('AWS::SNS::Subscription', variant).find(
      (one) => written(property(one, 'TopicArn')) === to,
    )
    expect(subscription?.Properties).toMatchObject({ Protocol: 'sqs', RawMessageDelivery: true })
    expect(written(subscription && property(subscription, 'Endpoint'))).toContain('CheckGrant')
    const policies = JSON.stringify(of('AWS::SNS::TopicPolicy', variant))
    expect(policies).toContain('"sms-voice.amazonaws.com"')
    const [fn] = of('AWS::Lambda::Function', variant).filter(({ id }) => id.startsWith('fromdoor'))
    const environment = Object(fn && property(fn, 'Environment', 'Variables'))
    expect(written(environment.SMS_CONFIGURATION_SET)).toBe(`<${set.id}>`)
    expect(of('AWS::SMSVOICE::ConfigurationSet')).toEqual([])
  })

  test('has an alarm for the cost where AWS has a metric', () => {
    const spending = (variant: Variant) =>
      of('AWS::CloudWatch::Alarm', variant).filter(
        (alarm) => property(alarm, 'MetricName') === 'SMSMonthToDateSpentUSD',
      )
    expect(spending('snapshots')).toHaveLength(1)
    // New accounts may spend one dollar; then SNS stops.
    expect(spending('snapshots').map((alarm) => property(alarm, 'Threshold'))).toEqual([0.8])
    expect(spending('End User Messaging')).toEqual([])
  })
})
