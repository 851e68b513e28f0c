/** Households and their members, in the table of visitors. */
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Settings, settingsSchema } from '../../../protocol/messages/cloud.ts'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import {
  type Door,
  type Household,
  type Member,
  type MemberSession,
  roles,
} from '../../members/core/household.ts'
import { type Households, StoreFault } from '../../ports.ts'
import {
  expiryAfterDays,
  householdKey,
  orNull,
  queryAll,
  type Reader,
  reader,
  type Table,
  withoutNulls,
} from './rows.ts'
import { isUnmet, write } from './writes.ts'

export function householdsDynamodb(deps: Table): Households {
  const { client, table: TableName } = deps
  return {
    find: (household) => findHousehold(deps, household),

    change: (household, change) => changeHousehold(deps, household, change),

    async remove(household) {
      const Key = keyOf(household, 'household')
      await write(() => client.send(new DeleteCommand({ TableName, Key })))
    },

    changeSettings: (door, settings) => changeSettings(deps, door, settings),

    async list() {
      const rows = await queryAll(deps, {
        IndexName: 'everyHousehold',
        KeyConditionExpression: 'kind = :kind',
        ExpressionAttributeValues: { ':kind': 'household' },
      })
      return rows.map((row) => keyRow(row).pk.slice('household#'.length))
    },

    async addMember(member) {
      const Item = { ...keyOf(member.household, `member#${member.memberId}`), ...member }
      const ConditionExpression = 'attribute_not_exists(pk)'
      // Unmet for a member, who keeps their role.
      await write(() => client.send(new PutCommand({ TableName, Item, ConditionExpression })))
    },

    async member(household, memberId) {
      const row = await rowAt(deps, household, `member#${memberId}`)
      return row && !isRemoved(row) ? memberRow(row) : null
    },

    async members(household) {
      const rows = await queryAll(deps, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :member)',
        ExpressionAttributeValues: { ':pk': householdKey(household), ':member': 'member#' },
        ConsistentRead: true,
      })
      return rows.filter((row) => !isRemoved(row)).map((row) => memberRow(row))
    },

    changeMember: (household, memberId, change) => changeMember(deps, household, memberId, change),

    async removeMember(household, memberId, atMs) {
      const ttl = expiryAfterDays(atMs, rememberRemovedDays)
      const Item = { ...keyOf(household, `member#${memberId}`), removedAtMs: atMs, ttl }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },

    async startSession(session) {
      const { household, memberId, startedAtMs } = session
      const key = keyOf(household, `session#${memberId}#${session.session}`)
      const Item = { ...key, ...session, ttl: expiryAfterDays(startedAtMs, longestTokenDays) }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },

    sessions: (household, memberId) => sessionsOf(deps, household, memberId),

    async endSession(household, session, atMs) {
      const Item = { ...endedKey(household, session), ttl: expiryAfterDays(atMs, longestTokenDays) }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },

    async hasEnded(household, session) {
      return (await rowAt(deps, household, endedKey(household, session).sk)) !== undefined
    },
  }
}

async function changeHousehold(
  deps: Table,
  household: string,
  change: (now: Household | null) => Household | null,
): Promise<Household | null> {
  for (let nth = 0; nth < tries; nth += 1) {
    const row = await rowAt(deps, household, 'household')
    const changed = change(row ? householdRow(row) : null)
    if (!changed) return null
    const version = row ? versionRow(row).version : 0
    const Item = { ...keyOf(household, 'household'), kind: 'household', ...changed }
    const put = new PutCommand({
      TableName: deps.table,
      Item: { ...Item, version: version + 1 },
      ConditionExpression: 'attribute_not_exists(version) OR version = :version',
      ExpressionAttributeValues: { ':version': version },
    })
    if (!isUnmet(await write(() => deps.client.send(put)))) return changed
  }
  throw new StoreFault('busy', 'Too many changes of one household at once.')
}

async function findHousehold(deps: Table, household: string): Promise<Household | null> {
  const row = await rowAt(deps, household, 'household')
  return row ? householdRow(row) : null
}

async function rowAt({ client, table }: Table, household: string, sk: string) {
  const Key = keyOf(household, sk)
  const get = new GetCommand({ TableName: table, Key, ConsistentRead: true })
  return (await client.send(get)).Item
}

const isRemoved = (row: object): boolean => 'removedAtMs' in row

async function changeMember(
  { client, table: TableName }: Table,
  household: string,
  memberId: string,
  change: Partial<Pick<Member, 'role' | 'signedOutAtMs'>>,
): Promise<void> {
  const names = Object.keys(withoutNulls(change))
  const update = new UpdateCommand({
    ...{ TableName, Key: keyOf(household, `member#${memberId}`) },
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: 'attribute_exists(joinedAtMs)',
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(change).map(([name, value]) => [`:${name}`, value]),
    ),
  })
  await write(() => client.send(update))
}

