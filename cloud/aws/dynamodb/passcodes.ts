/**
 * Grants, each lying where its code says, so that two live ones of a door cannot have the same
 * code: there is one place for it. Whatever is asked about a grant is also asked of its id, since
 * a later one may lie in the same place.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import { addressAnywhere, addressIn } from '../../passcodes/address.ts'
import { type Grant, type Limit, limits } from '../../passcodes/core/grant.ts'
import {
  type GrantRef,
  type IssueAnswer,
  type LiveGrant,
  type Passcodes,
  StoreFault,
} from '../../ports.ts'
import { grantIdAt, grantRow, tagAt, visitGrantAt } from './passcode-row.ts'
import {
  counted,
  doorKey,
  goneAfterDays,
  isUnmet,
  type Unmet,
  withoutNulls,
  written,
  writtenTogether,
} from './rows.ts'

export interface PasscodesDeps {
  readonly client: DynamoDBDocumentClient
  readonly passcodesTable: string
  readonly visitsTable: string
}

/** Long enough for a door that was away to tell what became of it. */
const keptDays = 1
const visitKeptDays = 365

export function passcodesDynamodb(deps: PasscodesDeps): Passcodes {
  return {
    issue: (grant, tag, address) => issue(deps, grant, tag, address),

    async claimText(ref, nowMs, leaseUntilMs) {
      return changed(deps, ref, {
        set: 'storedAtMs = if_not_exists(storedAtMs, :now), textLeaseUntilMs = :until',
        condition: `${isOpen} AND expiresAtMs > :now AND attribute_not_exists(textedAtMs) AND (attribute_not_exists(textLeaseUntilMs) OR textLeaseUntilMs <= :now)`,
        values: { ':now': nowMs, ':until': leaseUntilMs },
      })
    },

    async markTexted(ref, atMs) {
      const set = 'textedAtMs = if_not_exists(textedAtMs, :at)'
      // Should it be gone by now, its code is worth nothing and is not texted again either.
      await changed(deps, ref, { set, values: { ':at': atMs } })
    },

    async find(ref) {
      const { client, passcodesTable: TableName } = deps
      const get = new GetCommand({ TableName, Key: keyOf(ref), ConsistentRead: true })
      const { Item } = await client.send(get)
      const grant = Item ? grantRow(Item) : null
      return grant?.grantId === ref.grantId ? grant : null
    },

    revokeUnstored: (ref, atMs) =>
      changed(deps, ref, {
        ...closing('revoked', atMs),
        condition: `${isOpen} AND attribute_not_exists(storedAtMs)`,
      }),

    async close(ref, as, atMs) {
      return (await changed(deps, ref, { ...closing(as, atMs), condition: isOpen })) !== null
    },

    live: (door, nowMs) => live(deps, door, nowMs),
  }
}

const isOpen = 'attribute_not_exists(closed)'

/** Nobody is told any more whose code it was, and they may be deleted before the line is. */
const closing = (as: 'used' | 'revoked', atMs: number) => ({
  set: 'closed = :closed, closedAtMs = :at, visitorName = :nobody',
  values: { ':closed': as, ':at': atMs, ':nobody': '' },
})

const keyOf = (ref: Omit<GrantRef, 'grantId'>) => ({ pk: doorKey(ref), sk: `code#${ref.tag}` })

interface Change {
  readonly set: string
  readonly condition?: string
  readonly values: Readonly<Record<string, unknown>>
}

/** Null when it is not there, or the condition does not hold: then nothing changes. */
async function changed(
  { client, passcodesTable }: PasscodesDeps,
  ref: GrantRef,
  { set, condition, values }: Change,
): Promise<Grant | null> {
  const update = new UpdateCommand({
    TableName: passcodesTable,
    Key: keyOf(ref),
    UpdateExpression: `SET ${set}`,
    ConditionExpression: `grantId = :grantId${condition ? ` AND ${condition}` : ''}`,
    ExpressionAttributeValues: { ...values, ':grantId': ref.grantId },
    ReturnValues: 'ALL_NEW',
  })
  const answer = await written(() => client.send(update))
  return isUnmet(answer) ? null : grantRow(answer.Attributes)
}

