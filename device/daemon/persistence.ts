/** Commits decisions to the store, and decides when to try a failed disk again. */
import { type LogSigner, logSigner, type SignedPlace } from '../../protocol/log-signature.ts'
import type { DoorKey } from '../../protocol/passcode.ts'
import type { PersistedState } from '../core/door/persisted-state.ts'
import type { ConfiguredRules, Decision, DoorState } from '../core/door/state.ts'
import { heatToStore } from '../core/lock/coil.ts'
import { type LogHead, type LogRow, sealRows } from '../core/log/log-chain.ts'
import { earliestNowMs, isConfirmed, type TrustedTime } from '../core/time/trusted-time.ts'
import type { Faults } from './faults.ts'
import type { Outbox } from './outbox.ts'
import { type Boot, type Clock, type Log, type Store, StoreFault } from './ports.ts'

/** A failing disk may block for a second, in which the exit button does not work either. */
const tryDiskEveryMs = 1_000
const pruneEveryMs = 3_600_000
const dayMs = 24 * 3_600_000

interface PersistenceDeps {
  readonly doorId: string
  readonly doorKey: DoorKey
  readonly otherDoorKeys?: () => readonly DoorKey[]
  readonly rules: Pick<ConfiguredRules, 'hasCloud' | 'retention'>
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
  const signer = logSigner(deps.doorId, deps.doorKey)
  const head = createHeadSigner(signer)
  let pruneAtUptimeMs = 0
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
    head.grown(rows)
    const time = persistedTime(state.time, uptimeMs, clock.boot())
    store.commit({
      state: { ...changedParts(stored, state), time },
      changes,
      rows,
      acknowledged,
      signed: head.signed(),
    })
    stored = state
    head.written()
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
        head.lost()
        unrecorded += decided.record.length
        failedAtUptimeMs = uptimeMs
        return null
      }
    },

    mayTryDisk: (uptimeMs: number): boolean =>
      !faults.stands('writing') || uptimeMs >= failedAtUptimeMs + tryDiskEveryMs,

    /** Log rows lost because the disk failed. */
    unrecorded: () => unrecorded,

    /** Before the daemon ends, so that no row stays unsigned. */
    signAll(): void {
      head.sign(store.head())
      const signed = head.signed()
      if (!signed) return
      try {
        store.commit({ state: {}, changes: [], rows: [], acknowledged: [], signed })
      } catch (fault) {
        log.warn({ err: fault }, 'the log is not signed')
      }
    },

    /** While no visitor waits. */
    tidy(time: TrustedTime, uptimeMs: number): void {
      head.sign(store.head())
      try {
        store.tidy()
        if (!isConfirmed(time) || uptimeMs < pruneAtUptimeMs) return
        pruneAtUptimeMs = uptimeMs + pruneEveryMs
        if (pruned(deps, signer, earliestNowMs(time, uptimeMs))) pruneAtUptimeMs = uptimeMs
      } catch (fault) {
        log.warn({ err: fault }, 'store not tidied')
      }
    },
  }
}

/** Signs the end of the log. The next commit writes it: one of its own would wear the disk. */
function createHeadSigner(signer: LogSigner) {
  let signed: SignedPlace | null = null
  let signedUpToSeq = 0
  const sign = (head: LogHead): void => {
    if (head.seq === signedUpToSeq) return
    signed = signer.sign('head', head)
    signedUpToSeq = head.seq
  }
  return {
    sign,
    /** Signed at once after a start, so that a log is never without a signature. */
    grown(rows: readonly LogRow[]): void {
      const last = rows.at(-1)
      if (signedUpToSeq === 0 && last) sign(last)
    },
    signed: () => signed,
    written(): void {
      signed = null
    },
    /** It may be of rows that were not written. */
    lost(): void {
      signed = null
      signedUpToSeq = 0
    },
  }
}

/** Deletes what is too old; whether there is more of it. Stops at a start that is not the door's. */
function pruned(deps: PersistenceDeps, signer: LogSigner, nowMs: number): boolean {
  const { doorId, doorKey, otherDoorKeys, rules, store, log } = deps
  const { logDays, namesDays } = rules.retention
  const signers = () => [doorKey, ...(otherDoorKeys?.() ?? [])].map((key) => logSigner(doorId, key))
  return store.prune({
    rowsBeforeMs: nowMs - logDays * dayMs,
    namesBeforeMs: nowMs - namesDays * dayMs,
    keepUnsent: rules.hasCloud,
    sign(present, start) {
      const isOwn = present.seq === 0 || signers().some((one) => one.isOwn('start', present))
      if (!isOwn) log.warn({ seq: present.seq }, 'the start of the log is not signed: not pruned')
      return isOwn ? signer.sign('start', start) : null
    },
  })
}

/** Without the time, which is always written: the stored time is never older than a decision. */
function changedParts(stored: DoorState | null, after: DoorState): Partial<PersistedState> {
  return {
    ...(after.lockout !== stored?.lockout && { lockout: after.lockout }),
    ...(after.visits !== stored?.visits && { visits: after.visits }),
    ...(after.commands !== stored?.commands && { commands: after.commands }),
    ...(after.mode !== stored?.mode && { mode: after.mode }),
    ...(after.settings !== stored?.settings && { settings: after.settings }),
    ...((after.heat !== stored?.heat || after.openUntilUptimeMs !== stored.openUntilUptimeMs) && {
      coil: heatToStore(after),
    }),
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
