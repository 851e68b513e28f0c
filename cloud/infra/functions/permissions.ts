/**
 * What a function can be allowed to do, each with the settings it then needs. An ending `*` stands
 * for names under one of ours, such as the doors that are still to come; a bare `*` is only where
 * AWS knows no resource, and says so.
 */
import { Aws } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { commandTopic } from '../../../protocol/topics.ts'
import type { Queues } from '../data/queues.ts'
import { type Tables, visitorsIndex, visitsIndex } from '../data/tables.ts'
import type { TextOrigin } from '../notices/sms.ts'

export interface Permission {
  readonly statements: readonly PolicyStatement[]
  readonly environment: Readonly<Record<string, string>>
  /** Why a `*` in it is as narrow as it gets. */
  readonly because?: string
}

export interface World {
  readonly pages: Pages
  readonly tables: Tables
  readonly photos: Bucket
  readonly queues: Queues
  readonly mailFrom: string
  readonly texts: TextOrigin
  readonly ffmpegLayer: string | undefined
  readonly claimableDoors: readonly string[]
}

/** Where the pages are, and who signs people in to them. */
export interface Pages {
  readonly webOrigin: string
  readonly issuer: string
  readonly clientId: string
}

/** Resources of this account and region. */
export const arn = (service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`

const allow = (actions: string[], ...resources: string[]): PolicyStatement =>
  new PolicyStatement({ actions, resources })

const own = 'Only names of our own, among them doors and people that are still to come.'

// ---------------------------------------------------------------- tables

// No Scan anywhere: whoever writes one finds out before it costs anything.
const reads = ['dynamodb:GetItem', 'dynamodb:Query']
// Nothing is deleted either: lines are closed, and go by their own time.
const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem']

const onTables = ({ tables: { visits, visitors, passcodes } }: World) => {
  const visitsSetting = { VISITS_TABLE: visits.tableName }
  const visitorsSetting = { VISITORS_TABLE: visitors.tableName }
  // A code is issued in one write to both tables; naming the other one allows nothing.
  const passcodesSetting = { PASSCODES_TABLE: passcodes.tableName, ...visitsSetting }
  const index = (table: { tableArn: string }, name: string) => `${table.tableArn}/index/${name}`
  return {
    'read-visits': may(visitsSetting, allow(reads, visits.tableArn, index(visits, visitsIndex))),
    'write-visits': may(visitsSetting, allow(writes, visits.tableArn)),
    'read-visitors': may(
      visitorsSetting,
      allow(reads, visitors.tableArn, index(visitors, visitorsIndex)),
    ),
    'write-visitors': may(visitorsSetting, allow(writes, visitors.tableArn)),
    'add-members': may(visitorsSetting, allow(['dynamodb:PutItem'], visitors.tableArn)),
    'read-passcodes': may(passcodesSetting, allow(reads, passcodes.tableArn)),
    'write-passcodes': may(passcodesSetting, allow(writes, passcodes.tableArn)),
  }
}

// ---------------------------------------------------------------- photos

const onPhotos = ({ photos }: World) => {
  const setting = { PHOTOS_BUCKET: photos.bucketName }
  const under = (action: string, ...prefixes: string[]) =>
    allow([`s3:${action}`], ...prefixes.map((prefix) => photos.arnForObjects(`${prefix}/*`)))
  // Without it S3 answers "forbidden" instead of "not there" for a photo that was deleted.
  const list = () => allow(['s3:ListBucket'], photos.bucketArn)
  const read = (...prefixes: string[]) => may(setting, list(), under('GetObject', ...prefixes))
  return {
    'read-snapshots': narrow(own, read('snapshots')),
    'read-faces': narrow(own, read('faces')),
    'write-faces': narrow(own, may(setting, under('PutObject', 'faces'))),
    'read-visitor-photos': narrow(own, read('visitors')),
    'write-visitor-photos': narrow(
      own,
      may(setting, under('PutObject', 'visitors'), under('DeleteObject', 'visitors')),
    ),
    'forget-visitor-photos': narrow(own, may(setting, list(), under('DeleteObject', 'visitors'))),
    // Whoever is deleted goes out of the pictures that doors took, too.
    'forget-seen-photos': narrow(
      own,
      may(setting, list(), under('DeleteObject', 'snapshots', 'faces', 'clips')),
    ),
    // Reading is for the address that a clip is fetched from, which can do no more than its signer.
    'keep-clips': narrow(
      own,
      may(setting, under('PutObject', 'clips'), under('GetObject', 'clips')),
    ),
    // What a signed form allows a browser is what its signer is allowed.
    'upload-photos': narrow(own, may(setting, under('PutObject', 'raw'))),
    'take-uploads': narrow(
      own,
      may(
        ...([setting, list(), under('GetObject', 'raw')] as const),
        ...[under('PutObject', 'processed'), under('DeleteObject', 'raw')],
      ),
    ),
  }
}

// ---------------------------------------------------------------- everything else

const collections = arn('rekognition', 'collection/smart-door-*')
const faceCalls = (...actions: string[]) => allow(actions, collections)

const onFaces = () => ({
  'find-faces': narrow(
    'Rekognition knows no resource for calls that only look at the picture handed in.',
    may({}, allow(['rekognition:DetectFaces', 'rekognition:CompareFaces'], '*')),
  ),
  'search-faces': narrow(own, may({}, faceCalls('rekognition:SearchFacesByImage'))),
  // A household may be younger than the last deployment, and its collection not made yet.
  'remember-faces': narrow(
    own,
    may({}, faceCalls('rekognition:IndexFaces', 'rekognition:CreateCollection')),
  ),
  'forget-faces': narrow(
    own,
    may({}, faceCalls('rekognition:ListFaces', 'rekognition:DeleteFaces')),
  ),
})

const onDoors = ({ queues: { checkGrant, settleVisit }, claimableDoors }: World) => ({
  claims: may(
    { CLAIMABLE_DOORS: claimableDoors.join(',') },
    allow(
      ['iot:ListThingPrincipals'],
      ...claimableDoors.map((name) => arn('iot', `thing/${name}`)),
    ),
  ),
  'door-keys': narrow(
    own,
    may(
      {},
      allow(
        ['secretsmanager:GetSecretValue'],
        arn('secretsmanager', 'secret:smart-door/door-key/*'),
      ),
    ),
  ),
  'tell-doors': narrow(
    own,
    may({}, allow(['iot:Publish'], arn('iot', `topic/${commandTopic('*', '*')}`))),
  ),
  'read-video': narrow(
    own,
    may(
      { FFMPEG_PATH: '/opt/bin/ffmpeg' },
      allow(
        ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMedia'],
        arn('kinesisvideo', 'stream/*_*/*'),
      ),
    ),
  ),
  // `GetHLSStreamingSessionURL` hands its right on to whoever has the address.
  'show-video': narrow(
    own,
    may(
      {},
      allow(
        [
          ...['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetClip'],
          'kinesisvideo:GetHLSStreamingSessionURL',
        ],
        arn('kinesisvideo', 'stream/*_*/*'),
      ),
    ),
  ),
  later: may(
    { CHECK_GRANT_QUEUE_URL: checkGrant.queueUrl, SETTLE_VISIT_QUEUE_URL: settleVisit.queueUrl },
    allow(['sqs:SendMessage'], checkGrant.queueArn, settleVisit.queueArn),
  ),
})

