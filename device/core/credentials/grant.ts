/** A credential as the door stores it. */
import type { OneTimeCode } from '../../../protocol/messages/cloud.ts'
import type { Terms, Uses } from './terms.ts'

export const closings = ['used', 'revoked'] as const
export type Closing = (typeof closings)[number]

/** The last moment that JavaScript can name. */
export const neverMs = 8_640_000_000_000_000

export interface StoredGrant extends Omit<OneTimeCode, 'visitorName' | 'language' | 'approved'> {
  /** The number of the command that last changed it; older commands change nothing. */
  readonly commandSeq: number
  readonly closed: Closing | null
  /** Null for a one-time code, which opens once. */
  readonly standing: Standing | null
}

export interface Standing {
  readonly terms: Terms
  readonly uses: Uses
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
  /** A standing one opened the door. */
  | {
      readonly kind: 'use-grant'
      readonly grantId: string
      readonly uses: Uses
      readonly expiresAtMs: number
    }
  /** As if the door had never held it. */
  | { readonly kind: 'forget-grant'; readonly grantId: string }
  | { readonly kind: 'store-visitor'; readonly visitor: StoredVisitor }
