/** The relay itself lives in the simulation, where it closes by itself even if this process dies. */
import type { Lock } from '../daemon/ports.ts'
import type { HardwareLine } from './messages.ts'

export class LockUnreachable extends Error {
  override readonly name = 'LockUnreachable'
  readonly code = 'LOCK_UNREACHABLE'
}

export const simulatedLock = (line: HardwareLine): Lock => ({
  open(holdMs) {
    const heard = line.order({ lock: 'open', holdMs })
    if (!heard) throw new LockUnreachable('The simulated lock is not there.')
  },
  close() {
    // A relay that can't hear this has already closed, because its line is down.
    line.order({ lock: 'closed' })
  },
  reachable: () => line.isUp(),
})
