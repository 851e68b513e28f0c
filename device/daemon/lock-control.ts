/** Moves the lock, reports whether it responded, and tries again to close it. */
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

  function open(holdMs: number): void {
    newOrder()
    const opened = () => {
      recovered()
      submit({ kind: 'event', event: { kind: 'lock-opened' } })
    }
    try {
      const done = lock.open(holdMs)
      if (done) done.then(opened, (error: unknown) => notMoved('open', error))
      else opened()
    } catch (error) {
      notMoved('open', error)
    }
  }

  function close(): void {
    newOrder()
    try {
      lock.close()
      // Closing does not prove that the lock opens.
      if (failed?.action === 'close') recovered()
    } catch (error) {
      notMoved('close', error)
      // People can repeat a request to open; closing is retried here.
      retryLater()
    }
  }

  function newOrder(): void {
    cancelRetry()
    retry = {}
  }

  function notMoved(action: 'open' | 'close', error: unknown): void {
    const isNew = faults.report('lock', error)
    const detail = 'the lock did not answer'
    failed = { action, wasReachable: lock.reachable() }
    submit({ kind: 'event', event: { kind: 'lock-failed', action, detail, isNew } })
  }

  function retryLater(): void {
    const own = retry
    const run = () => {
      if (own === retry) close()
    }
    cancelRetry = clock.after(retryMs, () => submit({ kind: 'job', run }))
  }

  function recovered(): void {
    failed = null
    faults.clear('lock')
  }

  return {
    open,
    close,
    /** Clears the fault of a lock that has been connected since. */
    checkReachable(): void {
      if (failed && !failed.wasReachable && lock.reachable()) recovered()
    },
    stop: () => cancelRetry(),
  }
}
