/** `member invite | remove`. */
import type { Io } from '../../terminal/command-line.ts'
import type { Role } from '../members/core/household.ts'
import { type Invited, inviteMember, removeMember } from '../members/invitations.ts'
import { email, householdId, language } from './arguments.ts'
import { CannotDo, deployment } from './deployment.ts'

interface Typed {
  readonly household: string
  readonly email: string
  readonly language: string | undefined
  readonly role: Role
}

interface Who {
  readonly household: string
  readonly email: string
}

export async function inviteOne(typed: Typed, { stdout }: Io): Promise<number> {
  const who = { household: householdId(typed.household, ''), email: email(typed.email, 'EMAIL') }
  const asked = { ...who, language: language(typed.language), role: typed.role }
  const { outputs, ...deps } = await deployment()
  const sentence = saidAbout(await inviteMember(deps, asked), who)
  stdout.write(`${sentence}\nSign in at ${outputs.WebOrigin}/\n`)
  return 0
}

/** Throws for a refusal. */
export function saidAbout(invited: Invited, { household, email: address }: Who): string {
  switch (invited.outcome) {
    case 'invited':
      return `Invited ${address}: a mail with a temporary password, valid for three days, is on its way.`
    case 'invited-again':
      return `Invited ${address} again: only the password in the new mail works.`
    case 'has-joined':
      return `${address} can sign in already.`
    case 'refused':
      throw new CannotDo(
        invited.reason === 'other-household'
          ? `${address} belongs to another household, and an address can be in one only.`
          : `There is no household ${household}. See: npm run cloud -- household list`,
      )
    default:
      return invited satisfies never
  }
}

export async function removeOne(
  typedHousehold: string,
  typedEmail: string,
  { stdout }: Io,
): Promise<number> {
  const who = { household: householdId(typedHousehold, ''), email: email(typedEmail, 'EMAIL') }
  const removed = await removeMember(await deployment(), who)
  if (removed.outcome === 'refused') throw new CannotDo(refusals[removed.reason](who))
  stdout.write(`Removed ${who.email} from ${who.household}, and signed them out everywhere.\n`)
  return 0
}

const refusals = {
  'unknown-household': ({ household }: Who) =>
    `There is no household ${household}. See: npm run cloud -- household list`,
  'unknown-member': ({ household, email: address }: Who) =>
    `${address} is not a member of ${household}. See: npm run cloud -- household list`,
  'last-owner': ({ household, email: address }: Who) =>
    `${address} is the only owner of ${household}. Invite another one first: npm run cloud -- member invite ${household} EMAIL --as-owner`,
}
