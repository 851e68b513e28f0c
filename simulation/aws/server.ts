/**
 * AWS on this machine, but for DynamoDB: one HTTP server that the real SDK clients talk to. It checks
 * every signature, answers in each service's own format, keeps what was sent where a test can read
 * it, and never says yes to a call that it does not know.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type FaultHandle, type Faults, faultPlan } from './faults.ts'
import { type IotControl, type IotControlOptions, iotControl } from './iot/control-plane.ts'
import { type Iot, iot, type PublishedMessage } from './iot/data-plane.ts'
import { jsonRefusal } from './json-services.ts'
import { type KinesisVideo, kinesisVideo } from './kinesis-video/kinesis-video.ts'
import { rekognition } from './rekognition/rekognition.ts'
import type { Bucket, S3Event } from './s3/objects.ts'
import { isForm, type S3, s3 } from './s3/s3.ts'
import { secrets } from './secrets.ts'
import { type SentMail, type Ses, ses } from './ses.ts'
import { type Credentials, scopeOf, type Verifier, verify } from './sigv4.ts'
import type { SentText } from './sms/phone.ts'
import { smsVoice } from './sms/sms-voice.ts'
import { type Sns, sns, type TopicMessage } from './sms/sns.ts'
import type { Queue, QueueOptions } from './sqs/queues.ts'
import { type Sqs, sqs } from './sqs/sqs.ts'
import { ssm } from './ssm.ts'
import {
  type Answer,
  AwsError,
  type AwsService,
  type Call,
  headerOf,
  requestId,
  type ServiceName,
} from './wire.ts'

export interface StandInOptions {
  readonly port?: number
  /** The services' own time. Signatures are checked by the time on the wall, as clients sign by it. */
  readonly nowMs?: () => number
  readonly region?: string
  readonly credentials?: readonly Credentials[]
  readonly buckets?: readonly string[]
  readonly queues?: Readonly<Record<string, QueueOptions>>
  /** ARNs. */
  readonly topics?: readonly string[]
  readonly secrets?: Readonly<Record<string, string>>
  readonly parameters?: ReadonlyMap<string, string>
  /** Words of templates for texts, with `{{code}}` for a variable. */
  readonly textTemplates?: Readonly<Record<string, string>>
  /** Names of streams of Kinesis Video. */
  readonly videoStreams?: readonly string[]
  /** Pages of these may upload forms to S3. */
  readonly corsOrigins?: readonly string[]
  readonly onObjectCreated?: (event: S3Event) => void
  readonly onPublish?: (message: PublishedMessage) => void
  readonly iotControl?: Omit<IotControlOptions, 'region'>
}

export interface StandIn {
  readonly url: string
  readonly region: string
  readonly mailbox: readonly SentMail[]
  readonly texts: readonly SentText[]
  readonly published: readonly PublishedMessage[]
  readonly iotControl: IotControl
  readonly notices: readonly TopicMessage[]
  /** Every call that was signed well, in the order they came. */
  readonly calls: readonly CallRecord[]
  readonly video: KinesisVideo
  bucket(name: string): Bucket
  queue(name: string): Queue
  queueUrl(name: string): string
  fault(fault: Fault): FaultHandle
  clearFaults(): void
  close(): Promise<void>
}

export interface CallRecord {
  readonly service: ServiceName
  readonly operation: string
}

interface Cloud {
  readonly services: ReadonlyMap<string, AwsService>
  readonly verifier: Verifier
  readonly faults: Faults
  readonly calls: CallRecord[]
  readonly corsOrigins: readonly string[]
  readonly video: KinesisVideo
}

