/**
 * Builds the parts of the context that a function asks for. Almost every event needs the tables, so
 * their client is loaded at the start. All other clients are loaded at their first call.
 */
import { randomBytes } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { fragmentTagNames } from '../../protocol/fragment-tags.ts'
import { cachedIntroductions } from '../doors/introductions.ts'
import {
  type Environment,
  type Setting,
  type Settings,
  settingsIn,
} from '../function-environment.ts'
import { cachedHouseholds } from '../members/household-cache.ts'
import type { Basics, CloudContext, Log, Sms } from '../ports.ts'
import { shippedRecognition } from '../visits/core/sighting.ts'
import { clientOptionsFor } from './client-options.ts'
import { approvalRequestsDynamodb } from './dynamodb/approval-requests.ts'
import { calendarsDynamodb } from './dynamodb/calendars.ts'
import { credentialsDynamodb } from './dynamodb/credentials.ts'
import { doorLogsDynamodb } from './dynamodb/door-logs.ts'
import { doorStatesDynamodb } from './dynamodb/door-states.ts'
import { householdsDynamodb } from './dynamodb/households.ts'
import { idempotencyDynamodb } from './dynamodb/idempotency.ts'
import { introductionsDynamodb } from './dynamodb/introductions.ts'
import { noticesDynamodb } from './dynamodb/notices.ts'
import { passcodesDynamodb } from './dynamodb/passcodes.ts'
import { visitorsDynamodb } from './dynamodb/visitors.ts'
import { visitsDynamodb } from './dynamodb/visits/visits.ts'
import { lazy } from './lazy.ts'

/** Functions that decode pictures import the decoder themselves. */
export type Part = Exclude<keyof CloudContext, keyof Basics | 'pictures'>

/** Reads the settings of the named parts from the environment, and throws if one is missing. */
export function wire<Name extends Part>(
  names: readonly Name[],
  environment: Environment,
  overrides: Partial<Basics> = {},
): Pick<CloudContext, Name> & Basics {
  const base = { ...defaults, ...overrides }
  const surroundings = {
    ...base,
    options: clientOptionsFor(environment),
    settings: <S extends Setting>(...wanted: readonly S[]) => settingsIn(environment, ...wanted),
  }
  const parts = {
    ...tableParts(surroundings),
    ...storageParts(surroundings),
    ...videoParts(surroundings),
    ...messageParts(surroundings),
    ...webParts(surroundings),
  }
  const entries = names.map((name) => [name, parts[name]()])
  const wired: Pick<CloudContext, Name> = Object.fromEntries(entries)
  return { ...base, ...wired }
}

/** What the parts are built from. */
interface Surroundings extends Basics {
  readonly options: ReturnType<typeof clientOptionsFor>
  settings<S extends Setting>(...wanted: readonly S[]): Pick<Settings, S>
}

function tableParts({ clock, log, options, settings }: Surroundings) {
  let connection: DynamoDBDocumentClient | undefined
  const client = () => {
    connection ??= DynamoDBDocumentClient.from(new DynamoDBClient(options), {
      marshallOptions: { removeUndefinedValues: true },
    })
    return connection
  }
  const visitsTable = () => settings('VISITS_TABLE').VISITS_TABLE
  const visitorsTable = () => settings('VISITORS_TABLE').VISITORS_TABLE
  const passcodesTable = () => settings('PASSCODES_TABLE').PASSCODES_TABLE
  const households = () => householdsDynamodb({ client: client(), table: visitorsTable() })
  return {
    visits: () => visitsDynamodb({ client: client(), table: visitsTable(), log }),
    introductions: () =>
      cachedIntroductions(introductionsDynamodb({ client: client(), table: visitsTable() }), clock),
    doorLogs: () => doorLogsDynamodb({ client: client(), table: visitsTable() }),
    notices: () => noticesDynamodb({ client: client(), table: visitsTable() }),
    doorStates: () => doorStatesDynamodb({ client: client(), table: visitsTable() }),
    idempotency: () => idempotencyDynamodb({ client: client(), table: visitsTable() }),
    visitors: () => visitorsDynamodb({ client: client(), table: visitorsTable(), log }),
    households,
    household: () => cachedHouseholds(households(), clock),
    approvalRequests: () =>
      approvalRequestsDynamodb({
        client: client(),
        visitsTable: visitsTable(),
        visitorsTable: visitorsTable(),
      }),
    calendars: () => calendarsDynamodb({ client: client(), passcodesTable: passcodesTable() }),
    credentials: () => credentialsDynamodb({ client: client(), passcodesTable: passcodesTable() }),
    passcodes: () =>
      passcodesDynamodb({
        client: client(),
        visitsTable: visitsTable(),
        passcodesTable: passcodesTable(),
      }),
  }
}

const storageParts = ({ clock, options, settings }: Surroundings) => ({
  photos() {
    const { PHOTOS_BUCKET: bucket } = settings('PHOTOS_BUCKET')
    return lazy(async () => (await import('./s3/photos.ts')).photosS3(options, bucket))
  },
  clips() {
    const { PHOTOS_BUCKET: bucket } = settings('PHOTOS_BUCKET')
    return lazy(async () => (await import('./s3/clips.ts')).clipsS3(options, bucket, clock))
  },
  secrets: () =>
    lazy(async () => {
      const { secretsManager } = await import('./secrets-manager/secrets.ts')
      return secretsManager(options, clock)
    }),
})

