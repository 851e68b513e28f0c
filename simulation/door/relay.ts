/** The relay of a simulated lock: a pulse ends by itself, and without a daemon the lock closes. */
import type { Cancel, Clock } from '../../device/daemon/ports.ts'
import type { LockOrder } from '../../device/simulated/messages.ts'

export interface LockChange {
  readonly atMs: number
  readonly state: 'open' | 'closed'
  readonly cause: 'order' | 'hold-over' | 'connection-lost'
}

export function relay(clock: Clock, changed: (change: LockChange) => void) {
  let state: LockChange['state'] = 'closed'
  let cancelPulse: Cancel = () => {}

  const move = (to: LockChange['state'], cause: LockChange['cause']) => {
    cancelPulse()
    if (to === state) return
    state = to
    changed({ atMs: clock.wallMs(), state, cause })
  }
  return {
    order(order: LockOrder) {
      if (order.lock === 'closed') return move('closed', 'order')
      move('open', 'order')
      cancelPulse = clock.after(order.holdMs, () => move('closed', 'hold-over'))
    },
    connectionLost: () => move('closed', 'connection-lost'),
    state: () => state,
  }
}
