/**
 * Pins through onoff, which writes to the kernel's /sys/class/gpio. Where that is missing, or onoff
 * was not installed, there are none to be had here, and somebody else has to drive them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gpio } from 'onoff'
import type { Cancel } from '../../daemon/ports.ts'
import {
  debounced,
  type GpioDeps,
  type GpioPins,
  type Guard,
  type InputLine,
  type InputPin,
  noGuard,
  type OutputLine,
  type OutputPin,
  PinUnavailable,
  persistently,
  startGuard,
  tryAgainMs,
} from '../pins.ts'

type GpioClass = typeof Gpio

/** The folder is written down in onoff itself too. */
const sysfs = '/sys/class/gpio'

/** Where the kernel reports no edges, levels are looked at so often, which nobody at a door notices. */
const pollMs = 20
/** Even where it does, an edge that got lost is noticed after this. */
const lookAgainMs = 1_000

interface Chip {
  readonly label: string
  readonly base: number
  readonly lines: number
}

export interface OnoffDeps extends GpioDeps {
  /** Told where a program that knows nothing else finds the line, to switch it off at the end. */
  readonly noteOutput: (name: string, guardWords: readonly string[]) => void
}

/** `null` where onoff cannot work, and the reason in a sentence. */
export async function onoffPins(deps: OnoffDeps): Promise<GpioPins | string> {
  const chip = chips().find(({ label }) => deps.labels.includes(label))
  if (!chip) return `${sysfs} has no chip named ${deps.labels.join(', ')}.`
  const onoff = await import('onoff').catch(() => null)
  if (!onoff) return 'onoff is not installed, or was built for another Node.'
  const numberOf = (bcm: number) => lineNumber(chip, bcm)
  return {
    description: `onoff, ${chip.label}, line ${chip.base} and following`,
    output: (pin, name) => outputLine(deps, onoff.Gpio, numberOf, pin, name),
    input: (pin, name) => inputLine(deps, onoff.Gpio, numberOf, pin, name),
  }
}

function chips(): readonly Chip[] {
  try {
    const names = readdirSync(sysfs).filter((name) => name.startsWith('gpiochip'))
    return names.map((name) => ({
      label: read(name, 'label'),
      base: Number(read(name, 'base')),
      lines: Number(read(name, 'ngpio')),
    }))
  } catch {
    return []
  }
}

const idle: Cancel = () => {}

const read = (...path: string[]): string => readFileSync(join(sysfs, ...path), 'utf8').trim()

function lineNumber({ label, base, lines }: Chip, bcm: number): number {
  if (bcm < lines) return base + bcm
  throw new PinUnavailable(`${label} has no line ${bcm}, only 0 to ${lines - 1}.`)
}

// ---------------------------------------------------------------- outputs

function outputLine(
  deps: OnoffDeps,
  gpioClass: GpioClass,
  numberOf: (bcm: number) => number,
  pin: OutputPin,
  name: string,
): OutputLine {
  let had: { readonly gpio: Gpio; readonly guard: Guard } | null = null

  function take(): void {
    const number = numberOf(pin.bcm)
    const gpio = switchedOff(gpioClass, number, pin)
    const words = ['sysfs', join(sysfs, `gpio${number}`, 'value')]
    if (pin.guarded) deps.noteOutput(name, words)
    had = { gpio, guard: pin.guarded ? startGuard(words, guardEnded) : noGuard }
  }
  function guardEnded(): void {
    had?.gpio.writeSync(0)
    had = null
    deps.log.error({ pin: name }, 'guard of a pin ended, starting another')
    cancel = deps.clock.after(tryAgainMs, tryToTake)
  }
  function tryToTake(): void {
    cancel = persistently(deps, name, take)
  }
  let cancel: Cancel = () => {}
  tryToTake()

  return {
    on(atMostMs) {
      if (!had?.guard.alive()) throw new PinUnavailable(`The ${name} cannot be reached.`)
      // First the leash, then the dog.
      had.guard.on(atMostMs)
      had.gpio.writeSync(1)
    },
    off() {
      had?.gpio.writeSync(0)
      had?.guard.off()
    },
    ready: () => had?.guard.alive() ?? false,
    async close() {
      cancel()
      had?.gpio.writeSync(0)
      const guard = had?.guard
      had = null
      // The line stays exported, and so at this level: a line that is let go may float.
      await guard?.close()
    },
  }
}

/** `high` and `low` are voltages: the relay must not click, not even for the moment of asking. */
function switchedOff(gpioClass: GpioClass, number: number, { activeLow }: OutputPin): Gpio {
  const gpio = new gpioClass(number, activeLow ? 'high' : 'low', 'none', { activeLow })
  gpio.writeSync(0)
  // onoff says nothing when it could not configure a line that somebody else had exported.
  if (gpio.direction() === 'in' || gpio.activeLow() !== activeLow) {
    throw new PinUnavailable(`GPIO line ${number} is in use by somebody else.`)
  }
  return gpio
}

// ---------------------------------------------------------------- inputs

function inputLine(
  deps: OnoffDeps,
  gpioClass: GpioClass,
  numberOf: (bcm: number) => number,
  pin: InputPin,
  name: string,
): InputLine {
  let stop: Cancel = idle
  return {
    start(report) {
      const cancel = persistently(deps, name, () => {
        const gpio = new gpioClass(numberOf(pin.bcm), 'in', 'both')
        stop = observed(deps, gpio, pin, report)
      })
      // Otherwise it was had at the first try.
      if (stop === idle) stop = cancel
    },
    stop: () => stop(),
  }
}

function observed(
  { clock }: OnoffDeps,
  gpio: Gpio,
  { debounceMs }: InputPin,
  report: (high: boolean) => void,
): Cancel {
  const { level, cancel } = debounced(clock, debounceMs, report)
  const look = () => level(gpio.readSync() === 1)
  const everyMs = reportsEdges(gpio, look) ? lookAgainMs : pollMs
  let cancelNext: Cancel = () => {}
  const lookOn = () => {
    look()
    cancelNext = clock.after(everyMs, lookOn)
  }
  lookOn()
  return () => {
    cancel()
    cancelNext()
    letGo(gpio)
  }
}

function letGo(gpio: Gpio): void {
  try {
    gpio.unexport()
  } catch {
    // onoff stumbles over taking back a watch that the kernel refused. Nothing is lost by it.
  }
}

function reportsEdges(gpio: Gpio, look: () => void): boolean {
  try {
    gpio.watch(look)
    return true
  } catch {
    return false
  }
}
