/**
 * Permissions that a function can have, each with the environment variables that it then needs. A
 * resource ending in `*` covers names with a prefix of ours, such as future doors; a bare `*` is
 * used only where AWS has no resource to name.
 */
import { Aws } from 'aws-cdk-lib'
import type { UserPool } from 'aws-cdk-lib/aws-cognito'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { CloudBody } from '../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import type { Queues } from '../data/queues.ts'
import { type Tables, visitorsIndex, visitsIndex } from '../data/tables.ts'

export interface Permission {
  readonly statements: readonly PolicyStatement[]
  readonly environment: Readonly<Record<string, string>>
  /** Why a `*` in it cannot be narrower. */
  readonly wildcardReason?: string
}

/** What functions refer to: the other resources of the deployment and some settings. */
export interface World {
  readonly tables: Tables
  readonly photos: Bucket
  readonly queues: Queues
  /** Of the text service that the owner chose. */
  readonly texts: () => Permission
  readonly mailFrom: string
  readonly mailConfigurationSet: string
  readonly webOrigin: string
  readonly frontKey: string | null
  readonly userPool: UserPool
  /** The secret that the keys of pushes are made from. */
  readonly noticeKey: Secret
  /** Of the members' user pool. */
  readonly issuer: string
  readonly clientId: string
  readonly ffmpegLayer: string | undefined
  readonly claimableDoors: readonly string[]
  /** How many functions the account may run at once. */
  readonly lambdaConcurrency: number
}

/** A resource of this account and region. */
export const arn = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`

/** Statements belong to one role each, so every call makes new ones. */
export const permissionsFor = (world: World) =>
  ({
    ...tablePermissions(world),
    ...photoPermissions(world),
    ...facePermissions(),
    ...doorPermissions(world),
    ...videoPermissions(),
    ...otherPermissions(world),
  }) satisfies Record<string, Permission>

export type PermissionName = keyof ReturnType<typeof permissionsFor>

const allow = (actions: string[], ...resources: string[]): PolicyStatement =>
  new PolicyStatement({ actions, resources })

const may = (
  environment: Permission['environment'],
  ...statements: PolicyStatement[]
): Permission => ({ environment, statements })

const because = (wildcardReason: string, permission: Permission): Permission => ({
  ...permission,
  wildcardReason,
})

/** For resources whose names begin with a prefix of ours. */
const ownNames = (environment: Permission['environment'], ...statements: PolicyStatement[]) =>
  because(
    'Only names with our own prefix, which includes future doors and people.',
    may(environment, ...statements),
  )

// ---------------------------------------------------------------- tables

// No Scan: code that scans fails in a test instead of costing money later.
const reads = ['dynamodb:GetItem', 'dynamodb:Query']
// No DeleteItem: items are closed and expire by their ttl.
const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem']

function tablePermissions({ tables: { visits, visitors, passcodes } }: World) {
  const visitsTable = { VISITS_TABLE: visits.tableName }
  const visitorsTable = { VISITORS_TABLE: visitors.tableName }
  // A code is issued in one write to both tables. Naming the other table grants no access to it.
  const bothTables = { PASSCODES_TABLE: passcodes.tableName, ...visitsTable }
  const index = (table: { tableArn: string }, name: string) => `${table.tableArn}/index/${name}`
  return {
    'read-visits': may(visitsTable, allow(reads, visits.tableArn, index(visits, visitsIndex))),
    'write-visits': may(visitsTable, allow(writes, visits.tableArn)),
    'read-visitors': may(
      visitorsTable,
      allow(reads, visitors.tableArn, index(visitors, visitorsIndex)),
    ),
    'write-visitors': may(visitorsTable, allow(writes, visitors.tableArn)),
    // The invitation of the household says as what.
    'add-members': may(
      visitorsTable,
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], visitors.tableArn),
    ),
    'read-passcodes': may(bothTables, allow(reads, passcodes.tableArn)),
    'write-passcodes': may(bothTables, allow(writes, passcodes.tableArn)),
  }
}

// ---------------------------------------------------------------- photos

function photoPermissions({ photos }: World) {
  const bucket = { PHOTOS_BUCKET: photos.bucketName }
  const on = (action: string, ...prefixes: string[]) =>
    allow([`s3:${action}`], ...prefixes.map((prefix) => photos.arnForObjects(`${prefix}/*`)))
  // Without ListBucket S3 answers "forbidden" instead of "not found" for a deleted photo, whose key
  // then counts as the prefix.
  const list = (...prefixes: string[]) =>
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [photos.bucketArn],
      conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}/*`) } },
    })
  const read = (prefix: string) => ownNames(bucket, list(prefix), on('GetObject', prefix))
  return {
    'read-snapshots': read('snapshots'),
    'read-faces': read('faces'),
    'write-faces': ownNames(bucket, on('PutObject', 'faces')),
    'read-visitor-photos': read('visitors'),
    'write-visitor-photos': ownNames(
      bucket,
      on('PutObject', 'visitors'),
      on('DeleteObject', 'visitors'),
    ),
    'delete-visitor-photos': ownNames(bucket, list('visitors'), on('DeleteObject', 'visitors')),
    // A deleted visitor also disappears from what doors took.
    'delete-visit-photos': ownNames(
      bucket,
      list('snapshots', 'faces', 'clips', 'kept'),
      on('DeleteObject', 'snapshots', 'faces', 'clips', 'kept'),
    ),
    // What a member wants to keep does not expire.
    'keep-visit-photos': ownNames(
      bucket,
      list('kept'),
      on('GetObject', 'kept'),
      on('PutObject', 'kept'),
    ),
    // A signed address or form allows what its signer may do: here, to download a clip.
    'store-clips': ownNames(bucket, on('PutObject', 'clips'), on('GetObject', 'clips')),
    'read-processed': read('processed'),
    // And here, to upload a photo.
    'upload-photos': ownNames(bucket, on('PutObject', 'raw')),
    'process-uploads': ownNames(
      bucket,
      list('raw'),
      on('GetObject', 'raw'),
      on('PutObject', 'processed'),
      on('DeleteObject', 'raw'),
    ),
  }
}

// ---------------------------------------------------------------- faces and doors

function facePermissions() {
  const collections = arn('rekognition', 'collection/smart-door-*')
  const onCollections = (...actions: string[]) => ownNames({}, allow(actions, collections))
  return {
    'find-faces': because(
      'Rekognition has no resource for calls that only look at the picture in the request.',
      may({}, allow(['rekognition:DetectFaces', 'rekognition:CompareFaces'], '*')),
    ),
    'search-faces': onCollections('rekognition:SearchFacesByImage'),
    'add-faces': because(
      'Only names with our own prefix. AWS has no resource for creating a collection.',
      may(
        {},
        allow(['rekognition:IndexFaces'], collections),
        // A household gets its collection with its first face.
        allow(['rekognition:CreateCollection'], '*'),
      ),
    ),
    'delete-faces': onCollections('rekognition:ListFaces', 'rekognition:DeleteFaces'),
  }
}

function doorPermissions({ claimableDoors }: World) {
  const claimable = claimableDoors.map((name) => arn('iot', `thing/${name}`))
  const keys = arn('secretsmanager', 'secret:smart-door/door-key/*')
  return {
    'check-claims': may(
      { CLAIMABLE_DOORS: claimableDoors.join(',') },
      allow(['iot:ListThingPrincipals'], ...claimable),
    ),
    'door-keys': ownNames({}, allow(['secretsmanager:GetSecretValue'], keys)),
    ...commandPermissions(),
  }
}

/** The topic of a command names its type, so that few functions can move a lock. */
function commandPermissions() {
  const command = (type: CloudBody['type']) =>
    ownNames({}, allow(['iot:Publish'], arn('iot', `topic/${commandTopic('*', type)}`)))
  return {
    'send-grant': command('grant'),
    'send-revoke-grant': command('revoke-grant'),
    'send-visit-status': command('visit-status'),
    'send-unlock': command('unlock'),
    'send-lift-pause': command('lift-pause'),
    'send-watch-live': command('watch-live'),
    'send-set-mode': command('set-mode'),
    'send-new-sheet': command('new-sheet'),
    'send-time': command('time'),
    'send-settings': command('settings'),
    'send-visitor-changed': command('visitor-changed'),
    'send-visitor-removed': command('visitor-removed'),
    'send-visitor-seen': command('visitor-seen'),
    'send-state': command('state'),
  } satisfies Record<`send-${CloudBody['type']}`, Permission>
}

