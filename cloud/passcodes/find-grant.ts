/** Finds a grant by its id. */
import {
  derivePasscode,
  oneTimeDigits,
  passcodeDigits,
  passcodeTag,
} from '../../protocol/passcode.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type { GrantRef, Uses } from '../ports.ts'
import type { Grant } from './core/grant.ts'

export interface FoundGrant {
  readonly grant: Grant
  readonly ref: GrantRef
}

export async function findGrant(
  deps: Uses<'passcodes' | 'secrets'>,
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
 * A grant's key is derived from its code, and so from the number of digits. An earlier version may
 * have issued a shorter code, so there is one possible key for each. The likeliest comes first.
 */
export async function possibleRefs(
  { secrets }: Uses<'secrets'>,
  { household, doorId }: DoorRef,
  grantId: string,
): Promise<GrantRef[]> {
  const key = await secrets.doorKey(doorId)
  return passcodeDigits
    .filter((digits) => digits <= oneTimeDigits)
    .toReversed()
    .map((digits) => ({ household, doorId, grantId, tag: tagOf(key, { grantId, digits }) }))
}

export const tagOf = (
  key: Uint8Array,
  { grantId, digits }: Pick<Grant, 'grantId' | 'digits'>,
): string => passcodeTag(key, derivePasscode(key, grantId, digits)).toString('hex')
