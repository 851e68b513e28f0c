import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visitsDynamodb } from '../../../cloud/aws/dynamodb/visits/visits.ts'
import type { VisitFacts, Visits } from '../../../cloud/ports.ts'
import { newId, newVisit, picture } from '../../contracts/tables/examples.ts'
import { elsewhere, noLog, openTables, type Tables } from '../../contracts/tables/tables.ts'
import { visitsContract } from '../../contracts/tables/visits.ts'

visitsContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { visits: visitsDynamodb({ client, table: names.visits, log: noLog }), end }
})

describe('visits in DynamoDB', () => {
  let tables: Tables
  let visits: Visits
  beforeAll(async () => {
    tables = await openTables()
    visits = visitsDynamodb({ client: tables.client, table: tables.names.visits, log: noLog })
  })
  afterAll(() => tables.end())

  const itemOf = async ({ doorId, visitId }: VisitFacts) => {
    const Key = { pk: `door#${doorId}`, sk: `visit#${visitId}` }
    const { Item } = await tables.client.send(
      new GetCommand({ TableName: tables.names.visits, Key }),
    )
    return Item
  }

  test('are forgotten a year later', async () => {
    const visit = newVisit()
    await visits.addMatch(visit, newId(), 'one')
    const ttl = Math.ceil(visit.seenAtMs / 1000) + 365 * 24 * 3_600
    expect(await itemOf(visit)).toMatchObject({ ttl })
  })

  test.each([
    ['endedAtMs', 'secret', 'endedAtMs'],
    ['match:x', 'no set', 'x'],
    ['stranger:1', { face: { key: 'a' } }, '1.face.sha256'],
    ['grant:x', { grantId: 'secret' }, 'x.expiresAtMs'],
    ['timelineEntry:x', { what: 1 }, 'x.atMs'],
  ])('are not believed when their %s is damaged', async (attribute, value, field) => {
    const visit = newVisit()
    await visits.addMatch(visit, newId(), 'one')
    const { doorId, visitId } = visit
    await tables.client.send(
      new UpdateCommand({
        TableName: tables.names.visits,
        Key: { pk: `door#${doorId}`, sk: `visit#${visitId}` },
        UpdateExpression: 'SET #it = :it',
        ExpressionAttributeNames: { '#it': attribute },
        ExpressionAttributeValues: { ':it': value },
      }),
    )
    const fault = await visits.find(visit).catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'StoreFault', code: 'malformed-row' })
    expect(String(fault)).toContain(field)
    expect(String(fault)).not.toContain('secret')
  })

  test.skipIf(elsewhere)('cost one write for each piece of news, and no read', async () => {
    const visit = newVisit()
    tables.standIn().resetCounts()
    await visits.addMatch(visit, newId(), 'one')
    const stranger = { number: 1, face: picture('one'), snapshot: 'one', resembles: null }
    await visits.addStranger(visit, stranger)
    await visits.addStranger(visit, stranger)
    await visits.addStrangerSnapshot(visit, 1, 'two', null)
    await visits.history({ household: visit.household, limit: 1 })
    expect(tables.standIn().counts()).toMatchObject({ writes: 4, reads: 1, scans: 0 })
  })

  test.skipIf(elsewhere)('write their index entries once', async () => {
    const visit = newVisit()
    await visits.addMatch(visit, newId(), 'one')
    const counts = async (news: () => Promise<unknown>) => {
      tables.standIn().resetCounts()
      await news()
      return tables.standIn().counts().writes
    }
    // Its door, its visitor, both; and that they are there.
    expect(await counts(() => visits.index(visit))).toBe(4)
    expect(await counts(() => visits.index(visit))).toBe(0)
    // The end; no entry: by itself, by door, by visitor, by both; and that they are there.
    expect(await counts(() => visits.end(visit, 1_000))).toBe(6)
    expect(await counts(() => visits.end(visit, 1_000))).toBe(1)
  })
})
