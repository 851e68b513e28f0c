/**
 * What each operation does: most of it dynalite's, the rest added here. Whatever neither knows gets
 * dynalite's refusal, so that nothing looks as if it had worked.
 */
import * as z from 'zod/mini'
import { describeTimeToLive, sweep, updateTimeToLive } from './expiry.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'
import { type Streams, streamArn } from './streams.ts'
import { transactionsOf } from './transactions.ts'
import { type Body, type Change, itemShape, type Reply } from './wire.ts'
import { batchTargets, type Write, writeItem } from './writes.ts'

export interface Operations {
  /** One call after the other: nobody sees half of a transaction. */
  perform(operation: string, text: string): Promise<Reply>
  /** Says how many items were deleted. */
  expire(nowMs: number): Promise<number>
  /** What had begun is done. */
  settled(): Promise<void>
}

interface Deps {
  readonly store: Store
  readonly settings: Settings
  readonly streams: Streams
  readonly nowMs: () => number
}

type Operation = (request: Body) => Promise<Reply>

export function operationsOf(deps: Deps): Operations {
  const { store, settings, streams } = deps
  const inTurn = oneAtATime()
  const own = new Map([...Object.entries(writes(deps)), ...Object.entries(aboutTables(deps))])

  return {
    perform: (operation, text) =>
      inTurn(() => {
        const request = bodyOf(text)
        const mine = own.get(operation)
        return mine && request ? mine(request) : store.call(operation, text)
      }),
    expire: (atMs) =>
      inTurn(async () => {
        let expired = 0
        for (const [table, { expiresBy }] of settings.all()) {
          const changes = expiresBy === null ? [] : await sweep(store, table, expiresBy, atMs)
          streams.publish(changes, 'expiry')
          expired += changes.length
        }
        return expired
      }),
    settled: () => inTurn(async () => {}),
  }
}

/** Whatever could go into a stream, and the reading half of transactions. */
function writes({ store, streams, nowMs }: Deps): Readonly<Record<string, Operation>> {
  const transactions = transactionsOf(store, nowMs)
  const write = (operation: Write['operation']): Operation => {
    return async (request) => {
      const wantsChange = streams.has(String(request['TableName']))
      const { reply, change } = await writeItem(store, { operation, request }, wantsChange)
      if (change) streams.publish([change], 'call')
      return reply
    }
  }
  return {
    PutItem: write('PutItem'),
    UpdateItem: write('UpdateItem'),
    DeleteItem: write('DeleteItem'),
    BatchWriteItem: (request) => batchWrite(store, streams, request),
    TransactWriteItems: async (request) => {
      const { reply, changes } = await transactions.write(request)
      streams.publish(changes, 'call')
      return reply
    },
    TransactGetItems: transactions.get,
  }
}

function aboutTables({ store, settings }: Deps): Readonly<Record<string, Operation>> {
  return {
    UpdateTimeToLive: (request) => updateTimeToLive(store, settings, request),
    DescribeTimeToLive: (request) => describeTimeToLive(store, settings, request),
    CreateTable: (request) => createTable(store, settings, request),
    DescribeTable: async (request) =>
      withStream(await store.call('DescribeTable', request), settings),
    DeleteTable: async (request) => {
      const reply = await store.call('DeleteTable', request)
      if (reply.status !== 200) return reply
      store.forget(String(request['TableName']))
      settings.forget(String(request['TableName']))
      return reply
    },
  }
}

function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

/** Null is for dynalite to refuse. */
export function bodyOf(text: string): Body | null {
  try {
    return itemShape.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Its writes stand by themselves, but here they all succeed or none was tried. */
async function batchWrite(store: Store, streams: Streams, request: Body): Promise<Reply> {
  const targets = await batchTargets(store, request, streams.has)
  const reply = await store.call('BatchWriteItem', request)
  if (reply.status !== 200) return reply
  const changes: Change[] = []
  for (const target of targets) {
    changes.push({ ...target, after: await store.read(target.table, target.key) })
  }
  streams.publish(changes, 'call')
  return reply
}

// ---------------------------------------------------------------- tables with a stream

const streamed = z.object({
  TableName: z.string(),
  StreamSpecification: z.object({
    StreamEnabled: z.literal(true),
    StreamViewType: z.enum(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY']),
  }),
})

async function createTable(store: Store, settings: Settings, request: Body): Promise<Reply> {
  const reply = await store.call('CreateTable', request)
  const parsed = streamed.safeParse(request)
  if (reply.status !== 200 || !parsed.success) return reply
  const { TableName, StreamSpecification } = parsed.data
  settings.change(TableName, { stream: StreamSpecification.StreamViewType })
  return withStream(reply, settings)
}

const described = z.looseObject({ TableName: z.string() })

function withStream(reply: Reply, settings: Settings): Reply {
  const [name, description] = Object.entries(reply.body)[0] ?? ['', null]
  const table = described.safeParse(description)
  const stream = table.success ? settings.of(table.data.TableName).stream : null
  if (!table.success || stream === null) return reply
  const more = {
    StreamSpecification: { StreamEnabled: true, StreamViewType: stream },
    LatestStreamArn: streamArn(table.data.TableName),
    LatestStreamLabel: '1',
  }
  return { ...reply, body: { ...reply.body, [name]: { ...table.data, ...more } } }
}
