/**
 * Grants. The key is derived from the code, so two live grants of a door cannot have the same code.
 * Every operation also checks the grant id, since a later grant may get the same key.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import { passcodeDigits } from '../../../protocol/passcode.ts'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import { addressHash, addressHashAnywhere } from '../../passcodes/contact.ts'
import { codeLimits, type Grant, type Limit } from '../../passcodes/core/grant.ts'
import {
  type GrantRef,
  type IssueAnswer,
  type LiveGrant,
  type Passcodes,
  StoreFault,
} from '../../ports.ts'
import { retentionDays } from '../../retention.ts'
import {
  doorKey,
  expiryAfterDays,
  orNull,
  queryAll,
  type Reader,
  type Row,
  reader,
  withoutNulls,
} from './rows.ts'
import { countUpdate, isUnmet, type Unmet, write, writeTogether } from './writes.ts'

interface Deps {
  readonly client: DynamoDBDocumentClient
  readonly passcodesTable: string
  readonly visitsTable: string
}

export function passcodesDynamodb(deps: Deps): Passcodes {
  return {
    issue: (grant, tag, address) => issue(deps, grant, tag, address),

    claimSending: (ref, nowMs, leaseUntilMs) =>
      change(deps, ref, {
        set: 'storedAtMs = if_not_exists(storedAtMs, :now), sendLeaseUntilMs = :until',
        condition: `${isOpen} AND expiresAtMs > :now AND attribute_not_exists(sentAtMs) AND (attribute_not_exists(sendLeaseUntilMs) OR sendLeaseUntilMs <= :now)`,
        values: { ':now': nowMs, ':until': leaseUntilMs },
      }),

    async markSent(ref, atMs, by) {
      const set = 'sentAtMs = if_not_exists(sentAtMs, :at), sentBy = if_not_exists(sentBy, :by)'
      // Unmet when the grant is gone: then its code is not sent again either.
      await change(deps, ref, { set, values: { ':at': atMs, ':by': by } })
    },

    async markConfirmed(ref, atMs) {
      const set = 'confirmedAtMs = if_not_exists(confirmedAtMs, :at)'
      await change(deps, ref, { set, values: { ':at': atMs } })
    },

    async find(ref) {
      const { client, passcodesTable: TableName } = deps
      const get = new GetCommand({ TableName, Key: keyOf(ref), ConsistentRead: true })
      const { Item } = await client.send(get)
      if (!Item || grantIdRow(Item).grantId !== ref.grantId || 'standing' in Item) return null
      return grantRow(Item)
    },

    revokeUnstored: (ref, atMs) =>
      change(deps, ref, {
        ...closing('revoked', atMs),
        condition: `${isOpen} AND attribute_not_exists(storedAtMs)`,
      }),

    async close(ref, as, atMs) {
      return (await change(deps, ref, { ...closing(as, atMs), condition: isOpen })) !== null
    },

    live: (door, nowMs) => live(deps, door, nowMs),
  }
}

const isOpen = 'attribute_not_exists(closed)'
/** Items of standing credentials only reserve a code. */
const isOneTime = 'attribute_not_exists(standing)'

/** Deletes the name, because the visitor may be deleted before the row expires. */
const closing = (as: 'used' | 'revoked', atMs: number) => ({
  set: 'closed = :closed, closedAtMs = :at, visitorName = :noName',
  values: { ':closed': as, ':at': atMs, ':noName': '' },
})

interface Change {
  readonly set: string
  readonly condition?: string
  readonly values: Row
}

/** Null, and nothing changes, without such a grant or when the condition does not hold. */
async function change(
  { client, passcodesTable }: Deps,
  ref: GrantRef,
  { set, condition, values }: Change,
): Promise<Grant | null> {
  const update = new UpdateCommand({
    TableName: passcodesTable,
    Key: keyOf(ref),
    UpdateExpression: `SET ${set}`,
    ConditionExpression: `grantId = :grantId AND ${isOneTime}${condition ? ` AND ${condition}` : ''}`,
    ExpressionAttributeValues: { ...values, ':grantId': ref.grantId },
    ReturnValues: 'ALL_NEW',
  })
  const answer = await write(() => client.send(update))
  return isUnmet(answer) ? null : grantRow(answer.Attributes)
}

/** Reads a day's grants at most, whose number is limited, and what reserves the codes of others. */
async function live(
  { client, passcodesTable: table }: Deps,
  door: DoorRef,
  nowMs: number,
): Promise<LiveGrant[]> {
  const rows = await queryAll(
    { client, table },
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :code)',
      FilterExpression: `${isOneTime} AND ${isOpen} AND expiresAtMs > :now`,
      ExpressionAttributeValues: { ':pk': doorKey(door), ':code': 'code#', ':now': nowMs },
      ConsistentRead: true,
    },
  )
  return rows.map((row) => ({ ...grantRow(row), tag: keyRow(row).sk.slice('code#'.length) }))
}

// ---------------------------------------------------------------- issuing

