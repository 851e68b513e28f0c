/** A household: its owners, its doors, and the members who may sign in. */
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { Language } from '../../../protocol/messages/shared.ts'
import type { GuestList } from '../../visitors/core/guest-list.ts'

export interface Household {
  readonly household: string
  readonly name: string
  readonly owners: readonly Owner[]
  /** Visitors' phone numbers must be in one of these: ISO 3166 two-letter codes. */
  readonly countries: readonly string[]
  /** For times in letters and pages, as in `Europe/Berlin`. */
  readonly timeZone: string
  readonly doors: readonly Door[]
  readonly lists: readonly GuestList[]
  /** False: faces are not compared with the people on file. Missing in older records. */
  readonly recognises?: boolean | undefined
  /** Who was invited and has not been removed since. */
  readonly invited?: readonly InvitedPerson[] | undefined
}

/** The role waits here until the person joins, so that no person can choose their own. */
export interface InvitedPerson {
  readonly email: string
  readonly role: Role
  readonly language: Language
  readonly atMs: number
}

interface Owner {
  readonly email: string
  readonly language: Language
}

export interface Door {
  readonly doorId: string
  readonly name: string
  readonly settings: Settings
  readonly revision: number
}

/** From the least to the most: may look; may also open the door; may also decide who else comes in. */
export const roles = ['viewer', 'member', 'owner'] as const
export type Role = (typeof roles)[number]

export const mayAct = (role: Role, as: Role): boolean => roles.indexOf(role) >= roles.indexOf(as)

export interface Member {
  readonly household: string
  readonly memberId: string
  readonly email: string
  readonly role: Role
  readonly joinedAtMs: number
  /** As in the invitation. */
  readonly language?: Language | undefined
  /** Sessions that began earlier have ended. */
  readonly signedOutAtMs?: number | undefined
}

/** A browser in which a member signed in. */
export interface MemberSession {
  readonly household: string
  readonly memberId: string
  readonly session: string
  /** As in `Safari, iPhone`. */
  readonly device: string
  readonly startedAtMs: number
}

export const isSameAddress = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase()

/** An owner is also anyone who receives the household's mails, because these suffice to decide. */
export function roleIn({ owners }: Pick<Household, 'owners'>, { role, email }: Member): Role {
  const getsMails = owners.some((owner) => isSameAddress(owner.email, email))
  return getsMails ? 'owner' : role
}

export const doorOf = (household: Household | null, doorId: string): Door | null =>
  household?.doors.find((door) => door.doorId === doorId) ?? null
