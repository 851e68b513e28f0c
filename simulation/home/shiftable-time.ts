/**
 * Time that can be skipped. Timers that fall due in the skipped time fire at once, in order, so that
 * a test or a person need not wait for a code to expire.
 */

/** Node's own, taken before the simulated door's clock replaces them. */
const { setTimeout: setRealTimeout, clearTimeout: clearRealTimeout } = globalThis
const realMs = performance.now.bind(performance)

/** Node treats a longer delay as none. */
const longestDelayMs = 2 ** 31 - 1

export class ShiftableTime {
  readonly #pending = new Set<ShiftableTimer>()
  #skippedMs = 0
  #timers = 0

  /** Milliseconds that have passed, including skipped ones. */
  passedMs = (): number => realMs() + this.#skippedMs

  timer(action: () => void, delayMs: number): ShiftableTimer {
    this.#timers += 1
    return new ShiftableTimer(this.#timers, action, {
      delayMs,
      passedMs: this.passedMs,
      pending: this.#pending,
    })
  }

  skip(ms: number): void {
    this.#skippedMs += ms
    const now = this.passedMs()
    const due = [...this.#pending].filter(({ dueMs }) => dueMs <= now)
    due.sort((a, b) => a.dueMs - b.dueMs || a.nth - b.nth)
    for (const timer of due) if (this.#pending.has(timer)) timer.fire()
    for (const timer of this.#pending) timer.wait()
  }
}

interface Timing {
  readonly delayMs: number
  readonly passedMs: () => number
  readonly pending: Set<ShiftableTimer>
}

/** Has the methods of Node's own timers. */
export class ShiftableTimer {
  /** Timers that are due at the same time fire in the order in which they were set. */
  readonly nth: number
  readonly #action: () => void
  readonly #timing: Timing
  #dueMs = 0
  #real: NodeJS.Timeout | undefined
  #isRef = true

  constructor(nth: number, action: () => void, timing: Timing) {
    this.nth = nth
    this.#action = action
    this.#timing = timing
    this.refresh()
  }

  get dueMs(): number {
    return this.#dueMs
  }

  fire(): void {
    this.close()
    this.#action()
  }

  /** Starts a real timer for the time that is left. */
  wait(): void {
    clearRealTimeout(this.#real)
    const leftMs = Math.max(0, this.#dueMs - this.#timing.passedMs())
    this.#real = setRealTimeout(() => this.fire(), Math.min(leftMs, longestDelayMs))
    if (!this.#isRef) this.#real.unref()
  }

  ref(): this {
    this.#isRef = true
    this.#real?.ref()
    return this
  }

  unref(): this {
    this.#isRef = false
    this.#real?.unref()
    return this
  }

  hasRef(): boolean {
    return this.#isRef
  }

  refresh(): this {
    const { passedMs, delayMs, pending } = this.#timing
    this.#dueMs = passedMs() + delayMs
    pending.add(this)
    this.wait()
    return this
  }

  close(): this {
    this.#timing.pending.delete(this)
    clearRealTimeout(this.#real)
    return this
  }

  [Symbol.toPrimitive](): number {
    return this.nth
  }
}
