/** HTTP calls to Kinesis Video: GetDataEndpoint, and what PutMedia shares with it. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import * as z from 'zod/mini'
import { signed } from '../../aws/signature.ts'
import type { AwsCredentials } from '../../daemon/ports.ts'
import type { Failure } from '../core/failures.ts'

export interface NetworkOptions {
  readonly connectMs: number
  /** From a request to the head of its response. */
  readonly answerMs: number
  /** A connection on which nothing is accepted or acknowledged for so long is broken. */
  readonly silenceMs: number
  /** Certificates to trust besides the usual ones. */
  readonly ca?: string
}

interface EndpointRequest {
  readonly controlUrl: string
  readonly region: string
  readonly streamName: string
  readonly credentials: AwsCredentials
  readonly nowMs: number
  readonly network: NetworkOptions
}

export type EndpointAnswer = { readonly endpoint: URL } | { readonly failure: Failure }

/** The endpoint to send a stream's media to. */
export async function dataEndpoint(question: EndpointRequest): Promise<EndpointAnswer> {
  const { controlUrl, region, streamName, credentials, nowMs, network } = question
  const url = new URL('/getDataEndpoint', controlUrl)
  const body = JSON.stringify({ StreamName: streamName, APIName: 'PUT_MEDIA' })
  const unsigned = { url, body, headers: { 'content-type': 'application/json' } }
  const headers = await signed(unsigned, credentials, region, nowMs)
  return new Promise((resolve) => {
    const request = postTo(url, headers, network)
    request.setTimeout(network.answerMs, () => request.destroy(new Error('ETIMEDOUT')))
    request.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ failure: { kind: 'network', code: error.code ?? 'ETIMEDOUT' } }),
    )
    request.once('response', (response) => void endpointIn(response).then(resolve))
    request.end(body)
  })
}

const answerShape = z.object({ DataEndpoint: z.string().check(z.minLength(1)) })

async function endpointIn(response: IncomingMessage): Promise<EndpointAnswer> {
  const text = await textOf(response)
  if (response.statusCode !== 200) return { failure: refusalOf(response, text) }
  const answer = answerShape.safeParse(jsonOf(text))
  const url = answer.success ? URL.parse(answer.data.DataEndpoint) : null
  // A response without an endpoint is treated as an error of the service.
  return url ? { endpoint: url } : { failure: { kind: 'http', status: 502, code: null } }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function postTo(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { ca }: NetworkOptions,
): ClientRequest {
  const options = { method: 'POST', headers: { ...headers }, agent: false } as const
  if (url.protocol === 'http:') return httpRequest(url, options)
  return httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) })
}

/** A refusal is short; a longer body is not read to its end. */
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
    // The status has come and is enough.
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The error code is in a header or in the body, sometimes with a namespace or a URL. */
export function refusalOf({ statusCode = 0, headers }: IncomingMessage, text: string): Failure {
  const header = headers['x-amzn-errortype']
  const type =
    (typeof header === 'string' ? header : null) ?? /"__type"\s*:\s*"([^"]+)"/.exec(text)?.[1]
  const code = type?.split(':')[0]?.split('#').at(-1)?.trim()
  return { kind: 'http', status: statusCode, code: code || null }
}

/** Of an error before anything was sent, such as an invalid host name. */
export const failureOf = (error: unknown): Failure => ({
  kind: 'network',
  code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown',
})
