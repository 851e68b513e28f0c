import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { householdsDynamodb } from '../../../cloud/aws/dynamodb/households.ts'
import { visitorsDynamodb } from '../../../cloud/aws/dynamodb/visitors.ts'
import { householdNamed, newHousehold, newVisitor } from '../../contracts/tables/examples.ts'
import { householdsContract } from '../../contracts/tables/households.ts'
import { elsewhere, noLog, openTables, type Tables } from '../../contracts/tables/tables.ts'

const over = ({ client, names }: Tables) => householdsDynamodb({ client, table: names.visitors })

householdsContract('DynamoDB', async () => {
  const tables = await openTables()
  return { households: over(tables), end: tables.end }
})

describe('households in DynamoDB', () => {
  let tables: Tables
  beforeAll(async () => {
    tables = await openTables()
  })
  afterAll(() => tables.end())

  test('are listed without the visitors that lie beside them, and without a scan', async () => {
    const household = newHousehold()
    const { client, names } = tables
    await visitorsDynamodb({ client, table: names.visitors, log: noLog }).put(newVisitor(household))
    await over(tables).change(household, () => householdNamed(household))
    await expect.poll(() => over(tables).list()).toEqual([household])
    if (elsewhere === undefined) expect(tables.standIn().counts().scans).toBe(0)
  })

  test('are not believed when damaged, without a word of what is in them', async () => {
    const household = newHousehold()
    const Item = {
      ...householdNamed(household),
      ...{ pk: `household#${household}`, sk: 'household', owners: [{ email: 'amara' }] },
    }
    await tables.client.send(new PutCommand({ TableName: tables.names.visitors, Item }))
    const fault = await over(tables)
      .find(household)
      .catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'StoreFault', code: 'malformed-row' })
    expect(String(fault)).toContain('(owners.0.language)')
    expect(String(fault)).not.toContain('amara')
  })
})
