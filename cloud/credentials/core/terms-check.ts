/** Which terms a credential may have, beyond what a message may say. */
import type { Purpose, Terms } from './credential.ts'

export type TermsFlaw = 'no-end' | 'end-passed' | 'end-before-start' | 'too-far'

const dayMs = 24 * 3_600_000
/** An owner who means “for ever” gives a PIN. */
const longestGuestMs = 366 * dayMs
export const longestAfterFirstUseMs = 31 * dayMs
export const mostVisits = 1_000

export function termsFlaw(purpose: Purpose, { validity }: Terms, nowMs: number): TermsFlaw | null {
  const { notBeforeMs, expiresAtMs, endsAfterFirstUseMs } = validity
  if (expiresAtMs === null) return purpose === 'guest' ? 'no-end' : null
  if (expiresAtMs <= nowMs) return 'end-passed'
  if (expiresAtMs <= notBeforeMs) return 'end-before-start'
  const isTooLong =
    purpose === 'guest' && expiresAtMs - Math.max(notBeforeMs, nowMs) > longestGuestMs
  return isTooLong || (endsAfterFirstUseMs ?? 0) > longestAfterFirstUseMs ? 'too-far' : null
}
