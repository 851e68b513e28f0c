/** Time to live: its settings, and the sweep that DynamoDB does in its own time, on demand. */
import * as z from 'zod/mini'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'
import { type Body, type Change, invalid, itemShape, ok, type Reply } from './wire.ts'
import { writeItem } from './writes.ts'

const specification = z.object({
  TableName: z.string(),
  TimeToLiveSpecification: z.object({
    Enabled: z.boolean(),
    AttributeName: z.string().check(z.minLength(1), z.maxLength(255)),
  }),
})

export async function updateTimeToLive(
  store: Store,
  settings: Settings,
  request: Body,
): Promise<Reply> {
  const parsed = specification.safeParse(request)
  if (!parsed.success) return invalid('TimeToLiveSpecification needs Enabled and AttributeName')
  const { TableName, TimeToLiveSpecification } = parsed.data
  const { Enabled, AttributeName } = TimeToLiveSpecification
  const table = await store.call('DescribeTimeToLive', { TableName })
  if (table.status !== 200) return table

  const { expiresBy } = settings.of(TableName)
  if (Enabled === (expiresBy !== null)) {
    return invalid(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`)
  }
  if (expiresBy !== null && expiresBy !== AttributeName) {
    return invalid('TimeToLive is active on a different AttributeName')
  }
  settings.change(TableName, { expiresBy: Enabled ? AttributeName : null })
  return ok({ TimeToLiveSpecification })
}

export async function describeTimeToLive(
  store: Store,
  settings: Settings,
  request: Body,
): Promise<Reply> {
  const reply = await store.call('DescribeTimeToLive', request)
  const { expiresBy } = settings.of(String(request['TableName']))
  if (reply.status !== 200 || expiresBy === null) return reply
  return ok({
    TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: expiresBy },
  })
}

const page = z.object({
  Items: z.array(itemShape),
  LastEvaluatedKey: z.optional(itemShape),
})

/** As the real one does, it leaves alone what is no number or lies more than five years back. */
const fiveYearsSeconds = 5 * 365 * 86_400

/** Nobody else may write meanwhile. */
export async function sweep(
  store: Store,
  table: string,
  attribute: string,
  nowMs: number,
): Promise<readonly Change[]> {
  const nowSeconds = Math.floor(nowMs / 1000)
  const expired = {
    TableName: table,
    FilterExpression: '#ttl < :now AND #ttl > :long',
    ExpressionAttributeNames: { '#ttl': attribute },
    ExpressionAttributeValues: {
      ':now': { N: String(nowSeconds) },
      ':long': { N: String(nowSeconds - fiveYearsSeconds) },
    },
  }
  const changes: Change[] = []
  for await (const item of scan(store, expired)) {
    const Key = await store.keyOf(table, item)
    if (!Key) continue
    const request = { TableName: table, Key }
    const { change } = await writeItem(store, { operation: 'DeleteItem', request }, true)
    if (change) changes.push(change)
  }
  return changes
}

async function* scan(store: Store, request: Body) {
  let from: Body = {}
  while (true) {
    const { Items, LastEvaluatedKey } = page.parse(
      (await store.call('Scan', { ...request, ...from })).body,
    )
    yield* Items
    if (!LastEvaluatedKey) return
    from = { ExclusiveStartKey: LastEvaluatedKey }
  }
}
