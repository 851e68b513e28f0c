/** Moves the lock, reports when it does not respond, and tries again to close it. */
import type { Faults } from './faults.ts'
import type { Incoming, Job } from './incoming.ts'
import type { Clock, Lock } from './ports.ts'

const retryMs = 1_000

export interface LockControlDeps {
  readonly lock: Lock
  readonly clock: Clock
  readonly faults: Faults
  readonly submit: (item: Incoming | Job) => void
}

export function createLockControl({ lock, clock, faults, submit }: LockControlDeps) {
  /** The last order that failed, and whether the lock was connected then. */
  let failed: { readonly action: 'open' | 'close'; readonly wasReachable: boolean } | null = null
  /** Identifies the retry that counts: a later order takes its place. */
  let retry = {}
  let cancelRetry = () => {}

  function move(action: 'open' | 'close', touch: () => void): void {
    cancelRetry()
    retry = {}
    try {
      touch()
      // A lock that closes has not shown yet that it would open.
      if (action === 'open' || failed?.action === 'close') recovered()
    } catch (error) {
      if (faults.report('lock', error)) {
        const detail = 'the lock did not answer'
        submit({ kind: 'event', event: { kind: 'lock-failed', action, detail } })
      }
      failed = { action, wasReachable: lock.reachable() }
      // A request to open can be repeated; a lock that should be closed is tried again.
      if (action === 'close') retryLater(touch)
    }
  }

  function retryLater(touch: () => void): void {
    const own = retry
    const run = () => {
      if (own === retry) move('close', touch)
    }
    cancelRetry = clock.after(retryMs, () => submit({ kind: 'job', run }))
  }

  function recovered(): void {
    failed = null
    faults.clear('lock')
  }

  return {
    open: (holdMs: number) => move('open', () => lock.open(holdMs)),
    close: () => move('close', () => lock.close()),
    /** A lock that was not connected may be by now. */
    checkReachable(): void {
      if (failed && !failed.wasReachable && lock.reachable()) recovered()
    },
    stop: () => cancelRetry(),
  }
}
