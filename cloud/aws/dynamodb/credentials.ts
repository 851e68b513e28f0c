/**
 * Standing credentials, each with an item that reserves its code. That item has the key that a
 * one-time code of the same digits would have.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { grantRefusals } from '../../../protocol/messages/door.ts'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import { passcodeDigits } from '../../../protocol/passcode.ts'
import {
  type CredentialRef,
  purposes,
  type StandingCredential,
  type Terms,
} from '../../credentials/core/credential.ts'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import type { Credentials, PinLink, VisitRef } from '../../ports.ts'
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
import { isUnmet, write, writeTogether } from './writes.ts'

interface Deps {
  readonly client: DynamoDBDocumentClient
  readonly passcodesTable: string
}

export function credentialsDynamodb(deps: Deps): Credentials {
  const { client, passcodesTable: TableName } = deps
  return {
    add: (credential) => add(deps, credential),
    find: (ref) => find(deps, ref),
    ofDoor: async (door) => (await query(deps, door, 'credential#')).map(credentialRow),
    changeTerms: (credential, terms, atMs) => changeTerms(deps, credential, terms, atMs),

    async rename(ref, { name, language }) {
      await change(deps, ref, {
        expression: 'SET #name = :name, #language = :language',
        condition: notWithdrawn,
        names: { '#name': 'name', '#language': 'language' },
        values: { ':name': name, ':language': language },
      })
    },

    async markOffered(ref, atMs) {
      const expression = 'SET offeredAtMs = :at REMOVE refused'
      await change(deps, ref, { expression, values: { ':at': atMs } })
    },

    markStored: (ref, { atMs, offeredByMs }) =>
      change(deps, ref, {
        expression: 'SET storedAtMs = if_not_exists(storedAtMs, :at) REMOVE refused',
        condition: `${notWithdrawn} AND offeredAtMs <= :by`,
        values: { ':at': atMs, ':by': offeredByMs },
      }),

    markRefused: (ref, reason, { atMs, offeredByMs }) =>
      change(deps, ref, {
        expression: 'SET refused = :refused',
        condition: 'attribute_not_exists(storedAtMs) AND offeredAtMs <= :by',
        values: { ':refused': { reason, atMs }, ':by': offeredByMs },
      }),

    async withdraw(ref, { atMs, why, forgets = false }) {
      return change(deps, ref, {
        expression: `SET withdrawn = if_not_exists(withdrawn, :withdrawn), #ttl = :ttl${forgets ? ', #name = :none' : ''}`,
        names: { '#ttl': 'ttl', ...(forgets && { '#name': 'name' }) },
        values: {
          ':withdrawn': { atMs, why },
          ':ttl': expiryAfterDays(atMs, keptDays),
          ...(forgets && { ':none': '' }),
        },
      })
    },

    markGone: (credential, atMs) => markGone(deps, credential, atMs),
    addUse: (ref, use) => addUse(deps, ref, use),

    takingFace: (door, visitorId) => takingFace(deps, door, visitorId),
    addDuress: (visit, atMs) => addDuress(deps, visit, atMs),

    async isDuress(visit) {
      const get = new GetCommand({ TableName, Key: duressKey(visit), ConsistentRead: true })
      return (await client.send(get)).Item !== undefined
    },

    async addPinLink(link) {
      const Item = {
        ...linkKey(link.tokenSha256),
        ...link,
        ttl: expiryAfterDays(link.expiresAtMs, 0),
      }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },

    async pinLink(tokenSha256) {
      const get = new GetCommand({ TableName, Key: linkKey(tokenSha256), ConsistentRead: true })
      const { Item } = await client.send(get)
      return Item ? linkRow(Item) : null
    },
  }
}

async function takingFace(deps: Deps, door: DoorRef, visitorId: string) {
  const marks = await query(deps, door, `face#${visitorId}#`)
  const found = marks.map((mark) => find(deps, { ...door, grantId: markRow(mark).grantId }))
  return (await Promise.all(found)).filter((one) => one?.second === 'face').filter(isThere)
}

async function addDuress({ client, passcodesTable }: Deps, visit: VisitRef, atMs: number) {
  const update = new UpdateCommand({
    TableName: passcodesTable,
    Key: duressKey(visit),
    UpdateExpression: 'SET atMs = if_not_exists(atMs, :at), #ttl = :ttl',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':at': atMs, ':ttl': expiryAfterDays(atMs, retentionDays.visits) },
  })
  await write(() => client.send(update))
}

const isThere = <T>(one: T | null): one is T => one !== null

const notWithdrawn = 'attribute_not_exists(withdrawn)'
const keptDays = retentionDays.credentials

const keyOf = (ref: CredentialRef) => ({ pk: doorKey(ref), sk: `credential#${ref.grantId}` })
const codeKey = (ref: DoorRef & { readonly tag: string }) => ({
  pk: doorKey(ref),
  sk: `code#${ref.tag}`,
})
const linkKey = (tokenSha256: string) => ({ pk: `pin-link#${tokenSha256}`, sk: 'link' })
const duressKey = (visit: VisitRef) => ({ pk: doorKey(visit), sk: `duress#${visit.visitId}` })

const query = ({ client, passcodesTable: table }: Deps, door: DoorRef, prefix: string) =>
  queryAll(
    { client, table },
    {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': doorKey(door), ':prefix': prefix },
      ConsistentRead: true,
    },
  )

async function find({ client, passcodesTable: TableName }: Deps, ref: CredentialRef) {
  const get = new GetCommand({ TableName, Key: keyOf(ref), ConsistentRead: true })
  const { Item } = await client.send(get)
  return Item ? credentialRow(Item) : null
}

// ---------------------------------------------------------------- writing

/** A number that no end is after. */
const neverMs = 8_640_000_000_000_000

