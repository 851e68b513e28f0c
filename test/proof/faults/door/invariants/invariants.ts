/** Checks all invariants after a kill. */
import { type Breach, breach } from '../../breach.ts'
import type { Evidence } from '../evidence.ts'
import type { Ledger } from '../ledger.ts'
import { brokenAboutCodes } from './codes.ts'
import { brokenAboutLock } from './lock.ts'
import { brokenAboutLockout } from './lockout.ts'
import { brokenAboutLog } from './log.ts'
import { brokenAboutStanding } from './standing.ts'

export function broken(ledger: Ledger, evidence: Evidence): readonly Breach[] {
  const { remains, earlier } = evidence
  if (!remains) return neverCreated(ledger)
  const all = { ledger, remains, evidence, fresh: remains.messages.slice(earlier.length) }
  return [
    ...brokenAboutLog(all),
    ...brokenAboutCodes(all),
    ...brokenAboutStanding(all),
    ...brokenAboutLockout(all),
    ...brokenAboutLock(all),
  ]
}

function neverCreated({ lives }: Ledger): readonly Breach[] {
  const wasReady = lives.some(({ readyAfterMs }) => readyAfterMs !== null)
  return wasReady ? [breach('comes back', 'the daemon was ready and left no database')] : []
}
