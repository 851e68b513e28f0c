/** A grant as the door stores it: one person may enter once. */
import type { OneTimeCode } from '../../../protocol/messages/cloud.ts'

export const closings = ['used', 'revoked'] as const
export type Closing = (typeof closings)[number]

export interface StoredGrant extends Omit<OneTimeCode, 'visitorName' | 'language'> {
  /** The number of the command that last changed it; older commands change nothing. */
  readonly commandSeq: number
  readonly closed: Closing | null
}

export interface StoredVisitor {
  readonly visitorId: string
  /** Null once the owner deleted the visitor. */
  readonly known: { readonly name: string; readonly language: OneTimeCode['language'] } | null
  readonly commandSeq: number
}

/** What a decision changes among grants and visitors. */
export type StoreChange =
  | { readonly kind: 'store-grant'; readonly grant: StoredGrant; readonly tag: Uint8Array }
  | { readonly kind: 'close-grant'; readonly grantId: string; readonly as: Closing }
  | { readonly kind: 'store-visitor'; readonly visitor: StoredVisitor }
