/** What runs on while the machine does, whether or not the daemon runs: uptime, and the confirmed time. */
import type { PersistedState } from '../core/door/persisted-state.ts'
import type { TrustedTime } from '../core/time/trusted-time.ts'
import type { Boot, Clock, Store } from './ports.ts'

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

export const persistedTime = (
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
