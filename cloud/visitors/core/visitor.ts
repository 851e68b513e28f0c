/** A visitor on file. */
import type { Language } from '../../../protocol/messages/shared.ts'
import type { Picture } from '../../visits/core/sighting.ts'

export interface Visitor {
  readonly household: string
  readonly visitorId: string
  /** Counts the changes; 0 is a visitor who was never stored. */
  readonly revision: number
  readonly name: string
  readonly language: Language
  readonly contact: Contact
  /** Consent to storing and recognising the face. Without it no face is indexed. */
  readonly remembersFace: boolean
  /** Missing in records from before it was stored. */
  readonly consent?: Consent | null | undefined
  readonly faceIds: readonly string[]
  readonly photo: Picture | null
  readonly createdAtMs: number
  /** No codes after this time. Null means no end. */
  readonly welcomeUntilMs: number | null
  readonly trusted: boolean
  readonly tags: readonly string[]
  /** For the owners only. These four are missing in records from before they were stored. */
  readonly notes?: string | undefined
  /** Ids of guest lists. */
  readonly lists?: readonly string[] | undefined
  /** Gets no code, and the owner is not asked. */
  readonly blocked?: boolean | undefined
  /** Ids of visitors who turned out to be the same person. Visits still name them. */
  readonly merged?: readonly string[] | undefined
  /** Set when deleted. Only this remains, for doors that were offline. */
  readonly removedAtMs: number | null
}

/** Who said when that the visitor agreed, and to which words. */
export interface Consent {
  readonly atMs: number
  /** The owner's mail address, or `mail` when the link in a mail to several owners was used. */
  readonly by: string
  /** Language and hash of the sentences that were shown. */
  readonly wording: string
}

/** `prefers` names an address that is there. There is none of a visitor who rang with their phone. */
export interface Contact {
  readonly prefers: 'sms' | 'email'
  readonly phone: string | null
  readonly email: string | null
}

/** What is stored about a person may name any of these. */
export const idsOf = ({ visitorId, merged = [] }: Pick<Visitor, 'visitorId' | 'merged'>) => [
  visitorId,
  ...merged,
]
