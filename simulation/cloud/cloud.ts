/**
 * The real cloud half on this machine: the deployment's template in a simulated AWS, with the product's
 * functions and their real SDK clients. What the template does not say is not there.
 */
import { clientOptionsFor } from '../../cloud/aws/client-options.ts'
import { accountsCognito } from '../../cloud/aws/cognito/accounts.ts'
import { webPushSender } from '../../cloud/aws/web-push/push.ts'
import { wire } from '../../cloud/aws/wiring.ts'
import { picturesJpeg } from '../../cloud/jpeg/pictures.ts'
import type { Household } from '../../cloud/members/core/household.ts'
import type { Clock, CloudContext, Log } from '../../cloud/ports.ts'
import { parseTopic } from '../../protocol/topics.ts'
import { synthesized } from '../aws/cloudformation/synthesis.ts'
import type { Template } from '../aws/cloudformation/template.ts'
import type { Issuer } from '../aws/cognito/resources.ts'
import type { Deployment } from '../aws/deploy.ts'
import type { HttpApi } from '../aws/http-api/http-api.ts'
import type { Environment } from '../aws/lambda/lambda.ts'
import { type AwsServer, startAws, type Tables } from '../aws/server.ts'
import type { Credentials } from '../aws/sigv4.ts'
import type { Queue } from '../aws/sqs/queues.ts'
import { type PushService, startPushService } from '../push/push-service.ts'
import { startFunction } from './functions.ts'
import { addHouseholds } from './households.ts'

/** All of it, except what only the function `claim-door` uses. */
export type CloudDeps = Omit<CloudContext, 'doorRegistry' | 'claimableDoors' | 'accounts'>

export interface SimulatedCloudOptions {
  readonly clock: Clock
  readonly log?: Log
  /** `npm run synth`'s own by default. */
  readonly template?: Template
  /** Called before the template is made, which takes some seconds. */
  readonly preparing?: () => void
  /** Keys in hex that doors have from before, by door. */
  readonly doorKeys?: Readonly<Record<string, string>>
  readonly households: readonly Household[]
  readonly webOrigin?: string
  /** Who signs people in; the simulated Cognito without it. */
  readonly cognito?: Issuer
  /** Shown where people sign in. */
  readonly signInHint?: string
  /** Where the tables are stored; in memory without it. */
  readonly folder?: string
  /** Called when the stack is there, before anything is in it. */
  readonly deployed?: (cloud: DeployedCloud) => void
  /** A door's snapshot has arrived. */
  readonly uploaded?: () => void
  /** What is published to doors. */
  readonly toDoor?: (topic: string, text: string) => void
  /** Stands between the functions and their ports, for faults that no service would cause. */
  readonly between?: (deps: CloudDeps) => CloudDeps
}

export type DeployedCloud = Omit<SimulatedCloud, 'deps' | 'close'>

export interface SimulatedCloud {
  readonly aws: AwsServer
  /** Of the members' browsers. */
  readonly push: PushService
  readonly dynamodb: Tables
  /** For looking into the cloud, with the rights of the account itself. */
  readonly deps: CloudDeps
  readonly stack: Deployment['stack']
  readonly userPoolId: string
  readonly httpApi: HttpApi
  readonly front: Deployment['front']
  /** Runs a function, by the name of its file, and gives its answer. */
  invoke(name: string, event: unknown): Promise<unknown>
  invokeArn(arn: string, event: unknown): Promise<unknown>
  /** What the template and AWS set for a function. */
  environmentOf(name: string): Environment
  /** A message that a door published. Resolves when it was handled once, well or not. */
  fromDoor(topic: string, text: string): Promise<void>
  /** In hex, as AWS generated it. */
  doorKeyOf(doorId: string): string
  /** What a door gets for its certificate. */
  doorCredentials(doorId: string): Credentials
  /** By its path in the stack, such as `Queues/Snapshots`. */
  queue(path: string): Queue
  /** Puts a snapshot where a door does. */
  upload(key: string, jpeg: Uint8Array, visitNumber: number): void
  /** Does everything that is due by now, until nothing more is. */
  pump(): Promise<void>
  /** When there will be something to do. */
  nextDueMs(): number | null
  close(): Promise<void>
}

const keyName = (doorId: string): string => `smart-door/door-key/${doorId}`

