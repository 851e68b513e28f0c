/**
 * Conditional writes. An unmet condition is an answer; everything else that goes wrong is a fault.
 * DynamoDB's errors contain whole rows with names and phone numbers, so none of them leaves here.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod/mini'
import type { Limit } from '../../passcodes/core/grant.ts'
import { StoreFault } from '../../ports.ts'
import type { Row } from './rows.ts'

/** A condition did not hold. `row` is the row it was about; null when there is none. */
export interface Unmet {
  readonly row: Row | null
}

/** An item in DynamoDB's own notation, as its errors and streams contain them. */
export const image = z.record(z.string(), z.custom<AttributeValue>())

const unmetError = z.object({
  name: z.literal('ConditionalCheckFailedException'),
  Item: z.optional(image),
})
const cancelledError = z.object({
  name: z.literal('TransactionCanceledException'),
  CancellationReasons: z.array(z.object({ Code: z.optional(z.string()), Item: z.optional(image) })),
})
const unmetCode = 'ConditionalCheckFailed'

const unmet = (item: z.infer<typeof image> | undefined): Unmet => ({
  row: item ? unmarshall(item) : null,
})

/** What the write answered, or the unmet condition. */
export async function write<T>(send: () => Promise<T>): Promise<T | Unmet> {
  return withRetries(send, (error) => {
    const { data } = z.safeParse(unmetError, error)
    return data ? unmet(data.Item) : null
  })
}

export const isUnmet = (answer: object): answer is Unmet => 'row' in answer

/** Null when all parts were written; otherwise the unmet condition of each part, if any. */
export async function writeTogether(
  send: () => Promise<unknown>,
): Promise<readonly (Unmet | null)[] | null> {
  const sendOnly = async () => {
    await send()
    return null
  }
  return withRetries(sendOnly, (error) => {
    const reasons = reasonsIn(error)
    if (!reasons.some(({ Code }) => Code === unmetCode)) return null
    return reasons.map(({ Code, Item }) => (Code === unmetCode ? unmet(Item) : null))
  })
}

const reasonsIn = (error: unknown) =>
  z.safeParse(cancelledError, error).data?.CancellationReasons ?? []

const attempts = 12
const longestPauseMs = 400

/** The SDK does not retry when two transactions meet. */
async function withRetries<T, R>(
  send: () => Promise<T>,
  refusal: (error: unknown) => R | null,
): Promise<T | R> {
  for (let nth = 1; ; nth += 1) {
    try {
      return await send()
    } catch (error) {
      const refused = refusal(error)
      if (refused) return refused
      if (!isConflict(error)) throw error
      if (nth === attempts) throw new StoreFault('busy', 'Too many writes to one row at once.')
      await pause(Math.random() * Math.min(longestPauseMs, 10 * 2 ** nth))
    }
  }
}

const temporary = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'TransactionConflictException' ||
    reasonsIn(error).some(({ Code }) => temporary.has(Code ?? '')))

/**
 * An update that counts one more, if no limit is reached. The row has the last times in `time0`,
 * `time1` and so on, newest first, so `time2` says whether there were three within the limit.
 */
export function countUpdate(
  TableName: string,
  Key: { readonly pk: string; readonly sk: string },
  limits: readonly Limit[],
  nowMs: number,
) {
  const times = Math.max(...limits.map(({ count }) => count))
  const moves = Array.from(
    { length: times - 1 },
    (_, nth) => `time${nth + 1} = if_not_exists(time${nth}, :never)`,
  )
  const longestMs = Math.max(...limits.map(({ withinMs }) => withinMs))
  return {
    TableName,
    Key,
    UpdateExpression: `SET time0 = :now, #ttl = :ttl, ${moves.join(', ')}`,
    ConditionExpression: limits
      .map(({ count }, nth) => `(attribute_not_exists(pk) OR time${count - 1} <= :since${nth})`)
      .join(' AND '),
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':now': nowMs,
      ':never': 0,
      ':ttl': Math.ceil((nowMs + longestMs) / 1000),
      ...Object.fromEntries(limits.map(({ withinMs }, nth) => [`:since${nth}`, nowMs - withinMs])),
    },
  }
}