const largestBodyBytes = 64 * 1024 * 1024

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { region = 'eu-central-1' } = options
  const server = createServer()
  const urlOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const texts: SentText[] = []
  const own = ownServices(options, region, texts, urlOf)
  const cloud: Cloud = {
    services: new Map(own.all.map((service) => [service.name, service])),
    verifier: own.verifier,
    faults: faultPlan(),
    calls: [],
    corsOrigins: options.corsOrigins ?? [],
    video: own.video,
  }
  server.on('request', (request, response) => void serve(request, response, cloud))
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: urlOf(),
    region,
    mailbox: own.ses.mailbox,
    texts,
    published: own.iot.published,
    iotControl: own.iotControl,
    notices: own.sns.notices,
    calls: cloud.calls,
    video: own.video,
    bucket: own.s3.bucket,
    queue: own.sqs.queue,
    queueUrl: own.sqs.queueUrl,
    fault: cloud.faults.add,
    clearFaults: cloud.faults.clear,
    close: () => close(server),
  }
}

interface OwnServices {
  readonly all: readonly AwsService[]
  readonly verifier: Verifier
  readonly s3: S3
  readonly ses: Ses
  readonly sns: Sns
  readonly sqs: Sqs
  readonly iot: Iot
  readonly iotControl: IotControl
  readonly video: KinesisVideo
}

function ownServices(
  options: StandInOptions,
  region: string,
  texts: SentText[],
  baseUrl: () => string,
): OwnServices {
  const { nowMs = Date.now, onObjectCreated, onPublish } = options
  const credentials = options.credentials ?? [{ accessKeyId: 'test', secretAccessKey: 'test' }]
  const verifier = { credentials, region, nowMs: Date.now, simulatedNowMs: nowMs }
  const named = {
    s3: s3({ nowMs, buckets: options.buckets ?? [], verifier, onObjectCreated }),
    ses: ses({ nowMs }),
    sns: sns({ nowMs, topics: options.topics ?? [], texts }),
    sqs: sqs({ nowMs, region, queues: options.queues ?? {}, baseUrl }),
    iot: iot({ nowMs, onPublish }),
    iotControl: iotControl({ region, ...options.iotControl }),
    video: kinesisVideo({
      nowMs,
      region,
      verifier,
      baseUrl,
      streams: options.videoStreams ?? [],
    }),
  }
  const object = (bucket: string, key: string) => named.s3.bucket(bucket).get(key)?.bytes ?? null
  const others = [
    smsVoice({ nowMs, texts, templates: options.textTemplates ?? {} }),
    rekognition({ region, object }),
    secrets({ nowMs, region, secrets: options.secrets ?? {} }),
    ssm({ nowMs, region, parameters: options.parameters ?? new Map() }),
  ]
  return { ...named, verifier, all: [...Object.values(named), ...others] }
}

// ---------------------------------------------------------------- one call

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  cloud: Cloud,
): Promise<void> {
  // Video goes on and on: it is answered while it is still being sent.
  if (cloud.video.streams(request)) return cloud.video.serve(request, response)
  try {
    const call = await readCall(request)
    const cors = corsHeaders(call, cloud)
    if (cors && call.method === 'OPTIONS') return send(response, { status: 200 }, cors)
    const answer = await answered(call, cloud, response)
    if (answer) send(response, answer, cors ?? {})
  } catch {
    // Half a request, or one too long for anything: there is nobody left to tell.
    request.socket.destroy()
  }
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > largestBodyBytes) throw new Error('The body is too long.')
    chunks.push(bytes)
  }
  const [rawPath = '/', ...query] = (request.url ?? '/').split('?')
  const rawQuery = query.join('?')
  return {
    method: request.method ?? '',
    rawPath,
    rawQuery,
    // In a query of AWS a plus is a plus.
    query: new URLSearchParams(rawQuery.replaceAll('+', '%2B')),
    headers: request.headers,
    body: Buffer.concat(chunks),
  }
}

async function answered(
  call: Call,
  cloud: Cloud,
  response: ServerResponse,
): Promise<Answer | null> {
  const service = serviceOf(call, cloud)
  if (!service) return noService(call)
  try {
    if (scopeOf(call) || !isForm(call)) verify(call, cloud.verifier)
    const operation = service.operationOf(call)
    if (!operation) throw notKnown(service, call)
    cloud.calls.push({ service: service.name, operation })
    const fault = cloud.faults.next(service.name, operation)
    if (!fault) return await service.answer(operation, call)
    return await withFault({ fault, service, operation, call, response })
  } catch (error) {
    return service.refuse(asAwsError(error, service, call), call)
  }
}

