/** An AWS service with scripted replies, for replies that the stand-ins never give. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { retries } from '../../../cloud/aws/client-options.ts'
import { portOf } from './port-of.ts'

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
}

export interface ScriptedService {
  readonly url: string
  /** The bodies of all requests so far. */
  readonly asked: readonly string[]
  /** The reply to every request from now on; null leaves requests unanswered. */
  answer(reply: Reply | null): void
  close(): Promise<void>
}

export async function startScriptedService(): Promise<ScriptedService> {
  const asked: string[] = []
  let reply: Reply | null = null
  const server = createServer(async (request, response) => {
    asked.push(await textOf(request))
    if (reply) send(response, reply)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    asked,
    answer: (next) => {
      reply = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}

export const json = (status: number, body: object, version: '1.0' | '1.1' = '1.1'): Reply => ({
  status,
  type: `application/x-amz-json-${version}`,
  body: JSON.stringify(body),
})

export const xml = (status: number, body: string): Reply => ({ status, type: 'text/xml', body })

/** The production settings of a client, for a service on this machine. */
export const clientSettings = (url: string) => ({
  ...retries,
  endpoint: url,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})
export type ClientSettings = ReturnType<typeof clientSettings>

/** One attempt with a short time-out. */
export const impatient = (settings: ClientSettings): ClientSettings => ({
  ...settings,
  maxAttempts: 1,
  requestHandler: { ...settings.requestHandler, requestTimeout: 100 },
})

/** Everything that a logger could print of the thrown error. */
export async function thrownBy(doing: Promise<unknown>): Promise<{ error: unknown; all: string }> {
  const error = await doing.then(
    () => 'nothing',
    (thrown: unknown) => thrown,
  )
  return { error, all: inspect(error, { depth: 20, showHidden: true, maxStringLength: null }) }
}
