/** Pins through onoff, which uses the kernel's /sys/class/gpio. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Gpio } from 'onoff'
import type { Cancel } from '../../daemon/ports.ts'
import { noGuard, startGuard } from '../guard.ts'
import {
  acquiredOutput,
  acquireWithRetry,
  debounced,
  type GpioContext,
  type GpioPins,
  type InputLine,
  type InputPin,
  type OutputLine,
  type OutputPin,
  PinUnavailable,
} from '../pins.ts'

/** onoff has this path built in. */
const sysfs = '/sys/class/gpio'

/** How often levels are read where the kernel reports no edges. */
const pollMs = 20
/** Where it does, a lost edge is noticed after this. */
const checkMs = 1_000

/** The reason in a sentence, where onoff cannot work. */
export async function onoffPins(context: GpioContext): Promise<GpioPins | string> {
  const chip = chips().find(({ label }) => context.labels.includes(label))
  if (!chip) return `${sysfs} has no chip named ${context.labels.join(', ')}.`
  const onoff = await import('onoff').catch(() => null)
  if (!onoff) return 'onoff is not installed, or was built for another Node.'
  const driver: Driver = { context, chip, Gpio: onoff.Gpio }
  return {
    description: `onoff, ${chip.label}, line ${chip.base} and following`,
    output: (pin, name) => outputLine(driver, pin, name),
    input: (pin, name) => inputLine(driver, pin, name),
  }
}

interface Driver {
  readonly context: GpioContext
  readonly chip: Chip
  readonly Gpio: typeof Gpio
}

interface Chip {
  readonly label: string
  readonly base: number
  readonly lines: number
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

const read = (...path: string[]): string => readFileSync(join(sysfs, ...path), 'utf8').trim()

function lineNumber({ label, base, lines }: Chip, bcm: number): number {
  if (bcm < lines) return base + bcm
  throw new PinUnavailable(`${label} has no line ${bcm}, only 0 to ${lines - 1}.`)
}

// ---------------------------------------------------------------- outputs

const outputLine = (driver: Driver, pin: OutputPin, name: string): OutputLine =>
  acquiredOutput(driver.context, name, (listener) => {
    const number = lineNumber(driver.chip, pin.bcm)
    const gpio = exportSwitchedOff(driver, number, pin)
    // Never unexported: an exported line stays at its level, a released one may float.
    const write = (on: boolean) => gpio.writeSync(on ? 1 : 0)
    if (!pin.guarded) return { guard: noGuard, write }
    const guardArgs = ['sysfs', join(sysfs, `gpio${number}`, 'value')]
    driver.context.noteOutput(name, guardArgs)
    return { guard: startGuard(guardArgs, listener), write }
  })

/** `high` and `low` are voltages: the relay must not click while the line is configured. */
function exportSwitchedOff({ Gpio }: Driver, number: number, { activeLow }: OutputPin): Gpio {
  const gpio = new Gpio(number, activeLow ? 'high' : 'low', 'none', { activeLow })
  gpio.writeSync(0)
  // onoff does not fail when it could not configure a line that another program had exported.
  if (gpio.direction() === 'in' || gpio.activeLow() !== activeLow) {
    throw new PinUnavailable(`Another program uses GPIO line ${number}.`)
  }
  return gpio
}

// ---------------------------------------------------------------- inputs

function inputLine({ context, chip, Gpio }: Driver, pin: InputPin, name: string): InputLine {
  let stopObserving: Cancel = () => {}
  let cancelRetry: Cancel = () => {}
  return {
    start(report) {
      cancelRetry = acquireWithRetry(context, name, () => {
        const gpio = new Gpio(lineNumber(chip, pin.bcm), 'in', 'both')
        stopObserving = observe(gpio, pin, context, report)
      })
    },
    stop() {
      cancelRetry()
      stopObserving()
    },
  }
}

function observe(
  gpio: Gpio,
  { debounceMs }: InputPin,
  { clock }: GpioContext,
  report: (high: boolean) => void,
): Cancel {
  const { level, cancel } = debounced(clock, debounceMs, report)
  const readLevel = () => level(gpio.readSync() === 1)
  const everyMs = reportsEdges(gpio, readLevel) ? checkMs : pollMs
  let cancelNext: Cancel = () => {}
  const poll = () => {
    readLevel()
    cancelNext = clock.after(everyMs, poll)
  }
  poll()
  return () => {
    cancel()
    cancelNext()
    release(gpio)
  }
}

function release(gpio: Gpio): void {
  try {
    gpio.unexport()
  } catch {
    // onoff throws when it removes a watch that the kernel had refused. That is harmless.
  }
}

function reportsEdges(gpio: Gpio, changed: () => void): boolean {
  try {
    gpio.watch(changed)
    return true
  } catch {
    return false
  }
}
