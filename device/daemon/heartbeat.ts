/** Notifies the watchdog after each round trip through the daemon's queue, so a stuck queue is noticed. */
import type { Cancel, Clock, Watchdog } from './ports.ts'

interface HeartbeatDeps {
  readonly watchdog: Watchdog
  readonly clock: Clock
  /** Resolves when the queue has reached it. */
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
