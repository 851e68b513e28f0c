/** One write of one item, with what the item was and became, and what a refusal has to say. */
import * as z from 'zod/mini'
import type { Store } from './store.ts'
import { type Body, type Change, isRefusal, itemShape, type Reply } from './wire.ts'

export interface Write {
  readonly operation: 'PutItem' | 'UpdateItem' | 'DeleteItem'
  readonly request: Body
}

export interface Written {
  readonly reply: Reply
  /** Null when it was refused, or when nobody asked for it. */
  readonly change: Change | null
}

const addressed = z.object({
  TableName: z.string(),
  Key: z.optional(itemShape),
  Item: z.optional(itemShape),
})

/** The item that a request is about; null when the request is not well formed. */
export async function targetOf(
  store: Store,
  request: Body,
): Promise<Pick<Change, 'table' | 'key'> | null> {
  const parsed = addressed.safeParse(request)
  if (!parsed.success) return null
  const { TableName: table, Key, Item } = parsed.data
  const key = await store.keyOf(table, Key ?? Item ?? {})
  return key && { table, key }
}

/** Nobody else may write meanwhile. */
export async function writeItem(
  store: Store,
  write: Write,
  wantsChange: boolean,
): Promise<Written> {
  const { operation, request } = write
  const wantsOld = request['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD'
  const target = wantsChange || wantsOld ? await targetOf(store, request) : null
  if (!target) return { reply: await store.call(operation, request), change: null }

  const before = await store.read(target.table, target.key)
  const reply = await store.call(operation, request)
  if (wantsOld && before && isRefusal(reply, 'ConditionalCheckFailedException')) {
    return { reply: { ...reply, body: { ...reply.body, Item: before } }, change: null }
  }
  if (reply.status !== 200 || !wantsChange) return { reply, change: null }
  const after = operation === 'DeleteItem' ? null : await store.read(target.table, target.key)
  return { reply, change: { ...target, before, after } }
}

/** Puts an item back as it was. */
export async function undo(store: Store, change: Change): Promise<void> {
  const { table, key, before } = change
  const reply = before
    ? await store.call('PutItem', { TableName: table, Item: before })
    : await store.call('DeleteItem', { TableName: table, Key: key })
  if (reply.status !== 200) throw new UndoFailed(table)
}

/** The tables are no longer what a transaction promises. */
export class UndoFailed extends Error {
  override readonly name = 'UndoFailed'
  readonly code = 'UNDO_FAILED'
  constructor(table: string) {
    super(`A write to ${table} could not be taken back.`)
  }
}

const batch = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.object({
        PutRequest: z.optional(z.object({ Item: itemShape })),
        DeleteRequest: z.optional(z.object({ Key: itemShape })),
      }),
    ),
  ),
})

/** What a BatchWriteItem would change, as far as `wanted` tables go. */
export async function batchTargets(
  store: Store,
  request: Body,
  wanted: (table: string) => boolean,
): Promise<readonly Pick<Change, 'table' | 'key' | 'before'>[]> {
  const parsed = batch.safeParse(request)
  if (!parsed.success) return []
  const targets = []
  for (const [table, writes] of Object.entries(parsed.data.RequestItems).filter(([name]) =>
    wanted(name),
  )) {
    for (const { PutRequest, DeleteRequest } of writes) {
      const key = await store.keyOf(table, PutRequest?.Item ?? DeleteRequest?.Key ?? {})
      if (key) targets.push({ table, key, before: await store.read(table, key) })
    }
  }
  return targets
}
