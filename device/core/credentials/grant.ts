/** A grant as the door keeps it: who may come in once, and what became of that permission. */
import type { Grant } from '../../../protocol/messages/cloud.ts'

export const closings = ['used', 'revoked'] as const
export type Closing = (typeof closings)[number]

export interface StoredGrant extends Omit<Grant, 'visitorName' | 'language'> {
  /** The number of the command that last changed it: what is older changes nothing. */
  readonly commandSeq: number
  readonly closed: Closing | null
}

/** A visitor as far as a door needs to know them; `null` once the owner deleted them. */
export interface StoredVisitor {
  readonly visitorId: string
  readonly known: { readonly name: string; readonly language: Grant['language'] } | null
  readonly commandSeq: number
}

/** What a decision wants remembered about grants and visitors. */
export type StoreChange =
  | { readonly kind: 'keep-grant'; readonly grant: StoredGrant; readonly tag: Uint8Array }
  | { readonly kind: 'close-grant'; readonly grantId: string; readonly as: Closing }
  | { readonly kind: 'keep-visitor'; readonly visitor: StoredVisitor }
