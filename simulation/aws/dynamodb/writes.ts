/** One write of one item, with what the item was before and what a refusal has to contain. */
import * as z from 'zod/mini'
import { parsed } from '../json-services.ts'
import { type Dynalite, type Item, itemSchema, type Reply } from './dynalite.ts'

/** An item before a write that succeeded. Null when there was none. */
export interface Write {
  readonly table: string
  readonly key: Item
  readonly before: Item | null
}

export interface Written {
  readonly reply: Reply
  /** Null when nothing was written. */
  readonly write: Write | null
}

const addressed = z.object({
  TableName: z.string(),
  Key: z.optional(itemSchema),
  Item: z.optional(itemSchema),
})

/** The item that a write is about. Every table of the product has the keys `pk` and `sk`. */
export function targetOf(request: Item): { readonly table: string; readonly key: Item } {
  const { TableName, Key, Item } = parsed(addressed, request)
  const { pk, sk } = Key ?? Item ?? {}
  return { table: TableName, key: { pk, sk } }
}

export async function writeItem(
  dynalite: Dynalite,
  operation: string,
  request: Item,
): Promise<Written> {
  const { table, key } = targetOf(request)
  const before = await dynalite.read(table, key)
  const reply = await dynalite.call(operation, request)
  if (reply.status === 200) return { reply, write: { table, key, before } }
  const wantsOld = request['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD'
  const isRefused = errorOf(reply) === 'ConditionalCheckFailedException'
  if (!before || !wantsOld || !isRefused) return { reply, write: null }
  return { reply: { ...reply, body: { ...reply.body, Item: before } }, write: null }
}

export const errorOf = ({ body }: Reply): string => String(body['__type']).replace(/^.*#/, '')
