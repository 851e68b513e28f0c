/**
 * The real cloud half on this machine: the functions of the product, wired as in AWS, with their
 * real SDK clients, beside stand-ins for the services. What AWS does between them happens here:
 * uploads and notes become events, events are delivered again when a function fails.
 */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { clientOptionsFor } from '../../cloud/aws/client-options.ts'
import { accountsCognito } from '../../cloud/aws/cognito/accounts.ts'
import { wire } from '../../cloud/aws/wiring.ts'
import type { Environment } from '../../cloud/config.ts'
import { picturesJpeg } from '../../cloud/jpeg/pictures.ts'
import type { Household } from '../../cloud/members/core/household.ts'
import type { Clock, CloudContext, Log } from '../../cloud/ports.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import { eventTopic } from '../../protocol/topics.ts'
import { createTables } from '../aws/dynamodb/hand-made-tables.ts'
import type { PublishedMessage } from '../aws/iot/data-plane.ts'
import type { S3Event } from '../aws/s3/objects.ts'
import { type AwsServer, startAws, type Tables } from '../aws/server.ts'
import type { SqsEvent } from '../aws/sqs/queues.ts'
import { addHouseholds } from './households.ts'
import { memberPool, type SignInSettings } from './member-pool.ts'

/** All of it, except what only the function `claim-door` uses. */
export type CloudDeps = Omit<CloudContext, 'doorRegistry' | 'claimableDoors' | 'accounts'>

export interface SimulatedCloudOptions {
  readonly clock: Clock
  readonly log?: Log
  /** Door keys in hex, by door. */
  readonly doorKeys: Readonly<Record<string, string>>
  readonly households: readonly Household[]
  readonly webOrigin?: string
  /** Who signs people in; the simulated Cognito without it. */
  readonly cognito?: SignInSettings
  /** Shown where people sign in. */
  readonly signInHint?: string
  /** Where the tables are stored; in memory without it. */
  readonly folder?: string
  /** A door's snapshot has arrived. */
  readonly uploaded?: () => void
  /** What is published to doors. */
  readonly toDoor?: (topic: string, text: string) => void
  /** Stands between the functions and their ports, for faults that no service would cause. */
  readonly between?: (deps: CloudDeps) => CloudDeps
}

export interface SimulatedCloud {
  readonly aws: AwsServer
  readonly dynamodb: Tables
  readonly deps: CloudDeps
  readonly userPoolId: string
  /** As Lambda calls them. */
  readonly functions: Awaited<ReturnType<typeof functionsOf>>
  /** As the IoT rule does: a function that fails is run again, twice at most. */
  fromDoor(message: DoorMessage): Promise<void>
  /** Puts a still where a door does. */
  upload(key: string, jpeg: Uint8Array, visitNumber: number): void
  /** Hands on everything that is due by now, until nothing more is. */
  pump(): Promise<void>
  /** When there will be something to hand on. */
  nextDueMs(): number | null
  close(): Promise<void>
}

export const photosBucket = 'smart-door-photos'
/** Signed with, and checked, as real ones are. */
export const simulatedKeys = { accessKeyId: 'test', secretAccessKey: 'test' } as const
const tables = { visits: 'visits', visitors: 'visitors', passcodes: 'passcodes' }
const queues = ['snapshots', 'uploads', 'check-grant', 'settle-visit'] as const
type QueueName = (typeof queues)[number]

export async function startSimulatedCloud(options: SimulatedCloudOptions): Promise<SimulatedCloud> {
  const nowMs = options.clock.nowMs
  const aws = await startAws({
    nowMs,
    tablesFolder: options.folder,
    buckets: [photosBucket],
    // A door's stream is named after it.
    videoStreams: Object.keys(options.doorKeys),
    queues: Object.fromEntries(queues.map((name) => [name, { maxReceives: 5 }])),
    secrets: Object.fromEntries(
      Object.entries(options.doorKeys).map(([doorId, key]) => [
        `smart-door/door-key/${doorId}`,
        key,
      ]),
    ),
    cognito: {
      invoke: (_, event) => functions.firstLogin(event),
      ...(options.signInHint !== undefined && { hint: options.signInHint }),
    },
    onObjectCreated: (event) => queueUpload(event),
    onPublish: ({ topic, payload }: PublishedMessage) =>
      options.toDoor?.(topic, Buffer.from(payload).toString('utf8')),
  })
  const queueUpload = (event: S3Event): void => {
    const name = queueFor(event)
    if (name) aws.queue(name).put(JSON.stringify(event), nowMs())
    if (name === 'snapshots') options.uploaded?.()
  }
  const { dynamodb } = aws
  const { userPoolId, ...signIn } = memberPool(aws.cognito, options.webOrigin ?? noPages)
  const environment = environmentOf(aws, options, options.cognito ?? signIn)
  await createTables(new DynamoDBClient(clientOptionsFor(environment)), tables)
  const deps = wired(environment, options)
  const accounts = accountsCognito(clientOptionsFor(environment), userPoolId)
  await addHouseholds({ ...deps, accounts }, options.households)
  const functions = await functionsOf(deps)
  dynamodb.listen(tables.visitors, (event) =>
    retried(() => whole(functions.visitorChanged(event))).catch((error) =>
      deps.log.error({ error }, 'change given up'),
    ),
  )

  const pumpOnce = async (): Promise<number> => {
    const handed = await Promise.all(
      queues.map((name) =>
        aws.queue(name).pump(nowMs(), (event) => functions.queued[name](event), { batchSize: 1 }),
      ),
    )
    await dynamodb.drained()
    return handed.reduce((sum, { done }) => sum + done, 0)
  }

  return {
    aws,
    dynamodb,
    deps,
    userPoolId,
    functions,
    fromDoor: (message) =>
      retried(() =>
        functions.fromDoor({ topic: eventTopic(message.doorId, message.type), ...message }),
      ),
    upload(key, jpeg, visitNumber) {
      const metadata = { 'visit-number': String(visitNumber) }
      aws
        .bucket(photosBucket)
        .put(
          { key, bytes: Buffer.from(jpeg), contentType: 'image/jpeg', metadata, headers: {} },
          'Put',
        )
    },
    async pump() {
      while ((await pumpOnce()) > 0);
    },
    nextDueMs: () => {
      const due = queues.map((name) => aws.queue(name).nextDueMs()).filter((at) => at !== null)
      return due.length > 0 ? Math.min(...due) : null
    },
    close: aws.close,
  }
}

