/**
 * A door whose store was replaced by an older copy. It may have judged codes since the copy was made,
 * so no code from before now counts any more; everything else goes on from what is known.
 */
import type { DoorBody } from '../../../protocol/messages/door.ts'
import type { StoreChange, StoredGrant } from '../credentials/grant.ts'
import { manyWrongCodes, shippedLockout } from '../credentials/lockout.ts'
import type { PersistedState } from './persisted-state.ts'

export interface Restored {
  readonly state: PersistedState
  readonly record: readonly DoorBody[]
  readonly changes: readonly StoreChange[]
}

export type KnownSince = {
  readonly [part in keyof PersistedState]?: PersistedState[part] | undefined
}

export interface FromCopy {
  readonly copy: PersistedState
  /** The grants of the copy that are not closed. */
  readonly open: readonly StoredGrant[]
  /** What is known from after the copy. */
  readonly since: KnownSince
  /** Codes may have been wrong after the copy, and nothing says how many. */
  readonly isLockoutLost: boolean
  /** For the log, as in "restored from a backup". */
  readonly reason: string
}

export function restored({ copy, open, since, isLockoutLost, reason }: FromCopy): Restored {
  const highWaterMs = Math.max(copy.time.highWaterMs, since.time?.highWaterMs ?? 0)
  const uptimeMs = Math.max(copy.time.uptimeMs, since.time?.uptimeMs ?? 0)
  const sheet = open.filter(({ standing }) => standing?.terms.kind === 'break-glass')
  return {
    state: {
      lockout:
        since.lockout ?? (isLockoutLost ? manyWrongCodes(uptimeMs, shippedLockout) : copy.lockout),
      visits: since.visits ?? copy.visits,
      settings: since.settings ?? copy.settings,
      coil: since.coil ?? copy.coil,
      mode: since.mode ?? copy.mode,
      // The time is confirmed anew.
      time: { highWaterMs, uptimeMs, boot: null },
      // Grants that the copy does not hold may have been used since: see `mayBeOver`.
      commands: { ...(since.commands ?? copy.commands), rememberedSinceMs: null },
    },
    // Standing ones may have been revoked since; the cloud sends again those that still count.
    changes: open.map(({ grantId, standing }) =>
      standing?.terms.kind === 'standing'
        ? { kind: 'forget-grant', grantId }
        : { kind: 'close-grant', grantId, as: 'revoked' },
    ),
    record: [
      ...open
        .filter((grant) => grant.expiresAtMs > highWaterMs && !sheet.includes(grant))
        .map(({ grantId }): DoorBody => ({ type: 'grant-revoked', grantId, was: 'live', reason })),
      ...(sheet.length > 0
        ? [{ type: 'sheet-ended', reason: 'restored', codesEnded: sheet.length } as const]
        : []),
    ],
  }
}
