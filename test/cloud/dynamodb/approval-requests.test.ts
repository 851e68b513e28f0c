import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApprovalRequest } from '../../../cloud/approvals/core/approval-request.ts'
import { approvalRequestsDynamodb } from '../../../cloud/aws/dynamodb/approval-requests.ts'
import { visitorsDynamodb } from '../../../cloud/aws/dynamodb/visitors.ts'
import { visitsDynamodb } from '../../../cloud/aws/dynamodb/visits/visits.ts'
import type { ApprovalRequests } from '../../../cloud/ports.ts'
import { transactionConflict } from '../../../simulation/aws/dynamodb/transactions.ts'
import { approvalRequestsContract } from '../../contracts/tables/approval-requests.ts'
import { newRequest, newVisitor, nowMs, sha256Of } from '../../contracts/tables/examples.ts'
import { elsewhere, noLog, openTables, type Tables } from '../../contracts/tables/tables.ts'

const over = ({ client, names }: Tables): ApprovalRequests =>
  approvalRequestsDynamodb({ client, visitsTable: names.visits, visitorsTable: names.visitors })

approvalRequestsContract('DynamoDB', async () => {
  const tables = await openTables()
  const { client, names, end } = tables
  const visitors = visitorsDynamodb({ client, table: names.visitors, log: noLog })
  return { requests: over(tables), visitors, end }
})

describe('requests in DynamoDB', () => {
  let tables: Tables
  let requests: ApprovalRequests
  beforeAll(async () => {
    tables = await openTables()
    requests = over(tables)
  })
  afterAll(() => tables.end())

  const keyOf = ({ doorId, visitId, subject }: ApprovalRequest) => ({
    pk: `door#${doorId}`,
    sk: `request#${visitId}#${subject}`,
  })
  const answerTo = (request: ApprovalRequest) => ({
    request,
    proof: { tokenSha256: request.tokenSha256, visitNumber: request.visitNumber },
    faceSha256: request.face?.sha256 ?? null,
    decision: { outcome: 'allowed' as const, by: 'the link', atMs: nowMs },
    visitor: newVisitor(request.household),
  })
  const opened = async () => {
    const request = newRequest()
    await requests.open(request, nowMs + 1)
    return request
  }

  test('are forgotten a month later, and are no visits', async () => {
    const request = await opened()
    const TableName = tables.names.visits
    const { Item } = await tables.client.send(new GetCommand({ TableName, Key: keyOf(request) }))
    expect(Item).toMatchObject({ ttl: Math.ceil(nowMs / 1000) + 30 * 24 * 3_600 })
    const visits = visitsDynamodb({ client: tables.client, table: TableName, log: noLog })
    const page = await visits.history({ household: request.household, limit: 10 })
    expect(page).toEqual({ visits: [], next: null })
  })

  test.each(['why', 'visitNumber', 'tokenSha256', 'wrongNumbers'])(
    'are not believed when their %s is damaged',
    async (field) => {
      const request = newRequest()
      const Item = { ...request, decision: undefined, [field]: 'Amara' }
      const { decision: _, ...row } = { ...Item, ...keyOf(request) }
      await tables.client.send(new PutCommand({ TableName: tables.names.visits, Item: row }))
      const fault = await requests.find(request).catch((error: unknown) => error)
      expect(fault).toMatchObject({ name: 'StoreFault', code: 'malformed-row' })
      expect(String(fault)).toContain(`visits is not as it was written (${field})`)
      expect(String(fault)).not.toContain('Amara')
    },
  )

  test('say so when a visitor of that id is on file already, and decide nothing', async () => {
    const request = await opened()
    const asked = answerTo(request)
    const visitors = visitorsDynamodb({
      client: tables.client,
      table: tables.names.visitors,
      log: noLog,
    })
    await visitors.put(asked.visitor)
    const fault = await requests.recordDecision(asked).catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'StoreFault', code: 'exists' })
    expect(JSON.stringify(fault)).not.toContain('Amara')
    expect((await requests.find(request))?.decision).toBeNull()
  })

  describe.skipIf(elsewhere)('when DynamoDB misbehaves', () => {
    const transactions = { service: 'dynamodb', operation: 'TransactWriteItems' } as const

    test('are decided once though the answer got lost on its way', async () => {
      const request = await opened()
      tables.standIn().fault({ ...transactions, nth: 1, kind: 'reset', when: 'after' })
      expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
    })

    test('are decided though other transactions were there first', async () => {
      const request = await opened()
      for (const nth of [1, 2, 3]) {
        tables.standIn().fault({ ...transactions, ...transactionConflict, nth })
      }
      expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
    })

    test('fail without a word of what is in them when the conflicts never end', async () => {
      const request = await opened()
      const conflicts = tables.standIn().fault({ ...transactions, ...transactionConflict })
      const fault = await requests
        .recordDecision(answerTo(request))
        .catch((error: unknown) => error)
      conflicts.lift()
      expect(fault).toMatchObject({ name: 'StoreFault', code: 'busy' })
      expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
    })

    test('need two writes for a decision and no read, whatever is refused', async () => {
      const request = await opened()
      tables.standIn().resetCounts()
      await requests.recordDecision({ ...answerTo(request), faceSha256: sha256Of('0') })
      expect(tables.standIn().counts()).toMatchObject({ writes: 2, reads: 0, scans: 0 })
      await requests.recordDecision(answerTo(request))
      expect(tables.standIn().counts()).toMatchObject({ writes: 4, reads: 0, scans: 0 })
    })
  })
})
