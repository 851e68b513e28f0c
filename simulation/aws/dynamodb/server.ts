/**
 * DynamoDB without AWS: dynalite behind a proxy that adds what it lacks, namely transactions, time
 * to live, the old item in a refusal, and streams. It also counts calls and fails on demand. It
 * hears this machine only, and never says that something worked which it does not know.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { type Counter, type Counts, counterOf, tablesOf } from './counts.ts'
import { type Fault, type Faults, faultsOf } from './faults.ts'
import { bodyOf, type Operations, operationsOf } from './operations.ts'
import { portOf } from './port.ts'
import { settingsOf } from './settings.ts'
import { openStore } from './store.ts'
import { type StreamListener, streamsOf } from './streams.ts'
import { conflictOf } from './transactions.ts'
import { type Body, type Reply, refusal } from './wire.ts'

export interface DynamodbOptions {
  /** Where to keep the tables; in memory without it. One process at a time. */
  readonly folder?: string
  /** A free one unless said. */
  readonly port?: number
  /** For times that the tables do not hold, such as how long a client's token is known. */
  readonly nowMs?: () => number
}

export interface Dynamodb {
  /** For a client's `endpoint`. Any region and credentials do. */
  readonly url: string
  counts(): Counts
  resetCounts(): void
  /** Gives back how to take the fault away. */
  fault(fault: Fault): () => void
  /** Deletes what has expired by then, in every table with a time to live. Says how many items. */
  expire(nowMs: number): Promise<number>
  /** Throws when the table was made without a stream. Gives back how to stop. */
  listen(table: string, listener: StreamListener): () => void
  /** Every listener has heard all. Throws what a listener threw. */
  drained(): Promise<void>
  close(): Promise<void>
}

export async function startDynamodb(options: DynamodbOptions = {}): Promise<Dynamodb> {
  const { folder = null, port = 0, nowMs = Date.now } = options
  if (folder !== null) mkdirSync(folder, { recursive: true })
  const settings = settingsOf(folder && join(folder, 'settings.json'))
  const store = await openStore(folder && join(folder, 'items'))
  const streams = streamsOf(settings, nowMs)
  const operations = operationsOf({ store, settings, streams, nowMs })
  const counter = counterOf()
  const faults = faultsOf()
  const closing = new AbortController()

  const answer = answerer({ operations, counter, faults, signal: closing.signal })
  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => send(response, reply),
      (fault) => send(response, broken(`The stand-in failed: ${fault}`)),
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    counts: counter.counts,
    resetCounts: counter.reset,
    fault: faults.add,
    expire: operations.expire,
    listen: streams.listen,
    drained: streams.drained,
    close: async () => {
      closing.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await operations.settled()
      await store.close()
    },
  }
}

interface Parts {
  readonly operations: Operations
  readonly counter: Counter
  readonly faults: Faults
  readonly signal: AbortSignal
}

const answerer =
  ({ operations, counter, faults, signal }: Parts) =>
  async (request: IncomingMessage): Promise<Answer> => {
    const sent = await text(request)
    const operation = operationOf(request)
    if (operation === null) return unknownOperation
    if (!request.headers.authorization?.startsWith('AWS4-')) return unsigned
    const body = bodyOf(sent) ?? {}
    const tables = tablesOf(body)
    counter.count(operation, tables)
    const fault = faults.next(operation, tables)
    const perform = () => operations.perform(operation, sent)
    return fault ? failing(fault, body, perform, signal) : perform()
  }

/** Besides a reply: none at all, or the end of the connection. */
type Answer = Reply | 'silence' | 'hang-up'

function operationOf({ method, headers }: IncomingMessage): string | null {
  const [version, operation] = String(headers['x-amz-target'] ?? '').split('.')
  return method === 'POST' && version === 'DynamoDB_20120810' && operation ? operation : null
}

const unknownOperation: Reply = refusal('UnknownOperationException', 'There is no such operation.')
const unsigned: Reply = refusal(
  'MissingAuthenticationTokenException',
  'Request is missing Authentication Token',
)
const broken = (message: string): Reply => ({
  status: 500,
  body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message },
})
const throttled: Reply = refusal(
  'ProvisionedThroughputExceededException',
  'The level of configured provisioned throughput for the table was exceeded.',
)

async function failing(
  fault: Fault,
  request: Body,
  perform: () => Promise<Reply>,
  signal: AbortSignal,
): Promise<Answer> {
  switch (fault.kind) {
    case 'throttled':
      return throttled
    case 'broken':
      return broken('Failed on demand.')
    case 'conflict':
      return conflictOf(fault.operation, request)
    case 'slow':
      await pause(fault.delayMs ?? 0, undefined, { signal })
      return perform()
    case 'timeout':
      return 'silence'
    case 'lost-answer':
      await perform()
      return 'hang-up'
    default:
      fault.kind satisfies never
      return broken('Unknown fault.')
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return
  if (answer === 'hang-up') {
    response.destroy()
    return
  }
  const body = JSON.stringify(answer.body)
  response.writeHead(answer.status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    'x-amz-crc32': crc32(body),
  })
  response.end(body)
}
