/**
 * TransactWriteItems and TransactGetItems. Each part is written with its own condition; when one is
 * refused, those written before it are put back, and nobody could look in between. As with the real
 * one, every part's own reason is told, not only the first.
 */
import * as z from 'zod/mini'
import type { Store } from './store.ts'
import {
  type Body,
  type Change,
  canonical,
  errorName,
  invalid,
  itemShape,
  ok,
  type Reply,
  refusal,
} from './wire.ts'
import { targetOf, undo, type Write, type Written, writeItem } from './writes.ts'

export interface TransactionResult {
  readonly reply: Reply
  readonly changes: readonly Change[]
}

export interface Transactions {
  write(request: Body): Promise<TransactionResult>
  get(request: Body): Promise<Reply>
}

const longestTransaction = 100
const largestTransactionBytes = 4 * 1024 * 1024
const tokenLifeMs = 600_000

const parts = z.looseObject({ TableName: z.string() })
const writeShape = z.object({
  ClientRequestToken: z.optional(z.string()),
  TransactItems: z.array(
    z.strictObject({
      Put: z.optional(parts),
      Update: z.optional(parts),
      Delete: z.optional(parts),
      ConditionCheck: z.optional(parts),
    }),
  ),
})
const getShape = z.object({ TransactItems: z.array(z.object({ Get: parts })) })

type Part = z.infer<typeof writeShape>['TransactItems'][number]

interface Reason {
  readonly Code: string
  readonly Message?: unknown
  readonly Item?: unknown
}

/** A part whose write was done, and what is told about it. */
type Step = { readonly reason: Reason; readonly change: Change | null }

const nothingWrong: Reason = { Code: 'None' }

export function transactionsOf(store: Store, nowMs: () => number): Transactions {
  const tokens = new Map<string, { readonly what: string; readonly untilMs: number }>()

  const writeOnce = async (items: readonly Part[], token: string | undefined) => {
    const what = canonical(items)
    const earlier = token === undefined ? undefined : tokens.get(token)
    if (earlier && earlier.untilMs > nowMs()) {
      return none(earlier.what === what ? ok({}) : mismatch)
    }
    const result = await writeAll(store, items)
    // One that was refused changed nothing, and may be tried again with the same token.
    if (token !== undefined && result.reply.status === 200) {
      for (const [old, { untilMs }] of tokens) if (untilMs <= nowMs()) tokens.delete(old)
      tokens.set(token, { what, untilMs: nowMs() + tokenLifeMs })
    }
    return result
  }

  return {
    write: async (request) => {
      const parsed = writeShape.safeParse(request)
      if (!parsed.success) return none(notOneOfEach)
      const { TransactItems, ClientRequestToken } = parsed.data
      const problem = await problemWith(store, TransactItems)
      return problem ? none(problem) : writeOnce(TransactItems, ClientRequestToken)
    },
    get: async (request) => {
      const parsed = getShape.safeParse(request)
      if (!parsed.success) return invalid('TransactItems must each be a Get')
      return getAll(
        store,
        parsed.data.TransactItems.map(({ Get }) => Get),
      )
    },
  }
}

const none = (reply: Reply): TransactionResult => ({ reply, changes: [] })

const notOneOfEach = invalid(
  'TransactItems can only contain one of Check, Put, Update or Delete each',
)
const mismatch = refusal(
  'IdempotentParameterMismatchException',
  'The request uses the same client token as a previous, but non-identical request.',
)

// ---------------------------------------------------------------- before anything is written

const kindsOf = ({ Put, Update, Delete, ConditionCheck }: Part) =>
  [Put, Update, Delete, ConditionCheck].filter((one) => one !== undefined)

async function problemWith(store: Store, items: readonly Part[]): Promise<Reply | null> {
  if (items.length === 0 || items.length > longestTransaction) return wrongLength(items.length)
  if (items.some((item) => kindsOf(item).length !== 1)) return notOneOfEach
  if (items.some((item) => lacksExpression(item))) {
    return invalid('An Update needs an UpdateExpression, a ConditionCheck a ConditionExpression')
  }
  if (Buffer.byteLength(JSON.stringify(items)) > largestTransactionBytes) {
    return invalid('Collection size of items in a transaction has exceeded the limit of 4 MB')
  }
  return hasTwice(store, items.flatMap(kindsOf))
}

const wrongLength = (length: number): Reply =>
  invalid(
    `1 validation error detected: Value of length ${length} at 'transactItems' failed to satisfy constraint: Member must have length between 1 and ${longestTransaction}`,
  )

