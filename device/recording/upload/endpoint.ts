/** Asks Kinesis Video where a stream's media has to be sent. */
import type { IncomingMessage } from 'node:http'
import * as z from 'zod/mini'
import { signed } from '../../aws/signature.ts'
import type { AwsCredentials } from '../../daemon/ports.ts'
import type { Failure } from '../core/failures.ts'
import { type NetworkOptions, refusalOf, requestTo, textOf } from './http.ts'

export interface EndpointQuestion {
  readonly controlUrl: string
  readonly region: string
  readonly streamName: string
  readonly credentials: AwsCredentials
  readonly nowMs: number
  readonly network: NetworkOptions
}

export type EndpointAnswer = { readonly endpoint: URL } | { readonly failure: Failure }

const answerShape = z.object({ DataEndpoint: z.string().check(z.minLength(1)) })

export async function dataEndpoint(question: EndpointQuestion): Promise<EndpointAnswer> {
  const { controlUrl, region, streamName, credentials, nowMs, network } = question
  const url = new URL('/getDataEndpoint', controlUrl)
  const body = JSON.stringify({ StreamName: streamName, APIName: 'PUT_MEDIA' })
  const headers = await signed(
    { url, body, headers: { 'content-type': 'application/json' } },
    credentials,
    region,
    nowMs,
  )
  return new Promise((resolve) => {
    const request = requestTo(url, headers, network)
    request.setTimeout(network.answerMs, () => request.destroy(new Error('ETIMEDOUT')))
    request.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ failure: { kind: 'network', code: error.code ?? 'ETIMEDOUT' } }),
    )
    request.once('response', (response) => void answerOf(response).then(resolve))
    request.end(body)
  })
}

async function answerOf(response: IncomingMessage): Promise<EndpointAnswer> {
  const text = await textOf(response)
  if (response.statusCode !== 200) return { failure: refusalOf(response, text) }
  const answer = answerShape.safeParse(jsonOf(text))
  const url = answer.success ? URL.parse(answer.data.DataEndpoint) : null
  // An answer that says nothing is one of the service's own faults, and waits like them.
  return url ? { endpoint: url } : { failure: { kind: 'http', status: 502, code: null } }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