export async function startSimulatedCloud(options: SimulatedCloudOptions): Promise<SimulatedCloud> {
  const { clock, webOrigin = 'http://localhost:4200', uploaded, toDoor } = options
  const template = options.template ?? (await synthesized(preparation(options)))
  const aws = await startAws({
    nowMs: clock.nowMs,
    tablesFolder: options.folder,
    iotControl: { endpoints: { 'iot:Data-ATS': 'example-ats.iot.eu-central-1.amazonaws.com' } },
    secrets: Object.fromEntries(
      Object.entries(options.doorKeys ?? {}).map(([doorId, key]) => [keyName(doorId), key]),
    ),
    ...(options.signInHint !== undefined && { cognito: { hint: options.signInHint } }),
    onObjectCreated({ Records: [first] }) {
      if (first?.s3.object.key.startsWith('snapshots/')) uploaded?.()
    },
    onPublish({ topic, payload }) {
      // The owner's `cloud check` also publishes what a door would.
      if (parseTopic(topic)?.direction !== 'cmd') return
      toDoor?.(topic, Buffer.from(payload).toString('utf8'))
    },
  })
  const push = startPushService(clock)
  const functions = functionLoader(options, push)
  const deployment = await aws.deploy(template, {
    ...{ webOrigin, cognito: options.cognito, load: functions.load },
  })
  const cloud = { ...cloudOf(aws, deployment), push }
  options.deployed?.(cloud)
  const administrator = { ...deployment.lambda.variables(), ...aws.rootEnvironment() }
  const deps = functions.observer(administrator)
  const accounts = accountsCognito(clientOptionsFor(administrator), cloud.userPoolId)
  await addHouseholds({ ...deps, accounts }, options.households)
  const warm = deployment.lambda.warm()
  return {
    ...cloud,
    deps,
    async close() {
      await warm
      await aws.close()
    },
  }
}

const preparation = ({ preparing }: SimulatedCloudOptions) => (preparing ? { preparing } : {})

function cloudOf(aws: AwsServer, deployment: Deployment): Omit<DeployedCloud, 'push'> {
  const { stack, lambda, front } = deployment
  const [httpApi] = deployment.httpApis.values()
  if (!httpApi) throw new Error('The template has no HTTP API.')
  const doorRole = stack.attribute('Doors/Role', 'Arn')
  return {
    ...{
      aws,
      dynamodb: aws.dynamodb,
      stack,
      httpApi,
      front,
      userPoolId: stack.ref('Members/Pool'),
    },
    invoke: (name, event) => lambda.invoke(lambda.arnOf(name), event),
    invokeArn: (arn, event) => lambda.invoke(arn, event),
    environmentOf: (name) => lambda.environmentOf(lambda.arnOf(name)),
    async fromDoor(topic, text) {
      deployment.fromDevice(topic, text)
      await lambda.idle()
    },
    doorKeyOf: (doorId) => aws.secret(keyName(doorId)),
    doorCredentials: (thingName) => deployment.assumeRole({ roleArn: doorRole, thingName }),
    queue: (path) => aws.queue(stack.attribute(path, 'QueueName')),
    upload(key, jpeg, visitNumber) {
      const metadata = { 'visit-number': String(visitNumber) }
      aws
        .bucket(stack.ref('Photos'))
        .put(
          { key, bytes: Buffer.from(jpeg), contentType: 'image/jpeg', metadata, headers: {} },
          'Put',
        )
    },
    pump: deployment.work,
    nextDueMs: deployment.nextDueMs,
  }
}

// ---------------------------------------------------------------- the product

function functionLoader(
  { clock, log = quiet, between, cognito }: SimulatedCloudOptions,
  { post }: PushService,
) {
  const basics = { clock, log }
  /** Others than the simulated Cognito issue tokens in real time. */
  const signInsOf = (environment: Environment) =>
    wire(['signIns'], environment, cognito ? {} : { clock }).signIns
  const pushOf = (environment: Environment) =>
    webPushSender({
      ...{ settings: clientOptionsFor(environment), post },
      secret: noticeKeyOf(environment),
      contact: environment['NOTICE_CONTACT'] ?? '',
    })
  let whole: CloudDeps | null = null
  return {
    observer(environment: Environment): CloudDeps {
      const wired = wire(observedParts, environment, basics)
      whole = {
        ...wired,
        push: pushOf(environment),
        pictures: picturesJpeg,
        signIns: signInsOf(environment),
      }
      return between ? between(whole) : whole
    },
    load: (name: string, environment: Environment) =>
      startFunction(name, environment, {
        basics,
        around(deps) {
          const own = {
            ...deps,
            ...('push' in deps && { push: pushOf(environment) }),
            ...('signIns' in deps && { signIns: signInsOf(environment) }),
          }
          // A function uses only its own parts; `between` may look at any.
          return between && whole ? { ...own, ...between({ ...whole, ...own }) } : own
        },
      }),
  }
}

const noticeKeyOf = (environment: Environment): string => environment['NOTICE_KEY'] ?? ''

const observedParts = [
  'visits',
  'approvalRequests',
  'passcodes',
  'credentials',
  'calendars',
  'calendarFeeds',
  'visitors',
  'households',
  'household',
  'idempotency',
  'photos',
  'faces',
  'recognition',
  'frames',
  'recordings',
  'clips',
  'mail',
  'notices',
  'push',
  'sms',
  'doors',
  'introductions',
  'doorLogs',
  'doorStates',
  'secrets',
  'delayedQueue',
  'webOrigin',
  'frontKey',
] as const

const quiet: Log = { info() {}, warn() {}, error() {} }
