/**
 * Time that can be skipped. Timers that fall due in the skipped time fire at once, in order, so that
 * a test or a person need not wait for a code to expire.
 */

export interface ShiftableTimer {
  ref(): ShiftableTimer
  unref(): ShiftableTimer
  hasRef(): boolean
  refresh(): ShiftableTimer
  close(): ShiftableTimer
  [Symbol.toPrimitive](): number
}

export interface ShiftableTime {
  /** Milliseconds that have passed, including skipped ones. */
  passedMs(): number
  timer(action: () => void, delayMs: number): ShiftableTimer
  skip(ms: number): void
}

interface Pending {
  dueMs: number
  /** Timers that are due at the same time fire in the order in which they were set. */
  readonly nth: number
  fire(): void
  wait(): void
}

/** Node's own, taken before the simulated door's clock replaces them. */
const { setTimeout: setRealTimeout, clearTimeout: clearRealTimeout } = globalThis
const realMs = performance.now.bind(performance)

/** Node treats a longer delay as none. */
const longestDelayMs = 2 ** 31 - 1

export function shiftableTime(): ShiftableTime {
  const pending = new Set<Pending>()
  let skippedMs = 0
  let count = 0
  const passedMs = () => realMs() + skippedMs

  function timer(action: () => void, delayMs: number): ShiftableTimer {
    let real: NodeJS.Timeout | undefined
    let isRef = true
    count += 1
    const one: Pending = {
      dueMs: passedMs() + delayMs,
      nth: count,
      fire() {
        handle.close()
        action()
      },
      wait() {
        clearRealTimeout(real)
        const leftMs = Math.min(Math.max(0, one.dueMs - passedMs()), longestDelayMs)
        real = setRealTimeout(one.fire, leftMs)
        if (!isRef) real.unref()
      },
    }
    const handle: ShiftableTimer = {
      ref: () => refer(true),
      unref: () => refer(false),
      hasRef: () => isRef,
      refresh() {
        one.dueMs = passedMs() + delayMs
        pending.add(one)
        one.wait()
        return handle
      },
      close() {
        pending.delete(one)
        clearRealTimeout(real)
        return handle
      },
      [Symbol.toPrimitive]: () => one.nth,
    }
    const refer = (wanted: boolean) => {
      isRef = wanted
      if (wanted) real?.ref()
      else real?.unref()
      return handle
    }
    return handle.refresh()
  }

  return {
    passedMs,
    timer,
    skip(ms) {
      skippedMs += ms
      const now = passedMs()
      const due = [...pending].filter(({ dueMs }) => dueMs <= now)
      due.sort((a, b) => a.dueMs - b.dueMs || a.nth - b.nth)
      for (const one of due) if (pending.has(one)) one.fire()
      for (const one of pending) one.wait()
    },
  }
}