const ReturnValuesOnConditionCheckFailure = 'ALL_OLD' as const

async function add(deps: Deps, credential: StandingCredential) {
  const { client, passcodesTable: TableName } = deps
  const { uses, createdAtMs, validity, grantId } = credential
  const ttl = ttlFor(validity.expiresAtMs)
  const { firstAtMs, lastAtMs, visits, ...rest } = { ...credential, ...uses }
  const Item = {
    ...{ ...keyOf(credential), visitsUsed: visits },
    ...withoutNulls({ ...rest, uses: null, firstUsedAtMs: firstAtMs, lastUsedAtMs: lastAtMs, ttl }),
  }
  const reservation = {
    ...{ ...codeKey(credential), grantId, standing: true },
    ...withoutNulls({ expiresAtMs: validity.expiresAtMs ?? neverMs, ttl }),
  }
  const transaction = new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' } },
      {
        Put: {
          TableName,
          Item: reservation,
          ConditionExpression: 'attribute_not_exists(pk) OR expiresAtMs <= :now',
          ExpressionAttributeValues: { ':now': createdAtMs },
          ReturnValuesOnConditionCheckFailure,
        },
      },
      ...faceMark(deps, credential, credential.second),
    ],
  })
  const unmet = await writeTogether(() => client.send(transaction))
  if (unmet === null) return 'added'
  return unmet[0] ? 'exists' : 'code-in-use'
}

const ttlFor = (expiresAtMs: number | null): number | null =>
  expiresAtMs === null ? null : expiryAfterDays(expiresAtMs, keptDays)

/** By which sightings of its holder find it. It stays when the face is no longer asked for. */
const faceMark = (
  { passcodesTable: TableName }: Deps,
  { visitorId, grantId, ...door }: StandingCredential,
  second: Terms['second'],
) =>
  second === 'face'
    ? [
        {
          Put: {
            TableName,
            Item: { pk: doorKey(door), sk: `face#${visitorId}#${grantId}`, grantId },
          },
        },
      ]
    : []

async function changeTerms(
  deps: Deps,
  credential: StandingCredential,
  { validity, second }: Terms,
  atMs: number,
) {
  const { client, passcodesTable: TableName } = deps
  const { revision, grantId } = credential
  const ttl = ttlFor(validity.expiresAtMs)
  const [setTtl, removeTtl] = ttl === null ? ['', ', #ttl'] : [', #ttl = :ttl', '']
  const transaction = new TransactWriteCommand({
    TransactItems: [
      {
        Update: {
          TableName,
          Key: keyOf(credential),
          UpdateExpression: `SET validity = :validity, revision = :next, offeredAtMs = :at${setTtl}${second ? ', #second = :second' : ''} REMOVE storedAtMs, refused${removeTtl}${second ? '' : ', #second'}`,
          ConditionExpression: `revision = :revision AND ${notWithdrawn}`,
          ExpressionAttributeNames: { '#ttl': 'ttl', '#second': 'second' },
          ExpressionAttributeValues: {
            ...{ ':validity': validity, ':revision': revision, ':next': revision + 1 },
            ':at': atMs,
            ...(second && { ':second': second }),
            ...(ttl !== null && { ':ttl': ttl }),
          },
        },
      },
      {
        Update: {
          TableName,
          Key: codeKey(credential),
          UpdateExpression: `SET expiresAtMs = :expires${setTtl}${ttl === null ? ' REMOVE #ttl' : ''}`,
          ConditionExpression: 'grantId = :grantId',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: {
            ':expires': validity.expiresAtMs ?? neverMs,
            ':grantId': grantId,
            ...(ttl !== null && { ':ttl': ttl }),
          },
        },
      },
      ...faceMark(deps, credential, second),
    ],
  })
  const unmet = await writeTogether(() => client.send(transaction))
  if (unmet === null) return 'stored'
  return unmet[0] ? 'changed' : 'code-in-use'
}

