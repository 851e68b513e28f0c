import { createHash } from 'node:crypto'
import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { passcodesDynamodb } from '../../../cloud/aws/dynamodb/passcodes.ts'
import { visitsDynamodb } from '../../../cloud/aws/dynamodb/visits/visits.ts'
import type { Passcodes } from '../../../cloud/ports.ts'
import { transactionConflict } from '../../../simulation/aws/dynamodb/transactions.ts'
import { newDoor, newGrant, newId, nowMs, tagOf, times } from '../../contracts/tables/examples.ts'
import { passcodesContract, refTo } from '../../contracts/tables/passcodes.ts'
import { elsewhere, noLog, openTables, type Tables } from '../../contracts/tables/tables.ts'

const over = ({ client, names }: Tables): Passcodes =>
  passcodesDynamodb({ client, passcodesTable: names.passcodes, visitsTable: names.visits })

passcodesContract('DynamoDB', async () => {
  const tables = await openTables()
  const visits = visitsDynamodb({ client: tables.client, table: tables.names.visits, log: noLog })
  return { passcodes: over(tables), visits, end: tables.end }
})

describe('passcodes in DynamoDB', () => {
  let tables: Tables
  let passcodes: Passcodes
  beforeAll(async () => {
    tables = await openTables()
    passcodes = over(tables)
  })
  afterAll(() => tables.end())

  const everyItemAt = async (pk: string) => {
    const { Items = [] } = await tables.client.send(
      new QueryCommand({
        TableName: tables.names.passcodes,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
      }),
    )
    return Items
  }

  test('store a limit of their own size, without the address', async () => {
    const address = '+15550142'
    const door = newDoor()
    const hashed = createHash('sha256').update(`${door.household}#${address}`).digest('hex')
    for (const nth of times(12, (each) => each)) {
      const atMs = nowMs + nth * 24 * 3_600_000
      const grant = newGrant(door, { notBeforeMs: atMs, expiresAtMs: atMs + 1 })
      expect(await passcodes.issue(grant, tagOf(nth), address)).toEqual({ outcome: 'issued' })
    }
    const items = await everyItemAt(`address#${hashed}`)
    expect(items).toHaveLength(1)
    const counted = Object.keys(items[0] ?? {}).filter((name) => name.startsWith('time'))
    expect(counted.sort()).toEqual(times(10, (nth) => `time${nth}`))
    expect(JSON.stringify(items)).not.toContain('15550142')
  })

  test('are forgotten a day after they ran out', async () => {
    const grant = newGrant()
    await passcodes.issue(grant, tagOf(1), newId())
    const Key = { pk: `door#${grant.doorId}`, sk: `code#${tagOf(1)}` }
    const TableName = tables.names.passcodes
    const { Item } = await tables.client.send(new GetCommand({ TableName, Key }))
    expect(Item).toMatchObject({ ttl: Math.ceil(grant.expiresAtMs / 1000) + 24 * 3_600 })
  })

  test('are not believed when damaged, without a word of what is in them', async () => {
    const grant = newGrant()
    await passcodes.issue(grant, tagOf(1), newId())
    await tables.client.send(
      new UpdateCommand({
        TableName: tables.names.passcodes,
        Key: { pk: `door#${grant.doorId}`, sk: `code#${tagOf(1)}` },
        UpdateExpression: 'SET digits = :digits',
        ExpressionAttributeValues: { ':digits': 'Amara' },
      }),
    )
    const ref = refTo(grant, tagOf(1))
    for (const work of [
      () => passcodes.find(ref),
      () => passcodes.live(grant, nowMs),
      () => passcodes.claimSending(ref, nowMs, nowMs + 1),
    ]) {
      const fault = await work().catch((error: unknown) => error)
      expect(fault).toMatchObject({ name: 'StoreFault', code: 'malformed-row' })
      expect(String(fault)).toContain('passcodes is not as it was written (digits)')
      expect(String(fault)).not.toContain('Amara')
    }
  })

  describe.skipIf(elsewhere)('when DynamoDB misbehaves', () => {
    const transactions = { service: 'dynamodb', operation: 'TransactWriteItems' } as const

    test('are issued once though the answer got lost on its way', async () => {
      const grant = newGrant(newDoor(), { visitId: newId() })
      tables.standIn().fault({ ...transactions, nth: 1, kind: 'reset', when: 'after' })
      expect(await passcodes.issue(grant, tagOf(1), newId())).toEqual({ outcome: 'issued' })
      expect(await passcodes.live(grant, nowMs)).toHaveLength(1)
    })

    test('are issued again for the same grant', async () => {
      const grant = newGrant(newDoor(), { visitId: newId() })
      for (const _ of times(2, () => null)) {
        expect(await passcodes.issue(grant, tagOf(1), newId())).toEqual({ outcome: 'issued' })
      }
    })

    test('are issued though other transactions were there first', async () => {
      for (const nth of [1, 2, 3]) {
        tables.standIn().fault({ ...transactions, ...transactionConflict, nth })
      }
      expect(await passcodes.issue(newGrant(), tagOf(1), newId())).toEqual({ outcome: 'issued' })
    })
  })

  test.skipIf(elsewhere)('cost one write each step', async () => {
    const grant = newGrant(newDoor(), { visitId: newId() })
    const ref = refTo(grant, tagOf(1))
    tables.standIn().resetCounts()
    await passcodes.issue(grant, tagOf(1), newId())
    await passcodes.claimSending(ref, nowMs, nowMs + 1)
    await passcodes.markSent(ref, nowMs, 'sms')
    await passcodes.close(ref, 'used', nowMs)
    expect(tables.standIn().counts()).toMatchObject({ writes: 4, reads: 0, scans: 0 })
    await passcodes.live(grant, nowMs)
    expect(tables.standIn().counts()).toMatchObject({ writes: 4, reads: 1, scans: 0 })
  })
})
