/**
 * What the functions are made of, wired by hand: one place knows which adapter fits which port, and
 * a function takes the parts it needs. Nothing here runs before a part is asked for, so a bundle
 * holds no more than its function's parts.
 */
import { randomBytes } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { IoTClient } from '@aws-sdk/client-iot'
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane'
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video'
import { KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media'
import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2'
import { RekognitionClient } from '@aws-sdk/client-rekognition'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { fragmentTagNames } from '../protocol/fragment-tags.ts'
import { doorsIot } from './adapters/doors-iot.ts'
import { facesRekognition } from './adapters/faces-rekognition.ts'
import { framesKinesisVideo } from './adapters/frames-kinesis-video.ts'
import { mediaEndpoints } from './adapters/frames-kinesis-video-endpoint.ts'
import { householdsDynamodb } from './adapters/households-dynamodb.ts'
import { laterSqs } from './adapters/later-sqs.ts'
import { mailSes } from './adapters/mail-ses.ts'
import { onceDynamodb } from './adapters/once-dynamodb.ts'
import { passcodesDynamodb } from './adapters/passcodes-dynamodb.ts'
import { photosS3 } from './adapters/photos-s3.ts'
import { picturesJpeg } from './adapters/pictures-jpeg.ts'
import { recordingsKinesisVideo } from './adapters/recordings-kinesis-video.ts'
import { requestsDynamodb } from './adapters/requests-dynamodb.ts'
import { secretsManager } from './adapters/secrets-manager.ts'
import { signInsCognito } from './adapters/sign-ins-cognito.ts'
import { textsEndUserMessaging } from './adapters/texts-end-user-messaging.ts'
import { textsSns } from './adapters/texts-sns.ts'
import { thingsIot } from './adapters/things-iot.ts'
import { visitorsDynamodb } from './adapters/visitors-dynamodb.ts'
import { visitsDynamodb } from './adapters/visits-dynamodb.ts'
import { awsSettings } from './aws-settings.ts'
import { settings } from './config.ts'
import { shippedRecognition } from './core/sighting.ts'
import { rememberedHouseholds } from './households.ts'
import type { Clock, Log, Texts } from './ports.ts'

export const clock: Clock = { nowMs: () => Date.now() }

export const newId = (): string => randomBytes(16).toString('hex')

// ---------------------------------------------------------------- logs

const line = (level: string) => (data: object, text: string) =>
  void process.stdout.write(`${JSON.stringify({ level, text, ...plain(data) })}\n`)

/** One JSON line for each thing that happened: ids and words of ours, nothing of a person's. */
export const log: Log = { info: line('info'), warn: line('warn'), error: line('error') }

/** An error is told by its names only: its message may repeat what a service was sent. */
const plain = (data: object): object =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, namesOf(value)]))

const namesOf = (value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, ...('code' in value && { code: value.code }) }
    : value

// ---------------------------------------------------------------- parts

/** One connection for all that a function keeps. */
export const dynamodb = () =>
  DynamoDBDocumentClient.from(new DynamoDBClient(awsSettings), {
    marshallOptions: { removeUndefinedValues: true },
  })

export function visits(client = dynamodb()) {
  return visitsDynamodb({ client, table: settings('VISITS_TABLE').VISITS_TABLE, log })
}

export function once(client = dynamodb()) {
  return onceDynamodb({ client, table: settings('VISITS_TABLE').VISITS_TABLE })
}

export function requests(client = dynamodb()) {
  const { VISITS_TABLE, VISITORS_TABLE } = settings('VISITS_TABLE', 'VISITORS_TABLE')
  const tables = { visitsTable: VISITS_TABLE, visitorsTable: VISITORS_TABLE }
  return requestsDynamodb({ client, ...tables })
}

export function passcodes(client = dynamodb()) {
  const { VISITS_TABLE, PASSCODES_TABLE } = settings('VISITS_TABLE', 'PASSCODES_TABLE')
  const tables = { visitsTable: VISITS_TABLE, passcodesTable: PASSCODES_TABLE }
  return passcodesDynamodb({ client, ...tables })
}

