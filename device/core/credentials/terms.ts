/** On which terms a standing credential opens the door, and how often it did. */
import type { flags, seconds, Validity } from '../../../protocol/messages/cloud.ts'
import { type Hours, hasHours } from './hours.ts'

export interface Terms extends Hours {
  readonly kind: 'standing' | 'break-glass'
  /** Null: it has no end of its own. */
  readonly endsAtMs: number | null
  readonly visits: number | null
  readonly endsAfterFirstUseMs?: Validity['endsAfterFirstUseMs']
  readonly second: (typeof seconds)[number] | null
  readonly flags: readonly (typeof flags)[number][]
}

export interface Uses {
  readonly visits: number
  readonly firstAtMs: number | null
  readonly lastVisitId: string | null
  /** The period of the last TOTP code; none is accepted twice. */
  readonly lastTotpPeriod: number | null
}

export const unused: Uses = { visits: 0, firstAtMs: null, lastVisitId: null, lastTotpPeriod: null }

/** Credentials with a time rule do not count while the time is unknown. */
export const hasTimeRule = (terms: Terms): boolean =>
  terms.endsAtMs !== null ||
  hasHours(terms) ||
  terms.endsAfterFirstUseMs !== undefined ||
  terms.second === 'totp'

/** A visit counts once, however often the code is typed in it. */
export const isNewVisit = ({ lastVisitId }: Uses, visitId: string | null): boolean =>
  visitId === null || visitId !== lastVisitId

/** A door that forgot how often it was used must not let it count anew. */
export const isCounted = ({ visits, endsAfterFirstUseMs }: Terms): boolean =>
  visits !== null || endsAfterFirstUseMs !== undefined

export function endMs(
  { endsAtMs, endsAfterFirstUseMs }: Terms,
  { firstAtMs }: Uses,
): number | null {
  if (endsAfterFirstUseMs === undefined || firstAtMs === null) return endsAtMs
  const afterUseMs = firstAtMs + endsAfterFirstUseMs
  return endsAtMs === null ? afterUseMs : Math.min(endsAtMs, afterUseMs)
}
