/** How a person becomes a member: an owner invites them, and they join when they confirm their account. */
import { isHousehold } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { isSameAddress } from './core/household.ts'

/** Of a user in the user pool. Only an owner's invitation sets the household. */
export interface ConfirmedAccount {
  readonly memberId: string
  readonly email: string
  readonly isEmailVerified: boolean
  readonly household: string
}

export async function joinHousehold(
  deps: Uses<'households'>,
  { memberId, email, isEmailVerified, household }: ConfirmedAccount,
): Promise<void> {
  if (!isHousehold(household)) {
    deps.log.warn({ memberId }, 'account without a household')
    return
  }
  // A member with an owner's address has the rights of an owner, so the address must be verified.
  if (!isEmailVerified) {
    deps.log.warn({ memberId }, 'account with an unverified address')
    return
  }
  const home = await deps.households.find(household)
  const invited = home?.invited?.find((one) => isSameAddress(one.email, email))
  // A person whom an earlier version invited has no role on file.
  const { role = 'member', language } = invited ?? {}
  const joinedAtMs = deps.clock.nowMs()
  await deps.households.addMember({ household, memberId, email, role, language, joinedAtMs })
  deps.log.info({ household, memberId }, 'member joined')
}