/** A code is valid from the time of its issue, so `notBeforeMs` is now. */
async function issue(deps: Deps, grant: Grant, tag: string, address: string): Promise<IssueAnswer> {
  const { household, notBeforeMs } = grant
  const count = (pk: string, limits: readonly Limit[]) =>
    countUpdate(deps.passcodesTable, { pk, sk: 'limit' }, limits, notBeforeMs)
  const TransactItems = [
    { Put: grantPut(deps, grant, tag) },
    { Update: count(`address#${addressHash(household, address)}`, codeLimits.perAddress) },
    { Update: count(`address#${addressHashAnywhere(address)}`, codeLimits.perAddressAnywhere) },
    { Update: count(doorKey(grant), codeLimits.perDoor) },
    ...(grant.visitId === null ? [] : [{ Update: visitUpdate(deps, grant, grant.visitId) }]),
  ]
  const transaction = new TransactWriteCommand({ TransactItems })
  const parts = await writeTogether(() => deps.client.send(transaction))
  return parts ? whyNot(parts, grant) : { outcome: 'issued' }
}

const ReturnValuesOnConditionCheckFailure = 'ALL_OLD' as const

const grantAttribute = (visitorId: string): string => `grant:${visitorId}`

/** Adds the code to its visit. This may be the first that is stored of the visit. */
function visitUpdate({ visitsTable }: Deps, grant: Grant, visitId: string) {
  const { household, doorId, visitorId, grantId, notBeforeMs, expiresAtMs } = grant
  const facts = { household, doorId, visitId, startedAtMs: notBeforeMs }
  const sets = Object.keys(facts).map((name) => `${name} = if_not_exists(${name}, :${name})`)
  return {
    TableName: visitsTable,
    Key: { pk: doorKey(grant), sk: `visit#${visitId}` },
    UpdateExpression: `SET #grant = :grant, ${sets.join(', ')}, #ttl = if_not_exists(#ttl, :ttl)`,
    ConditionExpression: 'attribute_not_exists(#grant)',
    ExpressionAttributeNames: { '#grant': grantAttribute(visitorId), '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`:${name}`, value])),
      ':grant': { grantId, expiresAtMs },
      ':ttl': expiryAfterDays(notBeforeMs, visitKeptDays),
    },
    ReturnValuesOnConditionCheckFailure,
  }
}

function whyNot(
  [code, address, anywhere, door, visit]: readonly (Unmet | null)[],
  grant: Grant,
): IssueAnswer {
  // The answer to the first attempt was lost, and the SDK tried again.
  if (code && grantIdRow(code.row).grantId === grant.grantId) return { outcome: 'issued' }
  if (visit) {
    const { grantId } = visitGrantRow(visit.row?.[grantAttribute(grant.visitorId)])
    return { outcome: 'has-one', grantId }
  }
  if (address) return { outcome: 'limited', by: 'address' }
  if (anywhere) return { outcome: 'limited', by: 'address-anywhere' }
  if (door) return { outcome: 'limited', by: 'door' }
  if (code) return { outcome: 'code-in-use' }
  throw new StoreFault('busy', 'A code was neither issued nor refused.')
}

// ---------------------------------------------------------------- the item

/** Long enough for a door that was offline to report what became of the code. */
const keptDays = retentionDays.codes
const visitKeptDays = retentionDays.visits

const keyOf = (ref: DoorRef & { readonly tag: string }) => ({
  pk: doorKey(ref),
  sk: `code#${ref.tag}`,
})

const grantPut = ({ passcodesTable }: Deps, grant: Grant, tag: string) => ({
  TableName: passcodesTable,
  Item: {
    ...keyOf({ ...grant, tag }),
    ...withoutNulls(grant),
    ttl: expiryAfterDays(grant.expiresAtMs, keptDays),
  },
  ConditionExpression: 'attribute_not_exists(pk) OR expiresAtMs <= :now',
  ExpressionAttributeValues: { ':now': grant.notBeforeMs },
  ReturnValuesOnConditionCheckFailure,
})

const grantRow: Reader<Grant> = reader(
  'passcodes',
  z.object({
    household: z.string(),
    doorId: z.string(),
    grantId: z.string(),
    visitId: orNull(z.string()),
    visitorId: z.string(),
    visitorName: z.string(),
    language: languageSchema,
    digits: z.literal(passcodeDigits),
    notBeforeMs: z.int(),
    expiresAtMs: z.int(),
    storedAtMs: orNull(z.int()),
    sentAtMs: orNull(z.int()),
    sentBy: orNull(z.enum(['sms', 'email', 'page'])),
    confirmedAtMs: orNull(z.int()),
    closed: orNull(z.enum(['used', 'revoked'])),
    why: z.string(),
    onPage: z.optional(z.boolean()),
    countedFor: orNull(z.string()),
  }),
)

const keyRow = reader('passcodes', z.object({ sk: z.string().check(z.startsWith('code#')) }))
const withGrantId = z.object({ grantId: z.string() })
const grantIdRow = reader('passcodes', withGrantId)
const visitGrantRow = reader('visits', withGrantId)
