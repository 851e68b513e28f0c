/** How often what was called, for everything a call costs. Retries and failures are calls too. */
import * as z from 'zod/mini'
import type { Body } from './wire.ts'

export interface Counts {
  /** Calls that could change an item. A transaction is one, whatever is in it. */
  readonly writes: number
  /** GetItem, BatchGetItem, TransactGetItems and Query. */
  readonly reads: number
  readonly scans: number
  /** By operation, then by table. A call that concerns two tables counts for each of them. */
  readonly byTable: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly byOperation: Readonly<Record<string, number>>
}

const kinds: Readonly<Record<string, 'reads' | 'writes' | 'scans'>> = {
  PutItem: 'writes',
  UpdateItem: 'writes',
  DeleteItem: 'writes',
  BatchWriteItem: 'writes',
  TransactWriteItems: 'writes',
  GetItem: 'reads',
  BatchGetItem: 'reads',
  TransactGetItems: 'reads',
  Query: 'reads',
  Scan: 'scans',
}

export interface Counter {
  count(operation: string, tables: readonly string[]): void
  counts(): Counts
  reset(): void
}

export function counterOf(): Counter {
  let calls: { readonly operation: string; readonly tables: readonly string[] }[] = []
  return {
    count: (operation, tables) => calls.push({ operation, tables }),
    counts: () => {
      const kind = tally(calls.map(({ operation }) => kinds[operation] ?? 'others'))
      const byOperation = Map.groupBy(calls, ({ operation }) => operation)
      return {
        writes: kind['writes'] ?? 0,
        reads: kind['reads'] ?? 0,
        scans: kind['scans'] ?? 0,
        byOperation: tally(calls.map(({ operation }) => operation)),
        byTable: Object.fromEntries(
          [...byOperation].map(([name, its]) => [name, tally(its.flatMap((one) => one.tables))]),
        ),
      }
    },
    reset: () => {
      calls = []
    },
  }
}

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const name of names) counted[name] = (counted[name] ?? 0) + 1
  return counted
}

const about = z.object({ TableName: z.string() })
const aboutSome = z.object({
  TransactItems: z.optional(z.array(z.record(z.string(), about))),
  RequestItems: z.optional(z.record(z.string(), z.unknown())),
})

/** The tables that a request is about, each once. */
export function tablesOf(request: Body): readonly string[] {
  const one = about.safeParse(request)
  if (one.success) return [one.data.TableName]
  const some = aboutSome.safeParse(request)
  if (!some.success) return []
  const { TransactItems = [], RequestItems = {} } = some.data
  const inTransaction = TransactItems.flatMap((item) => Object.values(item))
  return [
    ...new Set([...inTransaction.map(({ TableName }) => TableName), ...Object.keys(RequestItems)]),
  ]
}