function queueFor({ Records: [first] }: S3Event): QueueName | null {
  const key = first?.s3.object.key ?? ''
  if (key.startsWith('snapshots/')) return 'snapshots'
  return key.startsWith('raw/') ? 'uploads' : null
}

// ---------------------------------------------------------------- the product

const environmentOf = (
  aws: AwsServer,
  { webOrigin = noPages }: SimulatedCloudOptions,
  signIn: SignInSettings,
): Environment => ({
  AWS_REGION: aws.region,
  AWS_ACCESS_KEY_ID: simulatedKeys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: simulatedKeys.secretAccessKey,
  AWS_ENDPOINT_URL: aws.url,
  VISITS_TABLE: tables.visits,
  VISITORS_TABLE: tables.visitors,
  PASSCODES_TABLE: tables.passcodes,
  PHOTOS_BUCKET: photosBucket,
  CHECK_GRANT_QUEUE_URL: aws.queueUrl('check-grant'),
  SETTLE_VISIT_QUEUE_URL: aws.queueUrl('settle-visit'),
  WEB_ORIGIN: webOrigin,
  MAIL_FROM: 'door@example.org',
  SMS_PROVIDER: 'sns',
  COGNITO_ISSUER: signIn.issuer,
  COGNITO_CLIENT_ID: signIn.clientId,
})

const noPages = 'http://localhost:4200'

function wired(
  environment: Environment,
  { clock, cognito, log = quiet, between }: SimulatedCloudOptions,
): CloudDeps {
  // Others than the simulated Cognito issue tokens in real time.
  const { signIns } = wire(['signIns'], environment, cognito ? {} : { clock })
  const deps = { ...wire(parts, environment, { clock, log }), pictures: picturesJpeg, signIns }
  return between ? between(deps) : deps
}

const parts = [
  'visits',
  'approvalRequests',
  'passcodes',
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
  'sms',
  'doors',
  'introductions',
  'secrets',
  'delayedQueue',
  'webOrigin',
] as const

const quiet: Log = { info() {}, warn() {}, error() {} }

async function functionsOf(deps: CloudDeps) {
  const [fromDoor, visitorChanged, web, firstLogin, snapshot, upload, check, settle, stream] =
    await Promise.all([
      import('../../cloud/functions/from-door.ts'),
      import('../../cloud/functions/visitor-changed.ts'),
      import('../../cloud/functions/web.ts'),
      import('../../cloud/functions/first-login.ts'),
      import('../../cloud/functions/recognise-snapshot.ts'),
      import('../../cloud/functions/photo-uploaded.ts'),
      import('../../cloud/functions/check-grant.ts'),
      import('../../cloud/functions/settle-visit.ts'),
      import('../../cloud/functions/sighting-from-stream.ts'),
    ])
  type Queued = (event: SqsEvent) => ReturnType<ReturnType<typeof snapshot.makeHandler>>
  const queued: Record<QueueName, Queued> = {
    snapshots: snapshot.makeHandler(deps),
    uploads: upload.makeHandler(deps),
    'check-grant': check.makeHandler(deps),
    'settle-visit': settle.makeHandler(deps),
  }
  return {
    fromDoor: fromDoor.makeHandler(deps),
    visitorChanged: visitorChanged.makeHandler(deps),
    web: web.makeHandler(deps),
    firstLogin: firstLogin.makeHandler(deps),
    sightingFromStream: stream.makeHandler(deps),
    queued,
  }
}

/** As its stream does: a batch that was only done in part is one that failed. */
async function whole(done: Promise<{ batchItemFailures: readonly unknown[] }>): Promise<void> {
  if ((await done).batchItemFailures.length > 0) throw new Error('A change was not taken over.')
}

const tries = 3

/** Tries again after a fault, as Lambda does with an asynchronous event. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth += 1) {
    try {
      return await work()
    } catch (fault) {
      if (nth === tries) throw fault
    }
  }
}
