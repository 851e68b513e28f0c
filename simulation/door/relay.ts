/**
 * The relay of a simulated lock, set up as a real one is: a pulse ends by itself, and when the
 * daemon is gone the lock closes at once.
 */
import type { Cancel, Clock } from '../../device/daemon/ports.ts'
import type { LockOrder } from '../../device/simulated/messages.ts'

export interface LockChange {
  readonly atMs: number
  readonly state: 'open' | 'closed'
  readonly cause: 'order' | 'hold-over' | 'line-dropped'
}

export interface Relay {
  order(order: LockOrder): void
  lineDropped(): void
  state(): LockChange['state']
}

export function relay(clock: Clock, changed: (change: LockChange) => void): Relay {
  let state: LockChange['state'] = 'closed'
  let cancelPulse: Cancel = () => {}

  const move = (to: LockChange['state'], cause: LockChange['cause']) => {
    cancelPulse()
    if (to === state) return
    state = to
    changed({ atMs: clock.wallMs(), state, cause })
  }
  return {
    order(order) {
      if (order.lock === 'closed') return move('closed', 'order')
      move('open', 'order')
      cancelPulse = clock.after(order.holdMs, () => move('closed', 'hold-over'))
    },
    lineDropped: () => move('closed', 'line-dropped'),
    state: () => state,
  }
}