async function sessionsOf(
  deps: Table,
  household: string,
  memberId: string,
): Promise<readonly MemberSession[]> {
  const rows = await queryAll(deps, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :session)',
    ExpressionAttributeValues: {
      ':pk': householdKey(household),
      ':session': `session#${memberId}#`,
    },
    ConsistentRead: true,
  })
  const all = rows.map((row) => sessionRow(row))
  const ended = await Promise.all(
    all.map(({ session }) => rowAt(deps, household, endedKey(household, session).sk)),
  )
  return all
    .filter((_, nth) => ended[nth] === undefined)
    .sort((one, other) => other.startedAtMs - one.startedAtMs)
}

const tries = 20

/** Reads again when another change was first, so that no two changes get one revision. */
async function changeSettings(
  deps: Table,
  { household, doorId }: DoorRef,
  settings: Settings,
): Promise<number | null> {
  for (let nth = 0; nth < tries; nth += 1) {
    const doors = (await findHousehold(deps, household))?.doors ?? []
    const place = doors.findIndex((door) => door.doorId === doorId)
    const door = doors[place]
    if (!door) return null
    const update = new UpdateCommand({
      TableName: deps.table,
      Key: keyOf(household, 'household'),
      ...settingsChange(place, door, settings),
    })
    const answer = await write(() => deps.client.send(update))
    if (!isUnmet(answer)) return door.revision + 1
  }
  throw new StoreFault('busy', 'Too many changes of one door’s settings at once.')
}

/** The condition names the door too, because its place in the list may have changed. */
function settingsChange(place: number, { doorId, revision }: Door, settings: Settings) {
  const at = `doors[${place}]`
  return {
    UpdateExpression: `SET ${at}.settings = :settings, ${at}.revision = :next ADD version :one`,
    ConditionExpression: `${at}.doorId = :door AND ${at}.revision = :revision`,
    ExpressionAttributeValues: {
      ':settings': settings,
      ':door': doorId,
      ':revision': revision,
      ':next': revision + 1,
      ':one': 1,
    },
  }
}

// ---------------------------------------------------------------- the items

const keyOf = (household: string, sk: string) => ({ pk: householdKey(household), sk })

const endedKey = (household: string, session: string) =>
  keyOf(household, `ended-session#${session}`)

/** The refresh token lives for 30 days, and its last ID token for another. */
const longestTokenDays = 31

/** Their account is deleted at once; this is for a sign-in that was under way. */
const rememberRemovedDays = 31

const keyRow = reader('visitors', z.object({ pk: z.string().check(z.startsWith('household#')) }))

/** Counts the writes of a household, so that none of them undoes another. */
const versionRow = reader('visitors', z.object({ version: z._default(z.int(), 0) }))

const guestHours = z.object({
  doorId: orNull(z.string()),
  weekdays: z.array(z.int()),
  fromMinute: z.int(),
  toMinute: z.int(),
  firstDay: orNull(z.string()),
  lastDay: orNull(z.string()),
})

const guestList = z.object({
  listId: z.string(),
  name: z.string(),
  hours: z.array(guestHours),
})

const householdRow: Reader<Household> = reader(
  'visitors',
  z.object({
    household: z.string(),
    name: z.string(),
    owners: z.array(z.object({ email: z.string(), language: languageSchema })),
    countries: z.array(z.string()),
    timeZone: z.string(),
    doors: z.array(
      z.object({
        doorId: z.string(),
        name: z.string(),
        settings: settingsSchema,
        revision: z.int().check(z.nonnegative()),
      }),
    ),
    lists: z._default(z.array(guestList), []),
    recognises: z.optional(z.boolean()),
    invited: z.optional(
      z.array(
        z.object({
          ...{ email: z.string(), role: z.enum(roles) },
          ...{ language: languageSchema, atMs: z.int() },
        }),
      ),
    ),
  }),
)

const memberRow: Reader<Member> = reader(
  'visitors',
  z.object({
    household: z.string(),
    memberId: z.string(),
    email: z.string(),
    role: z.enum(roles),
    joinedAtMs: z.int(),
    language: z.optional(languageSchema),
    signedOutAtMs: z.optional(z.int()),
  }),
)

const sessionRow: Reader<MemberSession> = reader(
  'visitors',
  z.object({
    ...{ household: z.string(), memberId: z.string(), session: z.string() },
    ...{ device: z.string(), startedAtMs: z.int() },
  }),
)
