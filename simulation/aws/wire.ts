/** What every service of the stand-in shares: a call as it came in, an answer, and a refusal. */
import { createHash, randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type ServiceName =
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

export interface Call {
  readonly method: string
  /** As it was on the wire, still percent-encoded: a signature covers exactly this. */
  readonly rawPath: string
  readonly rawQuery: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface AwsService {
  readonly name: ServiceName
  /** The name of what is asked for, or null when it is nothing that this service knows. */
  operationOf(call: Call): string | null
  answer(operation: string, call: Call): Answer | Promise<Answer>
  refuse(error: AwsError, call: Call): Answer
  /** What this service says when it is asked too often. */
  readonly throttled: { readonly status: number; readonly code: string }
}

/** A refusal in AWS's own words. It is thrown, since it ends a call from wherever it shows. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const unknownOperation = (what: string): AwsError =>
  new AwsError(501, 'NotImplemented', `The stand-in does not know ${what}.`)

export const headerOf = (call: Call, name: string): string | null => {
  const value = call.headers[name]
  return (Array.isArray(value) ? value.join(',') : value) ?? null
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
  // XML 1.0 cannot say most control characters at all except as references.
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
