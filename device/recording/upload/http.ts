/** What both calls to Kinesis Video share: a request, and reading a refusal. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Failure } from '../core/failures.ts'

export interface NetworkOptions {
  readonly connectMs: number
  /** From a request to the head of its answer. */
  readonly answerMs: number
  /** As long as nothing is taken from us, or nothing is acknowledged. */
  readonly silenceMs: number
  /** Certificates to trust besides the usual ones. */
  readonly ca?: string
}

export function requestTo(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { ca }: NetworkOptions,
): ClientRequest {
  const options = { method: 'POST', headers: { ...headers }, agent: false } as const
  if (url.protocol === 'http:') return httpRequest(url, options)
  return httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) })
}

/** A refusal is short; whoever sends more is not read further. */
const longestRefusalBytes = 64 * 1024

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response) {
      const piece = Buffer.from(chunk)
      chunks.push(piece)
      bytes += piece.length
      if (bytes > longestRefusalBytes) break
    }
  } catch {
    // The status has come and says enough.
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The service names its refusals in a header, behind which it may add where it is defined. */
export function refusalOf({ statusCode = 0, headers }: IncomingMessage, text: string): Failure {
  const header = headers['x-amzn-errortype']
  const said =
    (typeof header === 'string' ? header : null) ?? /"__type"\s*:\s*"([^"]+)"/.exec(text)?.[1]
  const code = said?.split(':')[0]?.split('#').at(-1)?.trim()
  return { kind: 'http', status: statusCode, code: code || null }
}
