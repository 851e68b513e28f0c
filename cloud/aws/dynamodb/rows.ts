/** Reading rows: keys, expiry, and the check that a row has the fields it should have. */
import {
  type DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import { type Log, StoreFault } from '../../ports.ts'

export interface Table {
  readonly client: DynamoDBDocumentClient
  readonly table: string
}

export type Row = Record<string, unknown>

/** A door's name contains its household, so no household can reach the rows of another. */
export function doorKey({ household, doorId }: DoorRef): string {
  if (doorId.startsWith(`${household}_`)) return `door#${doorId}`
  throw new StoreFault('other-household', 'A door was named together with another household.')
}

export const householdKey = (household: string): string => `household#${household}`

const dayMs = 24 * 3_600_000

/** In seconds, for DynamoDB's expiry, which may be days late. */
export const expiryAfterDays = (fromMs: number, days: number): number =>
  Math.ceil((fromMs + days * dayMs) / 1000)

/** Null is not stored, so that conditions can test whether an attribute exists. */
export const withoutNulls = (row: object): Row =>
  Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null && value !== undefined),
  )

/** The opposite: an attribute that is missing is null. */
export const orNull = <T extends z.ZodMiniType>(schema: T) => z._default(z.nullable(schema), null)

export type Reader<T> = (row: unknown) => T

/** The fault names table and fields, but never values, which may be personal. */
export function reader<T>(table: string, schema: z.ZodMiniType<T>): Reader<T> {
  return (row) => {
    const result = z.safeParse(schema, row)
    if (result.success) return result.data
    const fields = result.error.issues.map(({ path }) => path.map(String).join('.')).join(', ')
    throw new StoreFault('malformed-row', `A row of ${table} is not as it was written (${fields}).`)
  }
}

/** Skips malformed rows, so that one of them does not hide the others. */
export function readable<T>(
  rows: readonly Row[],
  read: (row: Row) => T,
  log: Pick<Log, 'error'>,
): T[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)]
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error
      const { pk, sk } = row
      log.error({ pk, sk, error }, 'row skipped')
      return []
    }
  })
}

/** All pages of a query. */
export async function queryAll(
  { client, table }: Table,
  query: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey'>,
): Promise<Row[]> {
  const rows: Row[] = []
  let ExclusiveStartKey: Row | undefined
  do {
    const page = await client.send(
      new QueryCommand({
        ...query,
        TableName: table,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    rows.push(...(page.Items ?? []))
    ExclusiveStartKey = page.LastEvaluatedKey
  } while (ExclusiveStartKey)
  return rows
}