export function visitors(client = dynamodb()) {
  return visitorsDynamodb({ client, table: settings('VISITORS_TABLE').VISITORS_TABLE, log })
}

export function households(client = dynamodb()) {
  const table = settings('VISITORS_TABLE').VISITORS_TABLE
  return householdsDynamodb({ client, table })
}

export const household = (client = dynamodb()) => rememberedHouseholds(households(client), clock)

export function photos() {
  return photosS3({
    client: new S3Client(awsSettings),
    bucket: settings('PHOTOS_BUCKET').PHOTOS_BUCKET,
  })
}

export const pictures = () => picturesJpeg()

export const faces = () => facesRekognition({ client: new RekognitionClient(awsSettings) })

export const frames = () =>
  framesKinesisVideo({
    endpoints: mediaEndpoints(new KinesisVideoClient(awsSettings), clock),
    clientAt: (endpoint) => new KinesisVideoMediaClient({ ...awsSettings, endpoint }),
    ffmpeg: settings('FFMPEG_PATH').FFMPEG_PATH ?? 'ffmpeg',
    tagNames: fragmentTagNames,
  })

export function recordings(at: Clock = clock) {
  const client = new KinesisVideoClient(awsSettings)
  return recordingsKinesisVideo({
    clipEndpoints: mediaEndpoints(client, at, 'GET_CLIP'),
    hlsEndpoints: mediaEndpoints(client, at, 'GET_HLS_STREAMING_SESSION_URL'),
    region: client.config.region,
    credentials: client.config.credentials,
    clock: at,
  })
}

export const webOrigin = () => settings('WEB_ORIGIN').WEB_ORIGIN

export const recognition = shippedRecognition

export function mail() {
  return mailSes({ client: new SESv2Client(awsSettings), from: settings('MAIL_FROM').MAIL_FROM })
}

export function texts(): Texts {
  const { TEXTS, SMS_ORIGIN, SMS_TEMPLATE_ID } = settings('TEXTS', 'SMS_ORIGIN', 'SMS_TEMPLATE_ID')
  if (TEXTS === 'sns') {
    return textsSns({ client: new SNSClient(awsSettings), senderId: SMS_ORIGIN ?? null })
  }
  const templateId = TEXTS === 'notify' ? (SMS_TEMPLATE_ID ?? null) : null
  const voice = new PinpointSMSVoiceV2Client(awsSettings)
  return textsEndUserMessaging({ client: voice, origin: SMS_ORIGIN ?? '', templateId })
}

export const doors = () => doorsIot({ client: new IoTDataPlaneClient(awsSettings) })

export const things = () => thingsIot({ client: new IoTClient(awsSettings) })

export const secrets = () =>
  secretsManager({ client: new SecretsManagerClient(awsSettings), clock })

export function later() {
  const { CHECK_GRANT_QUEUE_URL, SETTLE_VISIT_QUEUE_URL } = settings(
    'CHECK_GRANT_QUEUE_URL',
    'SETTLE_VISIT_QUEUE_URL',
  )
  const urls = { checkGrantUrl: CHECK_GRANT_QUEUE_URL, settleVisitUrl: SETTLE_VISIT_QUEUE_URL }
  return laterSqs({ client: new SQSClient(awsSettings), ...urls })
}

export function signIns() {
  const { COGNITO_ISSUER, COGNITO_CLIENT_ID } = settings('COGNITO_ISSUER', 'COGNITO_CLIENT_ID')
  return signInsCognito({ issuer: COGNITO_ISSUER, clientId: COGNITO_CLIENT_ID, clock })
}

/** Whatever decides about a face needs all of it, and one connection to its tables. */
export function sightingParts() {
  const client = dynamodb()
  return {
    photos: photos(),
    pictures: pictures(),
    faces: faces(),
    recognition,
    visits: visits(client),
    visitors: visitors(client),
    requests: requests(client),
    passcodes: passcodes(client),
    once: once(client),
    household: household(client),
    secrets: secrets(),
    doors: doors(),
    mail: mail(),
    later: later(),
    webOrigin: webOrigin(),
    clock,
    newId,
    log,
  }
}