/** A door's codes of the last days at most: how many there can be, its limit says. */
async function live(deps: PasscodesDeps, door: DoorRef, nowMs: number): Promise<LiveGrant[]> {
  const pk = doorKey(door)
  const grants: LiveGrant[] = []
  let ExclusiveStartKey: Record<string, unknown> | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await deps.client.send(
      new QueryCommand({
        TableName: deps.passcodesTable,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :code)',
        FilterExpression: `${isOpen} AND expiresAtMs > :now`,
        ExpressionAttributeValues: { ':pk': pk, ':code': 'code#', ':now': nowMs },
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    grants.push(...Items.map((row) => ({ ...grantRow(row), tag: tagAt(row) })))
    ExclusiveStartKey = LastEvaluatedKey
  } while (ExclusiveStartKey)
  return grants
}

// ---------------------------------------------------------------- issuing

/** The moment of issue is when the code begins to be valid. */
async function issue(
  deps: PasscodesDeps,
  grant: Grant,
  tag: string,
  address: string,
): Promise<IssueAnswer> {
  const limitOf = (hash: string) => ({ pk: `address#${hash}`, sk: 'limit' })
  const addressKey = limitOf(addressIn(grant.household, address))
  const doorLimit = { pk: doorKey(grant), sk: 'limit' }
  const count = (key: typeof doorLimit, limit: readonly Limit[]) =>
    counted(deps.passcodesTable, key, limit, grant.notBeforeMs)
  const TransactItems = [
    { Put: grantPut(deps, grant, tag) },
    { Update: count(addressKey, limits.perAddress) },
    { Update: count(limitOf(addressAnywhere(address)), limits.perAddressAnywhere) },
    { Update: count(doorLimit, limits.perDoor) },
    ...(grant.visitId === null ? [] : [{ Update: visitTaken(deps, grant, grant.visitId) }]),
  ]
  const command = new TransactWriteCommand({ TransactItems })
  const parts = await writtenTogether(() => deps.client.send(command))
  return parts ? whyNot(parts, grant) : { outcome: 'issued' }
}

const ReturnValuesOnConditionCheckFailure = 'ALL_OLD' as const

const grantPut = ({ passcodesTable }: PasscodesDeps, grant: Grant, tag: string) => ({
  TableName: passcodesTable,
  Item: {
    ...keyOf({ ...grant, tag }),
    ...withoutNulls(grant),
    ttl: goneAfterDays(grant.expiresAtMs, keptDays),
  },
  ConditionExpression: 'attribute_not_exists(pk) OR expiresAtMs <= :now',
  ExpressionAttributeValues: { ':now': grant.notBeforeMs },
  ReturnValuesOnConditionCheckFailure,
})

const grantAttribute = (visitorId: string): string => `grant:${visitorId}`

/** News of the visit may still be on their way, so this may be the first that is kept of it. */
function visitTaken({ visitsTable }: PasscodesDeps, grant: Grant, visitId: string) {
  const { household, doorId, visitorId, grantId, notBeforeMs, expiresAtMs } = grant
  const facts = { household, doorId, visitId, startedAtMs: notBeforeMs }
  const opening = Object.keys(facts).map((name) => `${name} = if_not_exists(${name}, :${name})`)
  opening.push('#ttl = if_not_exists(#ttl, :ttl)')
  return {
    TableName: visitsTable,
    Key: { pk: doorKey(grant), sk: `visit#${visitId}` },
    UpdateExpression: `SET #grant = :grant, ${opening.join(', ')}`,
    ConditionExpression: 'attribute_not_exists(#grant)',
    ExpressionAttributeNames: { '#grant': grantAttribute(visitorId), '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`:${name}`, value])),
      ':grant': { grantId, expiresAtMs },
      ':ttl': goneAfterDays(notBeforeMs, visitKeptDays),
    },
    ReturnValuesOnConditionCheckFailure,
  }
}

/** Whoever has a code needs no other; whoever is over a limit need not try other codes. */
function whyNot(
  [place, address, anywhere, door, visit]: readonly (Unmet | null)[],
  grant: Grant,
): IssueAnswer {
  // The answer to the first time got lost on its way, and the driver asked again.
  if (place && grantIdAt(place.row).grantId === grant.grantId) return { outcome: 'issued' }
  if (visit) {
    const { grantId } = visitGrantAt(visit.row?.[grantAttribute(grant.visitorId)])
    return { outcome: 'has-one', grantId }
  }
  if (address) return { outcome: 'limited', by: 'address' }
  if (anywhere) return { outcome: 'limited', by: 'address-anywhere' }
  if (door) return { outcome: 'limited', by: 'door' }
  if (place) return { outcome: 'code-in-use' }
  throw new StoreFault('busy', 'A code was neither issued nor refused.')
}
