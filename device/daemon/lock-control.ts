/** Moves the lock, reports when it does not respond, and tries again to close it. */
import type { Faults } from './faults.ts'
import type { Incoming, Job } from './incoming.ts'
import type { Clock, Lock } from './ports.ts'

const retryMs = 1_000

interface LockControlDeps {
  readonly lock: Lock
  readonly clock: Clock
  readonly faults: Faults
  readonly submit: (item: Incoming | Job) => void
}

export function createLockControl({ lock, clock, faults, submit }: LockControlDeps) {
  /** The last order that failed, and whether the lock was connected then. */
  let failed: { readonly action: 'open' | 'close'; readonly wasReachable: boolean } | null = null
  /** Identifies the current retry; each new order replaces it. */
  let retry = {}
  let cancelRetry = () => {}

  function move(action: 'open' | 'close', touch: () => void): void {
    cancelRetry()
    retry = {}
    try {
      touch()
      // Closing does not prove that the lock opens.
      if (action === 'open' || failed?.action === 'close') recovered()
    } catch (error) {
      if (faults.report('lock', error)) {
        const detail = 'the lock did not answer'
        submit({ kind: 'event', event: { kind: 'lock-failed', action, detail } })
      }
      failed = { action, wasReachable: lock.reachable() }
      // People can repeat a request to open; closing is retried here.
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
    /** Clears the fault of a lock that has been connected since. */
    checkReachable(): void {
      if (failed && !failed.wasReachable && lock.reachable()) recovered()
    },
    stop: () => cancelRetry(),
  }
}