const onPeople = ({ mailFrom, texts, pages }: World) => ({
  // While an account is in SES's sandbox, recipients count as identities too; the sender is fixed.
  mail: narrow(
    'Only ever from our own address; SES asks for the identity of recipients too while it is on trial.',
    may(
      { MAIL_FROM: mailFrom },
      new PolicyStatement({
        // Inline pictures make a mail of the second kind.
        actions: ['ses:SendEmail', 'ses:SendRawEmail'],
        resources: [arn('ses', 'identity/*'), arn('ses', 'configuration-set/smart-door')],
        conditions: { StringEquals: { 'ses:FromAddress': mailFrom } },
      }),
    ),
  ),
  texts: narrow(texts.because, may(texts.environment, ...texts.statements())),
  'web-origin': may({ WEB_ORIGIN: pages.webOrigin }),
  'sign-ins': may({ COGNITO_ISSUER: pages.issuer, COGNITO_CLIENT_ID: pages.clientId }),
})

const may = (
  environment: Permission['environment'],
  ...statements: PolicyStatement[]
): Permission => ({ environment, statements })

const narrow = (because: string, permission: Permission): Permission => ({ ...permission, because })

/** Statements belong to one role each, so they are made anew for each. */
export const permissionsIn = (world: World) =>
  ({
    ...onTables(world),
    ...onPhotos(world),
    ...onFaces(),
    ...onDoors(world),
    ...onPeople(world),
  }) satisfies Record<string, Permission>

export type PermissionName = keyof ReturnType<typeof permissionsIn>
