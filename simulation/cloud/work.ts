/** Delivers the local cloud's queued events when they are due. */
import type { Cancel } from '../../device/daemon/ports.ts'
import type { SteerableClock } from '../home/steerable-clock.ts'
import type { SimulatedCloud } from './cloud.ts'

export interface CloudWork {
  /** Something may be due. */
  wake(): void
  /** Resolves when nothing is due. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface CloudWorkOptions {
  readonly cloud: Pick<SimulatedCloud, 'pump' | 'nextDueMs'>
  readonly clock: SteerableClock
  /** Called after each run. */
  readonly worked: () => void
  readonly failed: (fault: unknown) => void
}

export function startCloudWork({ cloud, clock, worked, failed }: CloudWorkOptions): CloudWork {
  let running: Promise<void> | null = null
  let again = false
  let closed = false
  let cancel: Cancel = () => {}

  const run = async () => {
    while (again && !closed) {
      again = false
      await cloud.pump().catch(failed)
      worked()
    }
  }
  const waitForNext = () => {
    const dueMs = cloud.nextDueMs()
    if (dueMs !== null && !closed) cancel = clock.after(Math.max(1, dueMs - clock.nowMs()), wake)
  }
  function wake(): void {
    if (closed) return
    again = true
    cancel()
    running ??= run().finally(() => {
      running = null
      waitForNext()
    })
  }

  return {
    wake,
    async idle() {
      while (running) await running
    },
    async close() {
      closed = true
      cancel()
      await running
    },
  }
}
