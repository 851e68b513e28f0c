/** Who may sign in: owners invite members, change their roles, and remove them. */
import type { Language } from '../../protocol/messages/shared.ts'
import type { Uses } from '../ports.ts'
import { type Household, isSameAddress, type Member, type Role, roleIn } from './core/household.ts'

type Deps = Uses<'households' | 'accounts'>

export interface Invitation {
  readonly household: string
  readonly email: string
  readonly language: Language
  /** Owners receive the household's mails and decide who else may come in. */
  readonly role: Role
}

export type Invited =
  | { readonly outcome: 'invited' | 'invited-again' | 'has-joined' }
  | { readonly outcome: 'refused'; readonly reason: 'unknown-household' | 'other-household' }

export async function inviteMember(deps: Deps, invitation: Invitation): Promise<Invited> {
  const { household, email, role } = invitation
  const account = await deps.accounts.find(email)
  // The household of an account cannot be changed.
  if (account && account.household !== household) {
    return { outcome: 'refused', reason: 'other-household' }
  }
  const atMs = deps.clock.nowMs()
  const found = await deps.households.change(
    household,
    (now) => now && withInvited(now, invitation, atMs),
  )
  if (!found) return { outcome: 'refused', reason: 'unknown-household' }
  if (account?.isUsed) return { outcome: 'has-joined' }
  await deps.accounts.invite(email, household)
  deps.log.info({ household, role }, 'member invited')
  return { outcome: account ? 'invited-again' : 'invited' }
}

/** Who is an owner already stays one. */
function withInvited(home: Household, { email, language, role }: Invitation, atMs: number) {
  const isOwner = role === 'owner' || withoutOwner(home, email).length < home.owners.length
  const invited = { email, language, role: isOwner ? ('owner' as const) : role, atMs }
  return {
    ...(isOwner ? withOwner(home, { email, language }) : home),
    invited: [...withoutInvited(home, email), invited],
  }
}

type Owner = Household['owners'][number]

const withOwner = (home: Household, owner: Owner): Household => ({
  ...home,
  owners: [...withoutOwner(home, owner.email), owner],
})

const withoutOwner = ({ owners }: Household, email: string): readonly Owner[] =>
  owners.filter((owner) => !isSameAddress(owner.email, email))

const withoutInvited = ({ invited = [] }: Household, email: string) =>
  invited.filter((one) => !isSameAddress(one.email, email))

// ---------------------------------------------------------------- roles

export type RoleChange = 'changed' | 'unknown-member' | 'last-owner'

export async function changeRole(
  { households, log }: Uses<'households'>,
  { household, memberId }: Pick<Member, 'household' | 'memberId'>,
  role: Role,
): Promise<RoleChange> {
  const members = await households.members(household)
  const member = members.find((one) => one.memberId === memberId)
  if (!member) return 'unknown-member'
  const { email, language = 'en' } = member
  let isLast = false
  // In the change itself, because two owners may take each other's role away at once.
  await households.change(household, (now) => {
    if (!now) return null
    if (role === 'owner') return withOwner(now, { email, language })
    isLast = isLastOwner(now, members, email)
    return isLast ? null : { ...now, owners: withoutOwner(now, email) }
  })
  if (isLast) return 'last-owner'
  await households.changeMember(household, memberId, { role })
  log.info({ household, memberId, role }, 'role changed')
  return 'changed'
}

/** Someone must remain who gets the mails, and, if the person has joined, who can sign in. */
function isLastOwner(home: Household, members: readonly Member[], email: string): boolean {
  const isOwner = (of: Member) => roleIn(home, of) === 'owner'
  const member = members.find((one) => isSameAddress(one.email, email))
  const others = withoutOwner(home, email)
  const isListed = others.length < home.owners.length
  if (!isListed && !(member && isOwner(member))) return false
  if (others.length === 0) return true
  return member !== undefined && !members.some((one) => one !== member && isOwner(one))
}

// ---------------------------------------------------------------- the end

export type Expelled =
  | { readonly outcome: 'removed' }
  | {
      readonly outcome: 'refused'
      readonly reason: 'unknown-household' | 'unknown-member' | 'last-owner'
    }

/** The member goes first, so that they are out at once. Every step may be repeated. */
export async function removeMember(
  { households, accounts, clock, log }: Deps,
  { household, email }: Pick<Invitation, 'household' | 'email'>,
): Promise<Expelled> {
  const home = await households.find(household)
  if (!home) return { outcome: 'refused', reason: 'unknown-household' }
  const account = await accounts.find(email)
  const hasAccount = account?.household === household
  const members = await households.members(household)
  const leaving = members.filter((member) => isSameAddress(member.email, email))
  const isListed =
    withoutOwner(home, email).length < home.owners.length ||
    withoutInvited(home, email).length < (home.invited ?? []).length
  if (!isListed && !hasAccount && leaving.length === 0) {
    return { outcome: 'refused', reason: 'unknown-member' }
  }
  let isLast = false
  await households.change(household, (now) => {
    isLast = now !== null && isLastOwner(now, members, email)
    if (!now || isLast) return null
    return { ...now, owners: withoutOwner(now, email), invited: withoutInvited(now, email) }
  })
  if (isLast) return { outcome: 'refused', reason: 'last-owner' }
  for (const { memberId } of leaving) {
    await households.removeMember(household, memberId, clock.nowMs())
  }
  if (hasAccount) await accounts.remove(email)
  log.info({ household }, 'member removed')
  return { outcome: 'removed' }
}

/** Ends every session of a member, also those that are not listed. */
export async function signOutEverywhere(
  { households, accounts, clock, log }: Deps,
  { household, memberId, email }: Member,
): Promise<void> {
  const signedOutAtMs = clock.nowMs()
  await households.changeMember(household, memberId, { signedOutAtMs })
  for (const { session } of await households.sessions(household, memberId)) {
    await households.endSession(household, session, signedOutAtMs)
  }
  await accounts.signOut(email)
  log.info({ household, memberId }, 'signed out everywhere')
}
