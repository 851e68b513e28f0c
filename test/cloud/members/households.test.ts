/** How households, doors and members come and go: what `npm run cloud` does. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { outputsSchema } from '../../../cloud/cli/deployment.ts'
import { householdData } from '../../../cloud/cli/household-data.ts'
import {
  addDoor,
  addHousehold,
  removeDoor,
  removeHousehold,
} from '../../../cloud/members/households.ts'
import { inviteMember, removeMember } from '../../../cloud/members/invitations.ts'
import { newId } from '../../support/cloud/cloud-home.ts'
import { firstSignIn, type MemberHome, memberHome } from '../../support/cloud/member-home.ts'

const household = 'elm-road'
const owner = { email: 'mira@example.org', language: 'de' } as const
const elmRoad = {
  ...{ household, name: 'Elm Road 2', timeZone: 'Europe/Berlin', countries: ['DE'], owner },
  doorIds: ['elm-road_front', 'elm-road_side-door'],
}

let home: MemberHome
beforeEach(async () => {
  home = await memberHome()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await home.close()
})

const deps = () => ({ ...home.cloud.deps, accounts: home.accounts })
/** As `npm run cloud` deletes it. */
const data = () => {
  const { aws, stack, deps: parts } = home.cloud
  for (const [name, value] of Object.entries(aws.rootEnvironment())) vi.stubEnv(name, value)
  return householdData(z.parse(outputsSchema, stack.outputs), parts.photos)
}
const found = () => home.cloud.deps.households.find(household)
const invitations = () => home.cloud.aws.cognito.invitations.map(({ to }) => to[0])

describe('a household', () => {
  test('is added with its doors, and its owner is invited with the right attributes', async () => {
    expect(await addHousehold(deps(), elmRoad)).toEqual({ outcome: 'invited' })
    const settings = { language: 'de', timeZone: 'Europe/Berlin', passcodeDigits: 8 }
    expect(await found()).toMatchObject({
      ...{ household, name: 'Elm Road 2', countries: ['DE'], owners: [owner] },
      doors: [
        { doorId: 'elm-road_front', name: 'Front', revision: 1, settings },
        { doorId: 'elm-road_side-door', name: 'Side door', revision: 1, settings },
      ],
    })
    expect(await home.accounts.find(owner.email)).toEqual({
      ...{ email: owner.email, household, isUsed: false },
    })
    expect(invitations().at(-1)).toBe(owner.email)
  })

  test('can be added again: nothing is lost, and what differs is changed', async () => {
    await addHousehold(deps(), elmRoad)
    await addDoor(deps(), 'elm-road_front', 'Haustür')
    const again = { ...elmRoad, name: 'Elm Road 3', doorIds: ['elm-road_garden'] }
    expect(await addHousehold(deps(), again)).toEqual({ outcome: 'invited-again' })
    expect((await found())?.name).toBe('Elm Road 3')
    expect((await found())?.owners).toEqual([owner])
    expect((await found())?.doors.map(({ name }) => name).sort()).toEqual([
      'Garden',
      'Haustür',
      'Side door',
    ])
    await firstSignIn(home)
    const before = invitations().length
    expect(await addHousehold(deps(), elmRoad)).toEqual({ outcome: 'has-joined' })
    expect(invitations()).toHaveLength(before)
  })

  test('with an owner of another household changes nothing', async () => {
    const taken = { ...elmRoad, owner: { email: 'owner@example.org', language: 'en' } } as const
    const refused = { outcome: 'refused', reason: 'other-household' }
    expect(await addHousehold(deps(), taken)).toEqual(refused)
    expect(await found()).toBeNull()
  })

  test('is removed with everything in it, but only without doors', async () => {
    await addHousehold(deps(), elmRoad)
    await firstSignIn(home)
    const visitorId = newId()
    await home.cloud.deps.visitors.put({
      ...{ household, visitorId, revision: 0, name: 'Robin Vale', language: 'en' },
      contact: { prefers: 'sms', phone: '+15550100', email: null },
      ...{ remembersFace: false, faceIds: [], photo: null, createdAtMs: 0, welcomeUntilMs: null },
      ...{ trusted: false, tags: [], removedAtMs: null },
    })
    const remove = () => removeHousehold({ ...deps(), data: data() }, household)
    expect(await remove()).toEqual({ outcome: 'refused', reason: 'has-doors' })
    for (const doorId of elmRoad.doorIds) await removeDoor(deps(), doorId)
    expect(await remove()).toEqual({ outcome: 'removed' })
    expect(await found()).toBeNull()
    expect(await home.cloud.deps.households.members(household)).toEqual([])
    expect(await home.cloud.deps.visitors.list(household)).toEqual([])
    expect(await home.accounts.list(household)).toEqual([])
    expect(await remove()).toEqual({ outcome: 'refused', reason: 'unknown-household' })
  })
})

