/** A browser's requests over TLS, from an address of choice. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Asked extends Pick<RequestOptions, 'method' | 'headers' | 'agent'> {
  readonly cookie?: string
  readonly body?: string
  /** As another device: 127.0.0.3, for instance. */
  readonly from?: string
}

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Resolves with the head of the answer. Certificates are not this client's subject. */
export async function open(port: number, path: string, asked: Asked = {}) {
  const { cookie, body, from, headers = {}, method, agent = false } = asked
  const sent = request({
    ...{ host: '127.0.0.1', port, path, agent, localAddress: from ?? '127.0.0.1' },
    rejectUnauthorized: false,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      host: 'door.local',
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  sent.end(body)
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  if (!answer) throw new Error('no answer')
  return answer
}

export async function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const answer = await open(port, path, asked)
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

/** What a browser sends back of a `set-cookie`. */
export const cookieIn = ({ headers }: Answer): string =>
  headers['set-cookie']?.[0]?.split(';')[0] ?? ''