function videoPermissions() {
  const onStreams = (environment: Permission['environment'], ...calls: string[]) => {
    const actions = ['GetDataEndpoint', ...calls].map((call) => `kinesisvideo:${call}`)
    return ownNames(environment, allow(actions, arn('kinesisvideo', 'stream/*_*/*')))
  }
  return {
    'read-video': onStreams({ FFMPEG_PATH: '/opt/bin/ffmpeg' }, 'GetMedia'),
    'play-video': onStreams({}, 'GetClip', 'GetHLSStreamingSessionURL'),
  }
}

// ---------------------------------------------------------------- the rest

function otherPermissions(world: World) {
  const { mailFrom, mailConfigurationSet, texts, webOrigin, frontKey, userPool, issuer, clientId } =
    world
  const { checkGrant, settleVisit } = world.queues
  return {
    'delayed-queue': may(
      { CHECK_GRANT_QUEUE_URL: checkGrant.queueUrl, SETTLE_VISIT_QUEUE_URL: settleVisit.queueUrl },
      allow(['sqs:SendMessage'], checkGrant.queueArn, settleVisit.queueArn),
    ),
    mail: because(
      'Only from our own address. In the sandbox, SES also checks the identity of recipients.',
      may(
        { MAIL_FROM: mailFrom, MAIL_CONFIGURATION_SET: mailConfigurationSet },
        new PolicyStatement({
          // SES counts a mail with inline pictures as raw.
          actions: ['ses:SendEmail', 'ses:SendRawEmail'],
          resources: [
            arn('ses', 'identity/*'),
            arn('ses', `configuration-set/${mailConfigurationSet}`),
          ],
          conditions: { StringEquals: { 'ses:FromAddress': mailFrom } },
        }),
      ),
    ),
    pushes: may(
      { NOTICE_KEY: world.noticeKey.secretArn, NOTICE_CONTACT: `mailto:${mailFrom}` },
      allow(['secretsmanager:GetSecretValue'], world.noticeKey.secretArn),
    ),
    texts: texts(),
    'web-origin': may({ WEB_ORIGIN: webOrigin }),
    'front-key': may(frontKey === null ? {} : { FRONT_KEY: frontKey }),
    'sign-ins': may({ COGNITO_ISSUER: issuer, COGNITO_CLIENT_ID: clientId }),
    // Owners invite and remove people. It cannot list accounts, nor set a password of its own choice
    // for one that is in use.
    accounts: may(
      { USER_POOL_ID: userPool.userPoolId },
      allow(
        [
          'cognito-idp:AdminCreateUser',
          'cognito-idp:AdminDeleteUser',
          'cognito-idp:AdminGetUser',
          'cognito-idp:AdminUserGlobalSignOut',
        ],
        userPool.userPoolArn,
      ),
    ),
  }
}