const lacksExpression = ({ Update, ConditionCheck }: Part): boolean =>
  (Update !== undefined && typeof Update['UpdateExpression'] !== 'string') ||
  (ConditionCheck !== undefined && typeof ConditionCheck['ConditionExpression'] !== 'string')

async function hasTwice(store: Store, requests: readonly Body[]): Promise<Reply | null> {
  const seen = new Set<string>()
  for (const request of requests) {
    const target = await targetOf(store, request)
    if (!target) continue // Its own write will say what is wrong.
    const name = canonical(target)
    if (seen.has(name)) {
      return invalid('Transaction request cannot include multiple operations on one item')
    }
    seen.add(name)
  }
  return null
}

// ---------------------------------------------------------------- all or nothing

async function writeAll(store: Store, items: readonly Part[]): Promise<TransactionResult> {
  const steps: Step[] = []
  try {
    for (const item of items) {
      const step = stepOf(await writePart(store, item))
      if ('status' in step) return none(await takeBack(store, steps, step))
      steps.push(step)
    }
  } catch (cause) {
    await takeBack(store, steps, null)
    throw cause
  }
  if (steps.every(({ reason }) => reason === nothingWrong)) {
    return { reply: ok({}), changes: steps.flatMap(({ change }) => change ?? []) }
  }
  return none(await takeBack(store, steps, cancelled(steps.map(({ reason }) => reason))))
}

async function writePart(store: Store, item: Part): Promise<Written> {
  if (item.ConditionCheck) return check(store, item.ConditionCheck)
  const write = asWrite(item)
  return writeItem(store, write, true)
}

function asWrite({ Put, Update, Delete }: Part): Write {
  if (Put) return { operation: 'PutItem', request: Put }
  if (Update) return { operation: 'UpdateItem', request: Update }
  return { operation: 'DeleteItem', request: Delete ?? {} }
}

/** An update of nothing. It would leave an item behind where there was none, which must not be. */
async function check(store: Store, request: Body): Promise<Written> {
  const { reply, change } = await writeItem(store, { operation: 'UpdateItem', request }, true)
  if (change && !change.before) await undo(store, change)
  return { reply, change: null }
}

/** A reply is what refuses the request as a whole rather than this part of it. */
function stepOf({ reply, change }: Written): Step | Reply {
  const { message: Message, Item } = reply.body
  switch (errorName(reply)) {
    case null:
      return { reason: nothingWrong, change }
    case 'ConditionalCheckFailedException': {
      const item = Item === undefined ? {} : { Item }
      return { reason: { Code: 'ConditionalCheckFailed', Message, ...item }, change }
    }
    case 'ValidationException':
      if (isAboutTheRequest(String(Message))) return reply
      return { reason: { Code: 'ValidationError', Message }, change }
    default:
      return reply
  }
}

/** What could be refused without looking at an item refuses the whole request. */
const isAboutTheRequest = (message: string): boolean =>
  /^(Invalid |Supplied AttributeValue|Value provided in |The expression can not|ExpressionAttribute|\d+ validation error)/.test(
    message,
  )

async function takeBack<R>(store: Store, steps: readonly Step[], reply: R): Promise<R> {
  for (const { change } of steps.toReversed()) if (change) await undo(store, change)
  return reply
}

const cancelled = (reasons: readonly Reason[]): Reply => {
  const codes = reasons.map(({ Code }) => Code).join(', ')
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`
  return refusal('TransactionCanceledException', message, { CancellationReasons: reasons })
}

/** What is said when another transaction is at the same items, which here only is on demand. */
export function conflictOf(operation: string, request: Body): Reply {
  const Message = 'Transaction is ongoing for the item'
  if (!operation.startsWith('Transact')) return refusal('TransactionConflictException', Message)
  const items = conflicting.safeParse(request).data?.TransactItems ?? ['']
  return cancelled(items.map(() => ({ Code: 'TransactionConflict', Message })))
}

const conflicting = z.object({ TransactItems: z.array(z.unknown()) })

// ---------------------------------------------------------------- reading

const found = z.object({ Item: z.optional(itemShape) })

async function getAll(store: Store, gets: readonly Body[]): Promise<Reply> {
  if (gets.length === 0 || gets.length > longestTransaction) return wrongLength(gets.length)
  const twice = await hasTwice(store, gets)
  if (twice) return twice
  const responses = []
  for (const get of gets) {
    const reply = await store.call('GetItem', { ...get, ConsistentRead: true })
    if (reply.status !== 200) return reply
    const { Item } = found.parse(reply.body)
    responses.push(Item ? { Item } : {})
  }
  return ok({ Responses: responses })
}
