/**
 * The pins of this computer, for any driver. A pin is named by its BCM number, as on drawings of a
 * Raspberry Pi. The chip is found by its label, because the kernel's line numbers differ from one
 * Pi and one kernel to the next.
 */
import type { Cancel, Clock, Log } from '../daemon/ports.ts'
import type { Guard, GuardListener } from './guard.ts'

/** The header of a Pi 5, of a Pi 4, and of a Pi 3 or Zero 2. */
export const headerLabels: readonly string[] = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835']

type Pull = 'up' | 'down' | 'none'

export interface OutputPin {
  readonly bcm: number
  readonly activeLow: boolean
  /** Whether it must go off without this process: a lock must, a light need not. */
  readonly guarded: boolean
}

export interface OutputLine {
  /** A guarded pin goes off after `maxMs` even if this process hangs or has ended. */
  on(maxMs: number): Promise<void> | void
  off(): void
  ready(): boolean
  close(): Promise<void>
}

export interface InputPin {
  readonly bcm: number
  readonly pull: Pull
  /** A level counts once it has lasted this long. */
  readonly debounceMs: number
}

export interface InputLine {
  /** Reports the level as soon as it is known, and then every change. */
  start(report: (high: boolean) => void): void
  stop(): void
}

export interface GpioPins {
  /** For the log and the doctor: "onoff, pinctrl-rp1, line 588 and following". */
  readonly description: string
  output(pin: OutputPin, name: string): OutputLine
  input(pin: InputPin, name: string): InputLine
}

export interface GpioContext {
  readonly clock: Clock
  readonly log: Log
  /** Labels of the chip to use. */
  readonly labels: readonly string[]
  /** Records the guard's arguments, with which `systemd/relock` can switch the pin off later. */
  readonly noteOutput: (name: string, guardArgs: readonly string[]) => void
}

export class PinUnavailable extends Error {
  override readonly name = 'PinUnavailable'
  readonly code = 'PIN_UNAVAILABLE'
}

/** At boot udev may not have set the permissions of a pin yet. */
export const retryMs = 1_000

/** Calls `acquire` until it succeeds. Logs the first failure only. */
export function acquireWithRetry(
  { clock, log }: GpioContext,
  name: string,
  acquire: () => void,
): Cancel {
  let cancel: Cancel = () => {}
  let hasFailed = false
  const attempt = () => {
    try {
      acquire()
      if (hasFailed) log.info({ pin: name }, 'pin available again')
    } catch (error) {
      if (!hasFailed) log.warn({ pin: name, err: error }, 'pin unavailable, retrying')
      hasFailed = true
      cancel = clock.after(retryMs, attempt)
    }
  }
  attempt()
  return () => cancel()
}

/** What a driver holds while an output works. */
export interface AcquiredOutput {
  readonly guard: Guard
  /** Does nothing where the guard does all the switching. */
  write(on: boolean): void
}

/** An output that is acquired again whenever its guard ends. */
export function acquiredOutput(
  context: GpioContext,
  name: string,
  acquire: (listener: GuardListener) => AcquiredOutput,
): OutputLine {
  let output: AcquiredOutput | null = null
  let cancel: Cancel = () => {}

  function acquireAgain(): void {
    cancel = acquireWithRetry(context, name, () => {
      output = acquire({ lost, ended: guardEnded })
    })
  }
  function lost(): void {
    context.log.error({ pin: name }, 'a pin lost its GPIO line, taking it again')
  }
  function guardEnded(): void {
    output?.write(false)
    output = null
    context.log.error({ pin: name }, 'guard of a pin ended, starting another')
    cancel = context.clock.after(retryMs, acquireAgain)
  }
  acquireAgain()

  return {
    on(maxMs) {
      if (!output?.guard.isReady()) throw new PinUnavailable(`The ${name} cannot be reached.`)
      // The guard first: the pin must not be on without it.
      const done = output.guard.on(maxMs)
      output.write(true)
      return done
    },
    off() {
      output?.write(false)
      output?.guard.off()
    },
    ready: () => output?.guard.isReady() ?? false,
    async close() {
      cancel()
      output?.write(false)
      const guard = output?.guard
      output = null
      await guard?.close()
    },
  }
}

/** Reports only levels that last. */
export function debounced(clock: Clock, debounceMs: number, report: (high: boolean) => void) {
  let reported: boolean | null = null
  let pending: boolean | null = null
  let cancel: Cancel = () => {}
  const settle = (high: boolean) => {
    pending = null
    reported = high
    report(high)
  }
  return {
    /** Takes every level that is read, changed or not. */
    level(high: boolean) {
      // The first level is no change, so nothing bounces.
      if (reported === null) return settle(high)
      if (high === pending) return
      cancel()
      pending = high === reported ? null : high
      if (pending !== null) cancel = clock.after(debounceMs, () => settle(high))
    },
    cancel: () => cancel(),
  }
}
