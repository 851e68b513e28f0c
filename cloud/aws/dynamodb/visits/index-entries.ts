/**
 * Entries of the index of filters: small items beside a visit, one for each combination of filters
 * that finds it. They are in the index of the household's visits, each combination as a partition of
 * its own.
 */
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { Visit } from '../../../visits/core/visit.ts'
import { indexKeysOf } from '../../../visits/core/who-came.ts'
import { type Row, reader, type Table } from '../rows.ts'
import { keyOf } from './row.ts'

export const indexPartition = (household: string, key: string): string => `${household}#${key}`

const entryKey = (visit: Visit, key: string) => {
  const { pk, sk } = keyOf(visit)
  return { pk, sk: `${sk}#${key}` }
}

const indexedRow = reader(
  'visits',
  z.object({ ttl: z.int(), indexKeys: z._default(z.set(z.string()), new Set()) }),
)

/**
 * Two updates at once may leave an entry that does not fit any more, which readers skip. After a
 * crash, the repeated update completes the entries.
 */
export async function updateIndex(deps: Table, visit: Visit, row: unknown): Promise<void> {
  const { indexKeys, ttl } = indexedRow(row)
  const wanted = indexKeysOf(visit)
  const added = [...wanted].filter((key) => !indexKeys.has(key))
  const outdated = [...indexKeys].filter((key) => !wanted.has(key))
  await Promise.all([
    ...added.map((key) => putEntry(deps, visit, key, ttl)),
    ...outdated.map((key) => hideEntry(deps, visit, key)),
  ])
  if (added.length > 0) await changeIndexed(deps, visit, 'ADD', added)
  if (outdated.length > 0) await changeIndexed(deps, visit, 'DELETE', outdated)
}

const putEntry = ({ client, table }: Table, visit: Visit, key: string, ttl: number) => {
  const { household, doorId, visitId, startedAtMs } = visit
  const entry = { doorId, visitId, startedAtMs, ttl, household: indexPartition(household, key) }
  return client.send(
    new PutCommand({ TableName: table, Item: { ...entryKey(visit, key), ...entry } }),
  )
}

/** Takes it out of the index. The item itself expires. */
const hideEntry = ({ client, table }: Table, visit: Visit, key: string) =>
  client.send(
    new UpdateCommand({
      TableName: table,
      Key: entryKey(visit, key),
      UpdateExpression: 'REMOVE household',
    }),
  )

const changeIndexed = (
  { client, table }: Table,
  visit: Visit,
  how: 'ADD' | 'DELETE',
  keys: readonly string[],
) =>
  client.send(
    new UpdateCommand({
      TableName: table,
      Key: keyOf(visit),
      UpdateExpression: `${how} indexKeys :keys`,
      ExpressionAttributeValues: { ':keys': new Set(keys) },
    }),
  )

/** Before the visit itself is deleted, so that a crash leaves nothing that cannot be found. */
export async function hideAll(deps: Table, visit: Visit, row: Row): Promise<void> {
  const { indexKeys } = indexedRow(row)
  await Promise.all([...indexKeys].map((key) => hideEntry(deps, visit, key)))
}

/** Entries never expire before their visit. */
export async function keepEntries(deps: Table, visit: Visit, row: Row): Promise<void> {
  const { ttl } = indexedRow(row)
  await Promise.all([...indexKeysOf(visit)].map((key) => putEntry(deps, visit, key, ttl)))
}
