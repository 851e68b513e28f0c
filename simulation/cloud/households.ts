/** Households of the simulated cloud, added as an owner adds them. */
import { isDeepStrictEqual } from 'node:util'
import type { Household } from '../../cloud/members/core/household.ts'
import { addDoor, addHousehold } from '../../cloud/members/households.ts'
import { inviteMember } from '../../cloud/members/invitations.ts'
import type { Accounts, Uses } from '../../cloud/ports.ts'

type Deps = Uses<'households'> & { readonly accounts: Accounts }

/** What is on file already stays as it is, and its owners are invited again. */
export async function addHouseholds(deps: Deps, homes: readonly Household[]): Promise<void> {
  for (const { household, name, timeZone, countries, owners, doors } of homes) {
    const [owner, ...others] = owners
    if (!owner) throw new Error('A household needs an owner.')
    const isOnFile = (await deps.households.find(household)) !== null
    const doorIds = doors.map(({ doorId }) => doorId)
    const added = await addHousehold(deps, { household, name, timeZone, countries, doorIds, owner })
    if (added.outcome === 'refused') throw new Error(`${household}: ${added.reason}`)
    for (const other of others) await inviteMember(deps, { household, ...other, role: 'owner' })
    if (isOnFile) continue
    for (const { doorId, name: doorName, settings } of doors) {
      await addDoor(deps, doorId, doorName)
      const known = (await deps.households.find(household))?.doors ?? []
      if (isDeepStrictEqual(known.find((door) => door.doorId === doorId)?.settings, settings))
        continue
      await deps.households.changeSettings({ household, doorId }, settings)
    }
  }
}