/** By the scope of the signature; what is not signed goes to whom it looks to be meant for. */
function serviceOf(call: Call, { services }: Cloud): AwsService | null {
  const scope = scopeOf(call)
  if (scope) return services.get(scope.service) ?? null
  const known = [...services.values()].find((one) => one.name !== 's3' && one.operationOf(call))
  return known ?? services.get('s3') ?? null
}

const notKnown = ({ name }: AwsService, call: Call): AwsError => {
  const what = headerOf(call, 'x-amz-target') ?? `${call.method} ${call.rawPath}`
  const code = name === 's3' ? 'NotImplemented' : 'UnknownOperationException'
  return new AwsError(501, code, `The stand-in for ${name} does not know ${what}.`)
}

const noService = (call: Call): Answer => {
  const said = `There is no stand-in for ${scopeOf(call)?.service}.`
  return jsonRefusal(new AwsError(501, 'UnknownOperationException', said), 'application/json')
}

/** A mistake of the stand-in itself is a fault of the service, not one of the caller. */
function asAwsError(error: unknown, service: AwsService, call: Call): AwsError {
  if (!(error instanceof AwsError)) {
    const name = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
    return new AwsError(500, service.name === 's3' ? 'InternalError' : 'InternalFailure', name)
  }
  const code = service.name === 's3' ? null : jsonCodes[error.code]
  if (!code || (service.name === 'sns' && call.body.length > 0)) return error
  return new AwsError(error.status, code, error.message)
}

/** S3 and the query services have names of their own for what is wrong with a signature. */
const jsonCodes: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: 'InvalidSignatureException',
  InvalidAccessKeyId: 'UnrecognizedClientException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
}

// ---------------------------------------------------------------- faults

interface Struck {
  readonly fault: Fault
  readonly service: AwsService
  readonly operation: string
  readonly call: Call
  readonly response: ServerResponse
}

/** Null when there will be no answer. */
async function withFault(struck: Struck): Promise<Answer | null> {
  const { fault, service, operation, call } = struck
  if (fault.kind === 'slow' && fault.when !== 'after') await sleep(fault.delayMs)
  const slow = fault.kind === 'slow'
  const takesEffect = slow || fault.when === 'after'
  const answer = takesEffect ? await service.answer(operation, call) : null
  if (slow) {
    if (fault.when === 'after') await sleep(fault.delayMs)
    return answer
  }
  return instead(struck)
}

function instead({ fault, service, call, response }: Struck): Answer | null {
  switch (fault.kind) {
    case 'throttle': {
      const { status, code } = service.throttled
      return service.refuse(new AwsError(status, code, 'Rate exceeded'), call)
    }
    case 'error': {
      const { status = 500, code = defaultCode(service) } = fault
      return service.refuse(new AwsError(status, code, 'A fault that was asked for.'), call)
    }
    case 'reset':
      response.socket?.resetAndDestroy()
      return null
    default:
      return null
  }
}

const defaultCode = ({ name }: AwsService): string =>
  name === 's3' ? 'InternalError' : name === 'sns' ? 'InternalError' : 'InternalServerException'

// ---------------------------------------------------------------- sending

function corsHeaders(call: Call, { corsOrigins }: Cloud): Record<string, string> | null {
  const origin = headerOf(call, 'origin')
  if (origin === null || !corsOrigins.includes(origin)) return null
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, PUT, POST, HEAD',
    'access-control-allow-headers': '*',
    'access-control-expose-headers': 'etag',
    vary: 'origin',
  }
}

function send(response: ServerResponse, answer: Answer, more: Record<string, string>): void {
  const body = answer.body ?? ''
  const bodiless = answer.status === 204 || answer.status === 304
  response.writeHead(answer.status, {
    'x-amz-request-id': requestId(),
    ...(bodiless ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...more,
    ...answer.headers,
  })
  // Node leaves the body of an answer to HEAD out by itself.
  response.end(body)
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
