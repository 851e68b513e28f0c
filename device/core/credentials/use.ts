/** What an entry changes about the credential that was typed. */
import type { StoreChange, StoredGrant } from './grant.ts'
import { neverMs } from './grant.ts'
import { endMs, isNewVisit } from './terms.ts'

export function useOf(
  { grantId, standing }: StoredGrant,
  at: {
    readonly visitId: string | null
    readonly nowMs: number
    readonly totpPeriod: number | null
  },
): StoreChange {
  if (standing?.terms.kind !== 'standing') return { kind: 'close-grant', grantId, as: 'used' }
  const { terms, uses: before } = standing
  const uses = {
    visits: before.visits + Number(isNewVisit(before, at.visitId)),
    firstAtMs: before.firstAtMs ?? at.nowMs,
    lastVisitId: at.visitId,
    lastTotpPeriod: at.totpPeriod ?? before.lastTotpPeriod,
  }
  return { kind: 'use-grant', grantId, uses, expiresAtMs: endMs(terms, uses) ?? neverMs }
}
