/** Finds a grant by its id. */
import { derivePasscode, passcodeDigits, passcodeTag } from '../../protocol/passcode.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { doorOf } from '../members/core/household.ts'
import type { GrantRef, Uses } from '../ports.ts'
import type { Grant } from './core/grant.ts'

export interface FoundGrant {
  readonly grant: Grant
  readonly ref: GrantRef
}

export async function findGrant(
  deps: Uses<'passcodes' | 'secrets' | 'household'>,
  door: DoorRef,
  grantId: string,
): Promise<FoundGrant | null> {
  for (const ref of await possibleRefs(deps, door, grantId)) {
    const grant = await deps.passcodes.find(ref)
    if (grant) return { grant, ref }
  }
  return null
}

/**
 * A grant's key is derived from its code, and so from the number of digits. The owner may have
 * changed that number since, so there is one possible key for each. The likeliest comes first.
 */
export async function possibleRefs(
  { secrets, household }: Uses<'secrets' | 'household'>,
  { household: name, doorId }: DoorRef,
  grantId: string,
): Promise<GrantRef[]> {
  const now = doorOf(await household(name), doorId)?.settings.passcodeDigits
  const key = await secrets.doorKey(doorId)
  return passcodeDigits
    .toSorted((a, b) => Number(b === now) - Number(a === now))
    .map((digits) => ({ household: name, doorId, grantId, tag: tagOf(key, { grantId, digits }) }))
}

export const tagOf = (
  key: Uint8Array,
  { grantId, digits }: Pick<Grant, 'grantId' | 'digits'>,
): string => passcodeTag(key, derivePasscode(key, grantId, digits)).toString('hex')