interface Change {
  readonly expression: string
  readonly condition?: string
  readonly names?: Record<string, string>
  readonly values: Row
}

async function change(
  { client, passcodesTable: TableName }: Deps,
  ref: CredentialRef,
  { expression, condition, names, values }: Change,
): Promise<StandingCredential | null> {
  const update = new UpdateCommand({
    TableName,
    Key: keyOf(ref),
    UpdateExpression: expression,
    ConditionExpression: `attribute_exists(pk)${condition ? ` AND ${condition}` : ''}`,
    ...(names && { ExpressionAttributeNames: names }),
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
  })
  const answer = await write(() => client.send(update))
  return isUnmet(answer) ? null : credentialRow(answer.Attributes)
}

/** Its code may be given again. */
async function markGone(deps: Deps, credential: StandingCredential, atMs: number): Promise<void> {
  const { client, passcodesTable: TableName } = deps
  const release = new UpdateCommand({
    TableName,
    Key: codeKey(credential),
    UpdateExpression: 'SET expiresAtMs = :at, #ttl = :ttl',
    ConditionExpression: 'grantId = :grantId AND expiresAtMs > :at',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ...{ ':at': atMs, ':grantId': credential.grantId },
      ':ttl': expiryAfterDays(atMs, 0),
    },
  })
  await write(() => client.send(release))
  await change(deps, credential, {
    expression: 'SET goneAtMs = if_not_exists(goneAtMs, :at)',
    values: { ':at': atMs },
  })
}

async function addUse(
  deps: Deps,
  ref: CredentialRef,
  { visit, atMs }: { readonly visit: string; readonly atMs: number },
): Promise<void> {
  const { client, passcodesTable: TableName } = deps
  const transaction = new TransactWriteCommand({
    TransactItems: [
      {
        Put: {
          TableName,
          Item: {
            ...{ pk: doorKey(ref), sk: `use#${ref.grantId}#${visit}` },
            ttl: expiryAfterDays(atMs, keptDays),
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      {
        Update: {
          TableName,
          Key: keyOf(ref),
          UpdateExpression:
            'ADD visitsUsed :one SET firstUsedAtMs = if_not_exists(firstUsedAtMs, :at)',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':one': 1, ':at': atMs },
        },
      },
    ],
  })
  await writeTogether(() => client.send(transaction))
  await change(deps, ref, {
    expression: 'SET lastUsedAtMs = :at',
    condition: '(attribute_not_exists(lastUsedAtMs) OR lastUsedAtMs < :at)',
    values: { ':at': atMs },
  })
}

// ---------------------------------------------------------------- the items

const linkRow: Reader<PinLink> = reader(
  'passcodes',
  z.object({
    ...{ tokenSha256: z.string(), household: z.string(), visitorId: z.string() },
    expiresAtMs: z.int(),
  }),
)

const markRow = reader('passcodes', z.object({ grantId: z.string() }))

const weeklyHours = z.object({
  weekdays: z.array(z.int()),
  fromMinute: z.int(),
  toMinute: z.int(),
})

const row = z.object({
  ...{ household: z.string(), doorId: z.string(), grantId: z.string() },
  purpose: z.enum(purposes),
  ...{ visitorId: z.string(), name: z.string(), language: languageSchema },
  digits: z.literal(passcodeDigits),
  ...{ tag: z.string(), keyMark: z.string(), isDerived: z.boolean() },
  validity: z.object({
    notBeforeMs: z.int(),
    expiresAtMs: z.nullable(z.int()),
    weeklyHours: z.array(weeklyHours),
    exceptDates: z.optional(z.array(z.string())),
    visits: z.nullable(z.int()),
    endsAfterFirstUseMs: z.optional(z.int()),
  }),
  second: orNull(z.literal('face')),
  revision: z.int(),
  booking: orNull(z.object({ calendarId: z.string(), uid: z.string() })),
  ...{ createdAtMs: z.int(), createdBy: z.string(), offeredAtMs: z.int() },
  storedAtMs: orNull(z.int()),
  refused: orNull(z.object({ reason: z.enum(grantRefusals), atMs: z.int() })),
  withdrawn: orNull(z.object({ atMs: z.int(), why: z.string() })),
  goneAtMs: orNull(z.int()),
  visitsUsed: z.int(),
  ...{ firstUsedAtMs: orNull(z.int()), lastUsedAtMs: orNull(z.int()) },
})
const readRow = reader('passcodes', row)

function credentialRow(item: unknown): StandingCredential {
  const { visitsUsed: visits, firstUsedAtMs, lastUsedAtMs, ...rest } = readRow(item)
  return { ...rest, uses: { visits, firstAtMs: firstUsedAtMs, lastAtMs: lastUsedAtMs } }
}
