/** Who may sign in: owners invite members, and remove them. */
import type { Language } from '../../protocol/messages/shared.ts'
import type { Uses } from '../ports.ts'
import type { Household } from './core/household.ts'

type Deps = Uses<'households' | 'accounts'>

export interface Invitation {
  readonly household: string
  readonly email: string
  readonly language: Language
  /** Owners receive the household's mails and decide who else may come in. */
  readonly isOwner: boolean
}

export type Invited =
  | { readonly outcome: 'invited' | 'invited-again' | 'has-joined' }
  | { readonly outcome: 'refused'; readonly reason: 'unknown-household' | 'other-household' }

export async function inviteMember(deps: Deps, invitation: Invitation): Promise<Invited> {
  const { household, email, language, isOwner } = invitation
  const account = await deps.accounts.find(email)
  // The household of an account cannot be changed.
  if (account && account.household !== household) {
    return { outcome: 'refused', reason: 'other-household' }
  }
  const found = isOwner
    ? await deps.households.change(household, (now) => now && withOwner(now, { email, language }))
    : await deps.households.find(household)
  if (!found) return { outcome: 'refused', reason: 'unknown-household' }
  if (account?.isUsed) return { outcome: 'has-joined' }
  await deps.accounts.invite(email, household)
  deps.log.info({ household, isOwner }, 'member invited')
  return { outcome: account ? 'invited-again' : 'invited' }
}

type Owner = Household['owners'][number]

const withOwner = (home: Household, owner: Owner): Household => ({
  ...home,
  owners: [...withoutOwner(home, owner.email), owner],
})

const withoutOwner = ({ owners }: Household, email: string): readonly Owner[] =>
  owners.filter((owner) => owner.email.toLowerCase() !== email.toLowerCase())

export type Expelled =
  | { readonly outcome: 'removed' }
  | {
      readonly outcome: 'refused'
      readonly reason: 'unknown-household' | 'unknown-member' | 'last-owner'
    }

/** The account goes first: with it, the person could join again. */
export async function removeMember(
  { households, accounts, log }: Deps,
  { household, email }: Pick<Invitation, 'household' | 'email'>,
): Promise<Expelled> {
  const home = await households.find(household)
  if (!home) return { outcome: 'refused', reason: 'unknown-household' }
  const account = await accounts.find(email)
  const hasAccount = account?.household === household
  const members = (await households.members(household)).filter(
    (member) => member.email.toLowerCase() === email.toLowerCase(),
  )
  const others = withoutOwner(home, email)
  const isOwner = others.length < home.owners.length
  if (!isOwner && !hasAccount && members.length === 0) {
    return { outcome: 'refused', reason: 'unknown-member' }
  }
  if (isOwner && others.length === 0) return { outcome: 'refused', reason: 'last-owner' }
  if (hasAccount) await accounts.remove(email)
  for (const { memberId } of members) await households.removeMember(household, memberId)
  if (isOwner) {
    await households.change(household, (now) => now && { ...now, owners: withoutOwner(now, email) })
  }
  log.info({ household }, 'member removed')
  return { outcome: 'removed' }
}
