/** How a household comes into being, and how it ends. */
import type { Language } from '../../protocol/messages/shared.ts'
import { type DoorRef, doorRef } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { newDoor } from './core/door.ts'
import { doorOf, type Household } from './core/household.ts'
import { type Invited, inviteMember } from './invitations.ts'

export interface NewHousehold {
  readonly household: string
  readonly name: string
  readonly timeZone: string
  readonly countries: readonly string[]
  /** Deployed doors that the household does not list yet are added. */
  readonly doorIds: readonly string[]
  readonly owner: { readonly email: string; readonly language: Language }
}

/** Adds the household, or changes it to this, and invites the owner. */
export async function addHousehold(
  deps: Uses<'households' | 'accounts'>,
  { household, name, timeZone, countries, doorIds, owner }: NewHousehold,
): Promise<Invited> {
  const account = await deps.accounts.find(owner.email)
  if (account && account.household !== household) {
    return { outcome: 'refused', reason: 'other-household' }
  }
  await deps.households.change(household, (now) => {
    const known = now?.doors ?? []
    const missing = doorIds.filter((id) => !known.some(({ doorId }) => doorId === id))
    const settings = { timeZone, language: owner.language }
    const doors = [...known, ...missing.map((id) => newDoor(id, nameOf(id), settings))]
    return { owners: [], lists: [], ...now, household, name, timeZone, countries, doors }
  })
  return inviteMember(deps, { household, ...owner, role: 'owner' })
}

/** `maple-street_side-door` is the side door. */
function nameOf(doorId: string): string {
  const words = doorId.slice(doorId.indexOf('_') + 1).replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

type Removal =
  | { readonly outcome: 'removed' }
  | { readonly outcome: 'refused'; readonly reason: 'unknown-household' | 'has-doors' }

/** Everything stored about a household, except its accounts and its own record. */
export interface HouseholdData {
  remove(household: string): Promise<void>
}

/** The record goes last, so that an interrupted removal can be repeated. */
export async function removeHousehold(
  {
    households,
    accounts,
    data,
  }: Uses<'households' | 'accounts'> & { readonly data: HouseholdData },
  household: string,
): Promise<Removal> {
  const found = await households.find(household)
  if (!found) return { outcome: 'refused', reason: 'unknown-household' }
  if (found.doors.length > 0) return { outcome: 'refused', reason: 'has-doors' }
  for (const { email } of await accounts.list(household)) await accounts.remove(email)
  await data.remove(household)
  await households.remove(household)
  return { outcome: 'removed' }
}

// ---------------------------------------------------------------- doors

/** Adds a door to its household, or gives it another name. Null without the household. */
export async function addDoor(
  { households }: Uses<'households'>,
  doorId: string,
  name: string | null,
): Promise<Household | null> {
  const { household = '' } = doorRef(doorId) ?? {}
  return households.change(household, (now) => {
    if (!now) return null
    const known = now.doors.find((door) => door.doorId === doorId)
    const settings = { timeZone: now.timeZone, language: now.owners[0]?.language ?? 'en' }
    const door = known ?? newDoor(doorId, nameOf(doorId), settings)
    const others = now.doors.filter((one) => one.doorId !== doorId)
    return { ...now, doors: [...others, { ...door, name: name ?? door.name }] }
  })
}

/** Whether faces are compared with the people on file. */
export const setRecognition = (
  { households }: Uses<'households'>,
  household: string,
  recognises: boolean,
): Promise<Household | null> => households.change(household, (now) => now && { ...now, recognises })

/** Null, and nothing changes, without the door. */
export const renameDoor = (
  { households }: Uses<'households'>,
  { household, doorId }: DoorRef,
  name: string,
): Promise<Household | null> =>
  households.change(household, (now) => {
    if (!now || doorOf(now, doorId) === null) return null
    const doors = now.doors.map((door) => (door.doorId === doorId ? { ...door, name } : door))
    return { ...now, doors }
  })

/** Null when no household has the door. */
export async function removeDoor(
  { households }: Uses<'households'>,
  doorId: string,
): Promise<Household | null> {
  const { household = '' } = doorRef(doorId) ?? {}
  return households.change(household, (now) => {
    const doors = now?.doors.filter((door) => door.doorId !== doorId) ?? []
    return now && doors.length < now.doors.length ? { ...now, doors } : null
  })
}