describe('a door', () => {
  test('is added once, renamed, and removed', async () => {
    await addHousehold(deps(), { ...elmRoad, doorIds: [] })
    for (const name of ['Back door', null]) await addDoor(deps(), 'elm-road_back', name)
    expect((await found())?.doors).toMatchObject([{ doorId: 'elm-road_back', name: 'Back door' }])
    expect((await removeDoor(deps(), 'elm-road_back'))?.doors).toEqual([])
    expect(await removeDoor(deps(), 'elm-road_back')).toBeNull()
  })

  test('of a household that does not exist is not added', async () => {
    expect(await addDoor(deps(), 'elm-road_front', null)).toBeNull()
    expect(await found()).toBeNull()
  })

  test('keeps settings that are changed while another door is added', async () => {
    await addHousehold(deps(), elmRoad)
    const [front] = (await found())?.doors ?? []
    if (!front) throw new Error('There is a door.')
    const settings = { ...front.settings, unlockHoldMs: 9_000 }
    const door = { household, doorId: front.doorId }
    const names = Array.from({ length: 8 }, (_, nth) => `elm-road_side-${nth}`)
    await Promise.all([
      ...names.map((doorId) => addDoor(deps(), doorId, null)),
      home.cloud.deps.households.changeSettings(door, settings),
    ])
    const doors = (await found())?.doors ?? []
    expect(doors).toHaveLength(2 + names.length)
    expect(doors.find(({ doorId }) => doorId === front.doorId)).toMatchObject({
      settings,
      revision: 2,
    })
  })
})

describe('a member', () => {
  const max = { household, email: 'max@example.org', language: 'en', role: 'member' } as const

  test('cannot be invited into a household that does not exist, nor into two', async () => {
    const refused = (reason: string) => ({ outcome: 'refused', reason })
    const before = invitations().length
    expect(await inviteMember(deps(), max)).toEqual(refused('unknown-household'))
    expect(await inviteMember(deps(), { ...max, role: 'owner' })).toEqual(
      refused('unknown-household'),
    )
    const other = { ...max, email: 'owner@example.org' }
    expect(await inviteMember(deps(), other)).toEqual(refused('other-household'))
    expect(invitations()).toHaveLength(before)
  })

  test('becomes an owner when invited as one, and one owner always remains', async () => {
    await addHousehold(deps(), elmRoad)
    const remove = (email: string) => removeMember(deps(), { household, email })
    expect(await remove(owner.email)).toEqual({ outcome: 'refused', reason: 'last-owner' })
    await inviteMember(deps(), { ...max, role: 'owner' })
    expect((await found())?.owners.map(({ email }) => email)).toEqual([owner.email, max.email])
    expect(await remove('MIRA@example.org')).toEqual({ outcome: 'removed' })
    expect((await found())?.owners.map(({ email }) => email)).toEqual([max.email])
    expect(await home.accounts.find(owner.email)).toBeNull()
    expect(await remove(owner.email)).toEqual({ outcome: 'refused', reason: 'unknown-member' })
  })

  test('of another household is not removed', async () => {
    await addHousehold(deps(), elmRoad)
    const email = 'owner@example.org'
    const refused = { outcome: 'refused', reason: 'unknown-member' }
    expect(await removeMember(deps(), { household, email })).toEqual(refused)
    expect(await home.accounts.find(email)).not.toBeNull()
  })
})
