/** What all services share: a call as it came in, an answer, and a refusal. */
import { createHash, randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Need } from './iam/records.ts'

export type ServiceName =
  | 'dynamodb'
  | 's3'
  | 'ses'
  | 'sns'
  | 'sms-voice'
  | 'rekognition'
  | 'sqs'
  | 'iot'
  | 'iotdata'
  | 'secretsmanager'
  | 'ssm'
  | 'kinesisvideo'
  | 'cognito-idp'
  | 'cloudformation'
  | 'cloudfront'
  | 'lambda'
  | 'sts'

export interface Call {
  readonly method: string
  /** Percent-encoded, as on the wire: the signature covers exactly this. */
  readonly rawPath: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Asks for one more permission of the caller; absent where all is allowed. */
  readonly denied?: DeniedFor
}

/** The answer to a caller without this permission; null for one who has it. */
export type DeniedFor = (need: Need) => AwsError | null

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface AwsService {
  readonly name: ServiceName
  /** Null for an operation that this service does not know. */
  operationOf(call: Call): string | null
  answer(operation: string, call: Call): Answer | Promise<Answer>
  refuse(error: AwsError, call: Call): Answer
  /** How this service refuses too many calls. */
  readonly throttled: { readonly status: number; readonly code: string }
}

/** A refusal with AWS's own code, thrown from anywhere in a call. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly status: number
  readonly code: string

  /** More fields of the JSON body. */
  readonly more: object

  constructor(status: number, code: string, message: string, more: object = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }
}

export const unknownOperation = (what: string): AwsError =>
  new AwsError(501, 'NotImplemented', `The stand-in does not know ${what}.`)

export const headerOf = (call: Call, name: string): string | null => {
  const value = call.headers[name]
  return (Array.isArray(value) ? value.join(',') : value) ?? null
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsError(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
}

export const requestId = (): string => randomUUID()

export const hexOf = (algorithm: string, data: string | Uint8Array): string =>
  createHash(algorithm).update(data).digest('hex')

export const base64Of = (algorithm: string, data: string | Uint8Array): string =>
  createHash(algorithm).update(data).digest('base64')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

export const xmlText = (text: string): string =>
  // A parser would turn a bare carriage return into a line feed.
  text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign).replaceAll('\r', '&#xD;')

export const xmlDecoded = (text: string): string =>
  text
    .replace(/&#(x?)([0-9a-fA-F]+);/g, (_, hex: string, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)),
    )
    .replace(/&(lt|gt|quot|apos);/g, (whole) => {
      const found = Object.entries(entities).find(([, entity]) => entity === whole)
      return found?.[0] ?? whole
    })
    .replaceAll('&amp;', '&')