const videoParts = ({ clock, options, settings }: Surroundings) => ({
  faces: () => lazy(async () => (await import('./rekognition/faces.ts')).facesRekognition(options)),
  recognition: () => shippedRecognition,
  frames() {
    const { FFMPEG_PATH: ffmpeg = 'ffmpeg' } = settings('FFMPEG_PATH')
    const tagNames = fragmentTagNames
    return lazy(async () => {
      const { framesKinesisVideo } = await import('./kinesis-video/frames.ts')
      return framesKinesisVideo({ settings: options, clock, ffmpeg, tagNames })
    })
  },
  recordings: () =>
    lazy(async () => {
      const { recordingsKinesisVideo } = await import('./kinesis-video/recordings.ts')
      return recordingsKinesisVideo({ settings: options, clock })
    }),
})

const messageParts = ({ options, settings }: Surroundings) => ({
  calendarFeeds: () =>
    lazy(async () => (await import('./calendar-feed/feed.ts')).calendarFeedsHttps()),
  mail() {
    const found = settings('MAIL_FROM', 'MAIL_CONFIGURATION_SET')
    const sender = { from: found.MAIL_FROM, configurationSet: found.MAIL_CONFIGURATION_SET }
    return lazy(async () => (await import('./ses/mail.ts')).mailSes(options, sender))
  },
  push() {
    const { NOTICE_KEY: secret, NOTICE_CONTACT: contact } = settings('NOTICE_KEY', 'NOTICE_CONTACT')
    return lazy(async () => {
      const { webPushSender } = await import('./web-push/push.ts')
      return webPushSender({ settings: options, secret, contact })
    })
  },
  sms: () => smsOf(options, settings('SMS_PROVIDER', 'SMS_ORIGIN', 'SMS_CONFIGURATION_SET')),
  doors: () => lazy(async () => (await import('./iot/doors.ts')).doorsIot(options)),
  doorRegistry: () =>
    lazy(async () => (await import('./iot/door-registry.ts')).doorRegistryIot(options)),
  delayedQueue() {
    const urls = settings('CHECK_GRANT_QUEUE_URL', 'SETTLE_VISIT_QUEUE_URL')
    return lazy(async () => {
      const { delayedQueueSqs } = await import('./sqs/delayed-queue.ts')
      return delayedQueueSqs(options, {
        checkGrant: urls.CHECK_GRANT_QUEUE_URL,
        settleVisit: urls.SETTLE_VISIT_QUEUE_URL,
      })
    })
  },
})

const webParts = ({ clock, options, settings }: Surroundings) => ({
  accounts() {
    const { USER_POOL_ID: pool } = settings('USER_POOL_ID')
    return lazy(async () => (await import('./cognito/accounts.ts')).accountsCognito(options, pool))
  },
  webOrigin: () => settings('WEB_ORIGIN').WEB_ORIGIN,
  frontKey: () => settings('FRONT_KEY').FRONT_KEY ?? null,
  claimableDoors: () => settings('CLAIMABLE_DOORS').CLAIMABLE_DOORS.split(','),
  signIns() {
    const found = settings('COGNITO_ISSUER', 'COGNITO_CLIENT_ID', 'WEB_ORIGIN')
    const { COGNITO_ISSUER: issuer, COGNITO_CLIENT_ID: clientId, WEB_ORIGIN: webOrigin } = found
    return lazy(async () => {
      const { signInsCognito } = await import('./cognito/sign-ins.ts')
      return signInsCognito({ issuer, clientId, webOrigin, clock })
    })
  },
})

/**
 * A new SMS provider is a file in `sms/`, a choice here, in `function-environment.ts` and in
 * `infra/settings.ts`, and its permission in `infra/notices`.
 */
const smsOf = (
  options: Surroundings['options'],
  found: Pick<Settings, 'SMS_PROVIDER' | 'SMS_ORIGIN' | 'SMS_CONFIGURATION_SET'>,
): Sms =>
  lazy(async () =>
    found.SMS_PROVIDER === 'sns'
      ? (await import('./sms/sns.ts')).smsSns(options, found.SMS_ORIGIN ?? null)
      : (await import('./sms/end-user-messaging.ts')).smsEndUserMessaging(options, {
          origin: found.SMS_ORIGIN ?? '',
          configurationSet: found.SMS_CONFIGURATION_SET,
        }),
  )

// ---------------------------------------------------------------- what every function has

const writeLog = (level: string) => (data: object, text: string) =>
  void process.stdout.write(`${JSON.stringify({ level, text, ...loggable(data) })}\n`)

/** JSON lines with ids and fixed texts, and nothing personal. */
const log: Log = { info: writeLog('info'), warn: writeLog('warn'), error: writeLog('error') }

/** The message of an error may quote what a service was sent, so only its names are logged. */
const loggable = (data: object): object =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      value instanceof Error
        ? { name: value.name, ...('code' in value && { code: value.code }) }
        : value,
    ]),
  )

const defaults: Basics = {
  clock: { nowMs: () => Date.now() },
  newId: () => randomBytes(16).toString('hex'),
  log,
}
