/**
 * Tells whoever watches that the daemon is alive: not because a timer still runs, but because its
 * queue has just worked something off. A queue that is stuck feeds nobody.
 */
import type { Cancel, Clock, Watchdog } from './ports.ts'

export interface HeartbeatDeps {
  readonly watchdog: Watchdog
  readonly clock: Clock
  /** Settles once the queue has come round to it. */
  readonly roundTrip: () => Promise<void>
}

export function startHeartbeat({ watchdog, clock, roundTrip }: HeartbeatDeps): Cancel {
  const { everyMs } = watchdog
  if (everyMs === null) return () => {}
  let isStopped = false
  let cancel: Cancel = () => {}
  const beat = async () => {
    await roundTrip()
    if (isStopped) return
    watchdog.alive()
    cancel = clock.after(everyMs, () => void beat())
  }
  void beat()
  return () => {
    isStopped = true
    cancel()
  }
}
