import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { householdsDynamodb } from '../../../cloud/aws/dynamodb/households.ts'
import { visitorOfImage, visitorsDynamodb } from '../../../cloud/aws/dynamodb/visitors.ts'
import type { Visitors } from '../../../cloud/ports.ts'
import type { Visitor } from '../../../cloud/visitors/core/visitor.ts'
import {
  householdNamed,
  newHousehold,
  newVisitor,
  nowMs,
  times,
} from '../../contracts/tables/examples.ts'
import { elsewhere, noLog, openTables, type Tables } from '../../contracts/tables/tables.ts'
import { visitorsContract } from '../../contracts/tables/visitors.ts'

visitorsContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { visitors: visitorsDynamodb({ client, table: names.visitors, log: noLog }), end }
})

describe('visitors in DynamoDB', () => {
  let tables: Tables
  let visitors: Visitors
  beforeAll(async () => {
    tables = await openTables()
    visitors = visitorsDynamodb({ client: tables.client, table: tables.names.visitors, log: noLog })
  })
  afterAll(() => tables.end())

  const keyOf = ({ household, visitorId }: Visitor) => ({
    pk: `household#${household}`,
    sk: `visitor#${visitorId}`,
  })

  test('leave nothing personal behind when removed', async () => {
    const visitor = newVisitor()
    await visitors.put(visitor)
    await visitors.remove(visitor.household, visitor.visitorId, nowMs)
    const TableName = tables.names.visitors
    const { Item } = await tables.client.send(new GetCommand({ TableName, Key: keyOf(visitor) }))
    const { household, visitorId } = visitor
    const ttl = Math.ceil(nowMs / 1000) + 365 * 24 * 3_600
    expect(Item).toEqual({ ...keyOf(visitor), household, visitorId, removedAtMs: nowMs, ttl })
  })

  test.each([
    ['language', 'Amara'],
    ['contact', { prefers: 'Amara', phone: null, email: null }],
    ['faceIds', ['a', 7]],
    ['revision', 0],
  ])('are not believed when their %s is damaged', async (field, value) => {
    const visitor = newVisitor()
    await visitors.put(visitor)
    await tables.client.send(
      new UpdateCommand({
        TableName: tables.names.visitors,
        Key: keyOf(visitor),
        UpdateExpression: 'SET #field = :value',
        ExpressionAttributeNames: { '#field': field },
        ExpressionAttributeValues: { ':value': value },
      }),
    )
    const finding = visitors.find(visitor.household, visitor.visitorId)
    const fault = await finding.catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'StoreFault', code: 'malformed-row' })
    expect(String(fault)).toContain(`visitors is not as it was written (${field}`)
    expect(String(fault)).not.toContain('Amara')

    // The other rows can be read.
    const other = newVisitor(visitor.household)
    await visitors.put(other)
    expect(await visitors.list(visitor.household)).toEqual([{ ...other, revision: 1 }])
  })

  test('are listed however many there are', async () => {
    const household = newHousehold()
    // A page of a query holds a megabyte.
    const tags = times(100, (nth) => `${nth}`.repeat(500))
    const all = times(12, () => newVisitor(household, { tags }))
    await Promise.all(all.map((visitor) => visitors.put(visitor)))
    const ids = (await visitors.list(household)).map(({ visitorId }) => visitorId)
    expect(ids.sort()).toEqual(all.map(({ visitorId }) => visitorId).sort())
  })

  test.skipIf(elsewhere)('are read from the events of their table as they are', async () => {
    const heard: (Visitor | null)[] = []
    const { visitors: table } = tables.names
    const stop = tables.standIn().listen(table, ({ Records }) => {
      for (const { dynamodb } of Records) heard.push(visitorOfImage(dynamodb.NewImage))
    })
    const visitor = newVisitor(newHousehold(), { tags: ['family'], welcomeUntilMs: nowMs })
    await visitors.put(visitor)
    await visitors.setFaceIds(visitor.household, visitor.visitorId, ['a'])
    await visitors.remove(visitor.household, visitor.visitorId, nowMs)
    const households = householdsDynamodb({ client: tables.client, table })
    await households.change(visitor.household, () => householdNamed(visitor.household))
    await tables.standIn().drained()
    stop()
    const faced = { ...visitor, revision: 2, faceIds: ['a'] }
    expect(heard).toEqual([{ ...visitor, revision: 1 }, faced, null, null])
    expect(visitorOfImage(undefined)).toBeNull()
  })
})
