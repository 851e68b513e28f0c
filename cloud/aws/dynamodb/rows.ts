/**
 * What every table of the cloud has in common: how one line of it is believed, whose it is, and how
 * the database's refusals are told apart from its faults. Its errors carry whole lines, with names
 * and phone numbers in them, so none of them ever leaves here.
 */
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod/mini'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import type { Limit } from '../../passcodes/core/grant.ts'
import { type Log, StoreFault } from '../../ports.ts'

// ---------------------------------------------------------------- names and lives

/** Nothing of one household can be stored or asked for under the door of another. */
export function doorKey({ household, doorId }: DoorRef): string {
  if (doorId.startsWith(`${household}_`)) return `door#${doorId}`
  throw new StoreFault('other-household', 'A door was named together with another household.')
}

const dayMs = 24 * 3_600_000

/** For the garbage collection, which counts in seconds and may come days late. */
export const goneAfterDays = (fromMs: number, days: number): number =>
  Math.ceil((fromMs + days * dayMs) / 1000)

/** What is not known is not written, so that conditions can ask whether it is. */
export const withoutNulls = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

// ---------------------------------------------------------------- counting

/**
 * The last times are kept newest first, each in an attribute of its own, and move on by one: the
 * third newest says whether there were three within the limit, at any hour of any day.
 */
export function counted(
  TableName: string,
  Key: { readonly pk: string; readonly sk: string },
  all: readonly Limit[],
  nowMs: number,
) {
  const places = Math.max(...all.map(({ count }) => count))
  const moves = Array.from(
    { length: places - 1 },
    (_, nth) => `time${nth + 1} = if_not_exists(time${nth}, :never)`,
  )
  const longestMs = Math.max(...all.map(({ withinMs }) => withinMs))
  return {
    TableName,
    Key,
    UpdateExpression: `SET time0 = :now, #ttl = :ttl, ${moves.join(', ')}`,
    ConditionExpression: all
      .map(({ count }, nth) => `(attribute_not_exists(pk) OR time${count - 1} <= :since${nth})`)
      .join(' AND '),
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':now': nowMs,
      ':never': 0,
      ':ttl': Math.ceil((nowMs + longestMs) / 1000),
      ...Object.fromEntries(all.map(({ withinMs }, nth) => [`:since${nth}`, nowMs - withinMs])),
    },
  }
}

// ---------------------------------------------------------------- reading lines

export type Reader<T> = (row: unknown) => T

/** The fault names table and field but never the value, which may be somebody's name. */
export function reader<T>(table: string, schema: z.ZodMiniType<T>): Reader<T> {
  return (row) => {
    const result = z.safeParse(schema, row)
    if (result.success) return result.data
    const fields = result.error.issues.map(({ path }) => path.map(String).join('.')).join(', ')
    throw new StoreFault('malformed-row', `A row of ${table} is not as it was written (${fields}).`)
  }
}

/** Of many rows those that can be read: one that cannot must not hide all the others. */
export function readable<T>(
  rows: readonly Record<string, unknown>[],
  read: (row: Record<string, unknown>) => T,
  log: Pick<Log, 'error'>,
): T[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)]
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error
      const { pk, sk } = row
      log.error({ pk, sk, error }, 'row passed over')
      return []
    }
  })
}

/** A field that is null as long as it is not there. */
export const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null)

/** The part of DynamoDB's own notation that our lines are made of. */
export function plain(value: unknown): unknown {
  const [[kind, inner] = []] = Object.entries(z.parse(notation, value))
  switch (kind) {
    case 'N':
      return Number(inner)
    case 'NULL':
      return null
    case 'SS':
      return new Set(z.parse(z.array(z.string()), inner))
    case 'NS':
      return new Set(z.parse(z.array(z.string()), inner).map(Number))
    case 'L':
      return z.parse(z.array(notation), inner).map(plain)
    case 'M':
      return plainRow(inner)
    default:
      return inner
  }
}

const notation = z.record(z.string(), z.unknown())

/** As events of a table and refusals carry a whole line. */
export const plainRow = (image: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(z.parse(notation, image)).map(([name, value]) => [name, plain(value)]),
  )

// ---------------------------------------------------------------- refusals

/** A condition did not hold. `row` is the line it was about; null when there is none. */
export interface Unmet {
  readonly row: Record<string, unknown> | null
}

const oneUnmet = z.object({
  name: z.literal('ConditionalCheckFailedException'),
  Item: z.optional(notation),
})
const cancelled = z.object({
  name: z.literal('TransactionCanceledException'),
  CancellationReasons: z.array(
    z.object({ Code: z.optional(z.string()), Item: z.optional(notation) }),
  ),
})
const unmetCode = 'ConditionalCheckFailed'

/** What the condition was about when it did not hold, or else what the write answered. */
export async function written<T>(write: () => Promise<T>): Promise<T | Unmet> {
  return settled(write, (error) => {
    const { data } = z.safeParse(oneUnmet, error)
    return data ? { row: data.Item ? plainRow(data.Item) : null } : null
  })
}

export const isUnmet = (answer: object): answer is Unmet => 'row' in answer

/** Null when all of it was written; otherwise for each part whether, and about what, it was unmet. */
export async function writtenTogether(
  write: () => Promise<unknown>,
): Promise<readonly (Unmet | null)[] | null> {
  const done = async () => {
    await write()
    return null
  }
  return settled(done, (error) => {
    const reasons = z.safeParse(cancelled, error).data?.CancellationReasons ?? []
    if (!reasons.some(({ Code }) => Code === unmetCode)) return null
    return reasons.map(({ Code, Item }) =>
      Code === unmetCode ? { row: Item ? plainRow(Item) : null } : null,
    )
  })
}

const attempts = 12
const longestPauseMs = 400

/** Whoever meets another's transaction waits a moment; the driver does not do that by itself. */
async function settled<T, R>(
  write: () => Promise<T>,
  refusal: (error: unknown) => R | null,
): Promise<T | R> {
  for (let nth = 1; ; nth += 1) {
    try {
      return await write()
    } catch (error) {
      const refused = refusal(error)
      if (refused) return refused
      if (!isConflict(error)) throw error
      if (nth === attempts) throw new StoreFault('busy', 'Too many write to one row at once.')
      await pause(Math.random() * Math.min(longestPauseMs, 10 * 2 ** nth))
    }
  }
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

function isConflict(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const reasons = z.safeParse(cancelled, error).data?.CancellationReasons ?? []
  return (
    error.name === 'TransactionConflictException' ||
    reasons.some(({ Code }) => passing.has(Code ?? ''))
  )
}
