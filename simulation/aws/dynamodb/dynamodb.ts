/**
 * DynamoDB, for the operations that the product uses; any other is refused. dynalite does most of
 * the work. Transactions, the old item in a refusal, and streams are added here.
 */
import { jsonBody, jsonRefusal, parsed } from '../json-services.ts'
import { type AwsService, headerOf, requestId } from '../wire.ts'
import { type Dynalite, type Item, itemSchema, type Reply } from './dynalite.ts'
import { openStreams, type Streams } from './streams.ts'
import { createTable, deleteExpired, type TableDefinition } from './tables.ts'
import { openTransactions } from './transactions.ts'
import { writeItem } from './writes.ts'

export interface DynamodbOptions {
  readonly region: string
  nowMs(): number
  /** Where the tables are stored; in memory without it. One process at a time. */
  readonly folder?: string | undefined
}

export interface Dynamodb extends AwsService {
  readonly listen: Streams['listen']
  readonly drained: Streams['drained']
  /** A table that is already there stays as it is. */
  createTable(definition: TableDefinition, more: TableExtras): Promise<void>
  /** Deletes what has passed its time to live. AWS does so within some days. */
  expire(): Promise<void>
  close(): Promise<void>
}

interface TableExtras {
  /** The attribute that says when an item expires. */
  readonly timeToLive: string | null
}

export const operationKinds: Readonly<Record<string, 'writes' | 'reads' | 'scans' | 'tables'>> = {
  PutItem: 'writes',
  UpdateItem: 'writes',
  DeleteItem: 'writes',
  TransactWriteItems: 'writes',
  GetItem: 'reads',
  Query: 'reads',
  Scan: 'scans',
  CreateTable: 'tables',
  DescribeTable: 'tables',
}

const contentType = 'application/x-amz-json-1.0'

export function dynamodb({ region, nowMs, folder }: DynamodbOptions): Dynamodb {
  // Most users of the stand-ins need no tables.
  let opened: Promise<Dynalite> | null = null
  const open = () => {
    opened ??= import('./dynalite.ts').then(({ openDynalite }) => openDynalite(folder ?? null))
    return opened
  }
  const streams = openStreams({ region, nowMs })
  const transact = openTransactions()
  const timesToLive = new Map<string, string>()
  const perform = async (operation: string, request: Item): Promise<Reply> => {
    const dynalite = await open()
    if (operation === 'TransactWriteItems') {
      const { reply, writes } = await transact(dynalite, request)
      await streams.publish(dynalite, writes)
      return reply
    }
    if (operationKinds[operation] !== 'writes') return dynalite.call(operation, request)
    const { reply, write } = await writeItem(dynalite, operation, request)
    if (write) await streams.publish(dynalite, [write])
    return reply
  }
  const inTurn = oneAtATime()
  return {
    name: 'dynamodb',
    throttled: { status: 400, code: 'ProvisionedThroughputExceededException' },
    operationOf(call) {
      const [version, operation = ''] = (headerOf(call, 'x-amz-target') ?? '').split('.')
      return version === 'DynamoDB_20120810' && operation in operationKinds ? operation : null
    },
    async answer(operation, call) {
      const request = parsed(itemSchema, jsonBody(call))
      const { status, body } = await inTurn(() => perform(operation, request))
      const headers = { 'content-type': contentType, 'x-amzn-requestid': requestId() }
      return { status, headers, body: JSON.stringify(body) }
    },
    refuse: (error) => jsonRefusal(error, contentType),
    listen: streams.listen,
    drained: streams.drained,
    async createTable(definition, { timeToLive }) {
      if (timeToLive !== null) timesToLive.set(definition.TableName, timeToLive)
      await inTurn(async () => createTable(await open(), definition))
    },
    expire: () =>
      inTurn(async () => {
        const dynalite = await opened
        if (!dynalite) return
        for (const [table, attribute] of timesToLive) {
          const deleted = await deleteExpired(dynalite, { table, attribute, nowMs: nowMs() })
          await streams.publish(dynalite, deleted)
        }
      }),
    close: () => inTurn(async () => (await opened)?.close()),
  }
}

/** So that no call sees half of a transaction. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}
