/** Who is on file, and who may put them there. */
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { Language } from '../../../protocol/messages/shared.ts'
import type { Picture } from '../../visits/core/sighting.ts'

export interface Visitor {
  readonly household: string
  readonly visitorId: string
  /** How often what is on file was changed: 0 is not on file yet. */
  readonly revision: number
  readonly name: string
  readonly language: Language
  readonly contact: Contact
  /** Whether the face may be kept and looked for. Without it nothing is indexed. */
  readonly remembersFace: boolean
  readonly faceIds: readonly string[]
  readonly photo: Picture | null
  readonly createdAtMs: number
  /** Nobody whose time is over gets a code. Null is for good. */
  readonly welcomeUntilMs: number | null
  readonly trusted: boolean
  readonly tags: readonly string[]
  /** Deleted: only this remains, so that doors that were away hear of it. */
  readonly removedAtMs: number | null
}

/** One way is enough; `prefers` is always one that is there. */
export interface Contact {
  readonly prefers: 'sms' | 'email'
  readonly phone: string | null
  readonly email: string | null
}

export interface Household {
  readonly household: string
  readonly name: string
  readonly owners: readonly Owner[]
  /** Whose phone numbers get texts: ISO 3166 two letter codes. */
  readonly countries: readonly string[]
  /** As in `Europe/Berlin`: what clock its letters and pages mean. */
  readonly timeZone: string
  readonly doors: readonly Door[]
}

export interface Owner {
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
