/**
 * What the lock, the sensors and the signals share: the pins of this computer, whoever drives them.
 * A pin is named as on every drawing of a Raspberry Pi, by its BCM number; which line of which chip
 * that is, is found by the chip's label, because the kernel's own numbers differ from one Pi and
 * one kernel to the next.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Cancel, Clock, Log } from '../daemon/ports.ts'

/** The header of a Pi 5, of a Pi 4, and of a Pi 3 or Zero 2. */
export const headerLabels: readonly string[] = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835']

export type Pull = 'up' | 'down' | 'none'

export interface OutputPin {
  readonly bcm: number
  /** Whether a low voltage is what switches it on. */
  readonly activeLow: boolean
  /** Whether it matters that it goes off without this process: a door does, a lamp does not. */
  readonly guarded: boolean
}

export interface OutputLine {
  /** Guarded, it switches off after `atMostMs` even if this process hangs or is gone by then. */
  on(atMostMs: number): void
  off(): void
  /** Whether an order would arrive. The pin is asked for again and again until it is had. */
  ready(): boolean
  close(): Promise<void>
}

export interface InputPin {
  readonly bcm: number
  readonly pull: Pull
  /** A level counts once it has been the same for so long: contacts bounce. */
  readonly debounceMs: number
}

export interface InputLine {
  /** Tells the level as soon as it is known, and then every change of it. */
  start(report: (high: boolean) => void): void
  stop(): void
}

export interface GpioPins {
  /** For the log and the doctor: "onoff, pinctrl-rp1, line 588 and following". */
  readonly description: string
  output(pin: OutputPin, name: string): OutputLine
  input(pin: InputPin, name: string): InputLine
}

export interface GpioDeps {
  readonly clock: Clock
  readonly log: Log
  /** Labels of the chip whose lines are meant. */
  readonly labels: readonly string[]
}

export class PinUnavailable extends Error {
  override readonly name = 'PinUnavailable'
  readonly code = 'PIN_UNAVAILABLE'
}

/** At start-up udev may not be done yet with a pin's permissions, so nothing is given up. */
export const tryAgainMs = 1_000

/** Has something made, again and again until it succeeds; says so in the log once. */
export function persistently({ clock, log }: GpioDeps, what: string, make: () => void): Cancel {
  let cancel: Cancel = () => {}
  let told = false
  const attempt = () => {
    try {
      make()
      if (told) log.info({ pin: what }, 'pin is there again')
    } catch (error) {
      if (!told) log.warn({ pin: what, err: error }, 'pin cannot be had, trying again')
      told = true
      cancel = clock.after(tryAgainMs, attempt)
    }
  }
  attempt()
  return () => cancel()
}

/** Passes on only what has lasted. Give it every level that is seen, changed or not. */
export function debounced(
  clock: Clock,
  debounceMs: number,
  report: (high: boolean) => void,
): { readonly level: (high: boolean) => void; readonly cancel: Cancel } {
  let told: boolean | null = null
  let waitingFor: boolean | null = null
  let cancel: Cancel = () => {}
  const settle = (high: boolean) => {
    waitingFor = null
    told = high
    report(high)
  }
  return {
    level(high) {
      // How things stand at the start has not just changed, so there is no bouncing to wait out.
      if (told === null) return settle(high)
      if (high === waitingFor) return
      cancel()
      waitingFor = high === told ? null : high
      if (waitingFor !== null) cancel = clock.after(debounceMs, () => settle(high))
    },
    cancel: () => cancel(),
  }
}

// ---------------------------------------------------------------- the guard of an output

/** What switches a line off when nobody else does: a process of its own, a few lines of bash. */
export interface Guard {
  on(atMostMs: number): void
  off(): void
  alive(): boolean
  close(): Promise<void>
}

/** Does nothing, for what nobody has to watch. */
export const noGuard: Guard = {
  on() {},
  off() {},
  alive: () => true,
  async close() {},
}

const guardPath = fileURLToPath(new URL('guard.sh', import.meta.url))

/**
 * `words` are the guard's arguments. It is a process group of its own, so that a Ctrl-C meant for
 * the daemon does not take away what must outlive it.
 */
export function startGuard(words: readonly string[], ended: () => void): Guard {
  const child = spawn('bash', [guardPath, ...words], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  child.on('error', () => {}) // It shows in `pid`.
  if (child.pid === undefined) throw new PinUnavailable('The guard of a pin cannot be started.')
  let alive = true
  const gone = () => {
    if (alive) ended()
    alive = false
  }
  child.on('exit', gone)
  child.stdin.on('error', () => {}) // 'exit' follows.
  const say = (order: string) => void child.stdin.write(`${order}\n`)
  return {
    on: (atMostMs) => say(`on ${(atMostMs / 1_000).toFixed(3)}`),
    off: () => say('off'),
    alive: () => alive,
    async close() {
      if (!alive) return
      alive = false
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}
