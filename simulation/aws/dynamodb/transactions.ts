/**
 * TransactWriteItems. Each part is written with its own condition. When one is refused, those written
 * before it are undone, and the answer gives the reason of every part, as the real service does.
 */
import * as z from 'zod/mini'
import type { FaultKind } from '../faults.ts'
import { parsed } from '../json-services.ts'
import { AwsError } from '../wire.ts'
import { type Dynalite, type Item, itemSchema, type Reply } from './dynalite.ts'
import { errorOf, targetOf, type Write, writeItem } from './writes.ts'

const at = { TableName: z.string(), Key: itemSchema }
const requestSchema = z.object({
  ClientRequestToken: z.optional(z.string()),
  TransactItems: z
    .array(
      z.union([
        z.strictObject({ Put: z.looseObject({ TableName: z.string(), Item: itemSchema }) }),
        z.strictObject({ Update: z.looseObject({ ...at, UpdateExpression: z.string() }) }),
        z.strictObject({ Delete: z.looseObject(at) }),
        z.strictObject({
          ConditionCheck: z.looseObject({ ...at, ConditionExpression: z.string() }),
        }),
      ]),
    )
    .check(z.minLength(1), z.maxLength(100)),
})
type Part = z.infer<typeof requestSchema>['TransactItems'][number]

interface Result {
  readonly reply: Reply
  readonly writes: readonly Write[]
}

const done: Reply = { status: 200, body: {} }
/** A client repeats a call within seconds, if at all. */
const tokensRemembered = 1_000

export function openTransactions() {
  const tokens = new Map<string, string>()
  return async (dynalite: Dynalite, request: Item): Promise<Result> => {
    const { TransactItems: parts, ClientRequestToken: token } = parsed(requestSchema, request)
    requireDistinct(parts)
    const content = JSON.stringify(parts)
    const earlier = token && tokens.get(token)
    if (earlier === content) return { reply: done, writes: [] }
    if (earlier) throw new AwsError(400, 'IdempotentParameterMismatchException', 'Other content.')
    const result = await writeAll(dynalite, parts)
    // A refused transaction changed nothing and may be repeated with its token.
    if (token && result.reply.status === 200) tokens.set(token, content)
    for (const oldest of tokens.keys()) if (tokens.size > tokensRemembered) tokens.delete(oldest)
    return result
  }
}

const requestOf = (part: Part): Item => Object.values(part)[0] ?? {}

function requireDistinct(parts: readonly Part[]): void {
  const targets = parts.map((part) => JSON.stringify(targetOf(requestOf(part))))
  if (new Set(targets).size === targets.length) return
  const said = 'Transaction request cannot include multiple operations on one item'
  throw new AwsError(400, 'ValidationException', said)
}

interface Reason {
  readonly Code: string
  readonly Message?: unknown
  readonly Item?: unknown
}

async function writeAll(dynalite: Dynalite, parts: readonly Part[]): Promise<Result> {
  const writes: Write[] = []
  const reasons: Reason[] = []
  for (const part of parts) {
    const { reply, write } = await writePart(dynalite, part)
    if (write) writes.push(write)
    if (reply.status === 200) reasons.push({ Code: 'None' })
    else if (errorOf(reply) === 'ConditionalCheckFailedException') reasons.push(refused(reply))
    else return undone(dynalite, writes, reply)
  }
  if (reasons.every(({ Code }) => Code === 'None')) return { reply: done, writes }
  return undone(dynalite, writes, cancelled(reasons))
}

async function writePart(dynalite: Dynalite, part: Part) {
  if ('Put' in part) return writeItem(dynalite, 'PutItem', part.Put)
  if ('Update' in part) return writeItem(dynalite, 'UpdateItem', part.Update)
  if ('Delete' in part) return writeItem(dynalite, 'DeleteItem', part.Delete)
  // A check is an update of nothing. Where there was no item it would leave an empty one behind.
  const { reply, write } = await writeItem(dynalite, 'UpdateItem', part.ConditionCheck)
  if (write) await undo(dynalite, write)
  return { reply, write: null }
}

const refused = ({ body: { message, Item } }: Reply): Reason => ({
  Code: 'ConditionalCheckFailed',
  Message: message,
  ...(Item !== undefined && { Item }),
})

async function undone(dynalite: Dynalite, writes: readonly Write[], reply: Reply): Promise<Result> {
  for (const write of writes) await undo(dynalite, write)
  return { reply, writes: [] }
}

async function undo(dynalite: Dynalite, { table, key, before }: Write): Promise<void> {
  const reply = before
    ? await dynalite.call('PutItem', { TableName: table, Item: before })
    : await dynalite.call('DeleteItem', { TableName: table, Key: key })
  if (reply.status !== 200) throw new Error(`A write to ${table} could not be undone.`)
}

function cancelled(reasons: readonly Reason[]): Reply {
  const codes = reasons.map(({ Code }) => Code).join(', ')
  return {
    status: 400,
    body: {
      __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
      message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      CancellationReasons: reasons,
    },
  }
}

/** Another transaction was writing the same items, which here only happens on demand. */
export const transactionConflict: FaultKind = {
  kind: 'error',
  status: 400,
  code: 'TransactionCanceledException',
  more: { CancellationReasons: [{ Code: 'TransactionConflict' }] },
}
