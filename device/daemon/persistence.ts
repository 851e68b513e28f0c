/** Commits decisions to the store, and decides when to try a failed disk again. */
import type { PersistedState } from '../core/door/persisted-state.ts'
import type { Decision, DoorState } from '../core/door/state.ts'
import { type LogRow, sealRows } from '../core/log/log-chain.ts'
import { isConfirmed, type TrustedTime } from '../core/time/trusted-time.ts'
import type { Faults } from './faults.ts'
import type { Outbox } from './outbox.ts'
import { type Boot, type Clock, type Log, type Store, StoreFault } from './ports.ts'

/** A failing disk may block for a second, in which the exit button does not work either. */
const tryDiskEveryMs = 1_000

interface PersistenceDeps {
  readonly doorId: string
  readonly store: Store
  readonly clock: Clock
  readonly outbox: Outbox
  readonly faults: Faults
  readonly log: Log
  readonly newId: () => string
}

/** `stored` is the state as the store has it; null if it has none. */
export function createPersistence(deps: PersistenceDeps, stored: DoorState | null) {
  const { store, clock, outbox, faults, log } = deps
  let failedAtUptimeMs = 0
  let unrecorded = 0

  function commit({ state, record, changes }: Decision, uptimeMs: number): readonly LogRow[] {
    const acknowledged = outbox.acknowledged()
    const rows = sealRows(store.head(), record, {
      doorId: deps.doorId,
      atMs: state.time.highWaterMs,
      timeKnown: isConfirmed(state.time),
      ids: record.map(deps.newId),
    })
    const time = persistedTime(state.time, uptimeMs, clock.boot())
    store.commit({ state: { ...changedParts(stored, state), time }, changes, rows, acknowledged })
    stored = state
    outbox.forgotten(acknowledged)
    for (const { type, ...fields } of record) log.info(fields, type)
    return rows
  }

  return {
    /** The rows that were added to the log; null when the disk failed. */
    persist(decided: Decision, uptimeMs: number): readonly LogRow[] | null {
      try {
        const rows = commit(decided, uptimeMs)
        faults.clear('writing')
        return rows
      } catch (fault) {
        if (!(fault instanceof StoreFault)) throw fault
        faults.report('writing', fault)
        unrecorded += decided.record.length
        failedAtUptimeMs = uptimeMs
        return null
      }
    },

    mayTryDisk: (uptimeMs: number): boolean =>
      !faults.stands('writing') || uptimeMs >= failedAtUptimeMs + tryDiskEveryMs,

    /** Log rows lost because the disk failed. */
    unrecorded: () => unrecorded,

    tidy(): void {
      try {
        store.tidy()
      } catch (fault) {
        log.warn({ err: fault }, 'store not tidied')
      }
    },
  }
}

/** Without the time, which is always written: the stored time is never older than a decision. */
function changedParts(stored: DoorState | null, after: DoorState): Partial<PersistedState> {
  return {
    ...(after.lockout !== stored?.lockout && { lockout: after.lockout }),
    ...(after.visits !== stored?.visits && { visits: after.visits }),
    ...(after.commands !== stored?.commands && { commands: after.commands }),
    ...(after.settings !== stored?.settings && { settings: after.settings }),
  }
}

/** Uptime and the confirmed time run on while the machine does, whether or not the daemon runs. */
export function resumed({ store, clock }: { readonly store: Store; readonly clock: Clock }): {
  readonly persisted: PersistedState | null
  /** Uptime before this process. */
  readonly ranBeforeMs: number
} {
  const persisted = store.load()
  if (!persisted) return { persisted, ranBeforeMs: 0 }
  const { time } = persisted
  const boot = clock.boot()
  if (!boot || !time.boot || boot.id !== time.boot.id || boot.agoMs < time.boot.agoMs) {
    // The machine was off for an unknown time.
    return {
      persisted: { ...persisted, time: { ...time, boot: null } },
      ranBeforeMs: time.uptimeMs,
    }
  }
  const passedMs = boot.agoMs - time.boot.agoMs
  return { persisted, ranBeforeMs: time.uptimeMs + passedMs - Math.floor(clock.monotonicMs()) }
}

const persistedTime = (
  { highWaterMs, markedAtUptimeMs, confirmedBy, aheadOfCloudMs }: TrustedTime,
  uptimeMs: number,
  boot: Boot | null,
): PersistedState['time'] => ({
  ...{ highWaterMs, uptimeMs: markedAtUptimeMs },
  boot: boot && {
    id: boot.id,
    agoMs: boot.agoMs - (uptimeMs - markedAtUptimeMs),
    ...{ confirmedBy, aheadOfCloudMs },
  },
})
