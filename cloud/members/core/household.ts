/** A household: its owners, its doors, and the members who may sign in. */
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { Language } from '../../../protocol/messages/shared.ts'

export interface Household {
  readonly household: string
  readonly name: string
  readonly owners: readonly Owner[]
  /** Visitors' phone numbers must be in one of these: ISO 3166 two-letter codes. */
  readonly countries: readonly string[]
  /** For times in letters and pages, as in `Europe/Berlin`. */
  readonly timeZone: string
  readonly doors: readonly Door[]
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

export interface Member {
  readonly household: string
  readonly memberId: string
  readonly email: string
  readonly role: 'owner' | 'member'
  readonly joinedAtMs: number
}

export const doorOf = (household: Household | null, doorId: string): Door | null =>
  household?.doors.find((door) => door.doorId === doorId) ?? null
