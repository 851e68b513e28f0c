/** Households and who belongs to them, beside the visitors they have on file. */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Settings, settingsSchema } from '../../../protocol/messages/cloud.ts'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import { type Households, StoreFault } from '../../ports.ts'
import type { Door, Household, Member } from '../../visitors/core/people.ts'
import { isUnmet, type Reader, reader, written } from './rows.ts'

export interface HouseholdsDeps {
  readonly client: DynamoDBDocumentClient
  readonly table: string
}

export function householdsDynamodb(deps: HouseholdsDeps): Households {
  const { client, table: TableName } = deps
  return {
    async find(household) {
      const row = await rowAt(deps, household, 'household')
      return row ? householdRow(row) : null
    },

    async put(household) {
      const Item = { ...keyOf(household.household, 'household'), kind: 'household', ...household }
      await written(() => client.send(new PutCommand({ TableName, Item })))
    },

    changeSettings: (door, settings) => changeSettings(deps, door, settings),

    list: () => list(deps),

    async addMember(member) {
      const Item = { ...keyOf(member.household, `member#${member.memberId}`), ...member }
      const ConditionExpression = 'attribute_not_exists(pk)'
      // Whoever is a member already stays what they are.
      await written(() => client.send(new PutCommand({ TableName, Item, ConditionExpression })))
    },

    async member(household, memberId) {
      const row = await rowAt(deps, household, `member#${memberId}`)
      return row ? memberRow(row) : null
    },
  }
}

const keyOf = (household: string, sk: string) => ({ pk: `household#${household}`, sk })

async function rowAt({ client, table }: HouseholdsDeps, household: string, sk: string) {
  const Key = keyOf(household, sk)
  const get = new GetCommand({ TableName: table, Key, ConsistentRead: true })
  return (await client.send(get)).Item
}

const tries = 20

/** Whoever is overtaken by another change reads again, so that no two ever have one revision. */
async function changeSettings(
  deps: HouseholdsDeps,
  { household, doorId }: DoorRef,
  settings: Settings,
): Promise<number | null> {
  for (let nth = 0; nth < tries; nth += 1) {
    const row = await rowAt(deps, household, 'household')
    const doors = row ? householdRow(row).doors : []
    const place = doors.findIndex((door) => door.doorId === doorId)
    const door = doors[place]
    if (!door) return null
    const update = new UpdateCommand(settingsAt(deps, household, place, door, settings))
    const answer = await written(() => deps.client.send(update))
    if (!isUnmet(answer)) return door.revision + 1
  }
  throw new StoreFault('busy', 'Too many change the settings of one door at once.')
}

/** The list may have been changed since as well, so the door's name is asked for too. */
function settingsAt(
  { table }: HouseholdsDeps,
  household: string,
  place: number,
  { doorId, revision }: Door,
  settings: Settings,
) {
  const at = `doors[${place}]`
  return {
    TableName: table,
    Key: keyOf(household, 'household'),
    UpdateExpression: `SET ${at}.settings = :settings, ${at}.revision = :next`,
    ConditionExpression: `${at}.doorId = :door AND ${at}.revision = :revision`,
    ExpressionAttributeValues: {
      ...{ ':settings': settings, ':door': doorId },
      ...{ ':revision': revision, ':next': revision + 1 },
    },
  }
}

async function list({ client, table }: HouseholdsDeps): Promise<string[]> {
  const names: string[] = []
  let ExclusiveStartKey: Record<string, unknown> | undefined
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'everyHousehold',
        KeyConditionExpression: 'kind = :kind',
        ExpressionAttributeValues: { ':kind': 'household' },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    names.push(...Items.map((row) => nameRow(row).pk.slice('household#'.length)))
    ExclusiveStartKey = LastEvaluatedKey
  } while (ExclusiveStartKey)
  return names
}

// ---------------------------------------------------------------- reading rows

const nameRow = reader('visitors', z.object({ pk: z.string().check(z.startsWith('household#')) }))

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
  }),
)

const memberRow: Reader<Member> = reader(
  'visitors',
  z.object({
    household: z.string(),
    memberId: z.string(),
    email: z.string(),
    role: z.enum(['owner', 'member']),
    joinedAtMs: z.int(),
  }),
)
