/**
 * Pins through gpioset and gpiomon of Debian's package gpiod, for kernels without /sys/class/gpio.
 * Version 1 (bookworm) and version 2 (trixie) take different arguments.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Cancel } from '../../daemon/ports.ts'
import { startGuard } from '../guard.ts'
import {
  acquiredOutput,
  debounced,
  type GpioContext,
  type GpioPins,
  type InputLine,
  type InputPin,
  type OutputLine,
  type OutputPin,
  retryMs,
} from '../pins.ts'

interface Chip {
  readonly version: 1 | 2
  readonly name: string
  readonly label: string
}

const timeoutMs = 5_000

/** The reason in a sentence, where gpiod cannot work. */
export async function gpiodPins(context: GpioContext): Promise<GpioPins | string> {
  const version = /\bv([12])\./.exec(await outputOf('gpiodetect', ['--version']))?.[1]
  if (!version) return 'gpiod is not installed.'
  const named = chipIn(await outputOf('gpiodetect', []), context.labels)
  if (!named) return `gpiodetect shows no chip named ${context.labels.join(', ')}.`
  const chip: Chip = { ...named, version: version === '1' ? 1 : 2 }
  return {
    description: `gpiod ${version}, ${chip.label} (${chip.name})`,
    output: (pin, name) => outputLine(context, chip, pin, name),
    input: (pin, name) => inputLine(context, chip, pin, name),
  }
}

/** Empty when the program fails. */
const outputOf = (program: string, args: readonly string[]): Promise<string> =>
  promisify(execFile)(program, [...args], { timeout: timeoutMs }).then(
    ({ stdout }) => stdout,
    () => '',
  )

/** As in `gpiochip0 [pinctrl-rp1] (54 lines)`. */
function chipIn(text: string, labels: readonly string[]): Omit<Chip, 'version'> | null {
  for (const [, name = '', label = ''] of text.matchAll(/^(gpiochip\d+) \[([^\]]*)\]/gm)) {
    if (labels.includes(label)) return { name, label }
  }
  return null
}

/** The guard does all the switching, even of unguarded pins: its gpioset must keep running. */
const outputLine = (context: GpioContext, chip: Chip, pin: OutputPin, name: string): OutputLine =>
  acquiredOutput(context, name, (listener) => {
    const level = pin.activeLow ? 'low' : 'high'
    const guardArgs = [`gpiod${chip.version}`, chip.name, String(pin.bcm), level]
    if (pin.guarded) context.noteOutput(name, guardArgs)
    return { guard: startGuard(guardArgs, listener), write() {} }
  })

/**
 * The kernel gives a line to one program at a time, so while gpiomon has it the level cannot be read.
 * An edge between gpioget and the start of gpiomon is therefore lost. So the level is read again soon
 * after the start, and now and then: gpiomon ends for that, unless the input is in use.
 */
const readAgainMs = { atFirst: 1_000, later: 30_000, afterEdge: 2_000 }

const inputLine = (context: GpioContext, chip: Chip, pin: InputPin, name: string): InputLine =>
  new MonitoredLine(context, chip, pin, name)

class MonitoredLine implements InputLine {
  readonly #context: GpioContext
  readonly #chip: Chip
  readonly #pin: InputPin
  readonly #name: string
  #isStopped = false
  #monitor: ChildProcess | null = null
  #lastEdgeMs = Number.NEGATIVE_INFINITY
  #readAgainMs = readAgainMs.atFirst
  #cancelNext: Cancel = () => {}
  #cancelDebounce: Cancel = () => {}

  constructor(context: GpioContext, chip: Chip, pin: InputPin, name: string) {
    this.#context = context
    this.#chip = chip
    this.#pin = pin
    this.#name = name
  }

  start(report: (high: boolean) => void): void {
    const { level, cancel } = debounced(this.#context.clock, this.#pin.debounceMs, report)
    this.#cancelDebounce = cancel
    void this.#follow(level)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelDebounce()
    this.#cancelNext()
    this.#monitor?.kill()
  }

  async #follow(level: (high: boolean) => void): Promise<void> {
    const { clock, log } = this.#context
    const high = await readLevel(this.#chip, this.#pin)
    if (this.#isStopped) return
    if (high !== null) level(high)
    const monitor = startMonitor(this.#chip, this.#pin, (edge) => {
      this.#lastEdgeMs = clock.monotonicMs()
      level(edge)
    })
    this.#monitor = monitor
    this.#readAgainAfter(this.#readAgainMs, monitor)
    monitor.on('close', () => {
      this.#cancelNext()
      if (this.#isStopped) return
      if (monitor.killed) return void this.#follow(level)
      log.warn({ pin: this.#name }, 'gpiomon ended, starting another')
      this.#cancelNext = clock.after(retryMs, () => void this.#follow(level))
    })
  }

  #readAgainAfter(delayMs: number, monitor: ChildProcess): void {
    const { clock } = this.#context
    this.#cancelNext = clock.after(delayMs, () => {
      const quietMs = clock.monotonicMs() - this.#lastEdgeMs
      if (quietMs < readAgainMs.afterEdge) {
        return this.#readAgainAfter(readAgainMs.afterEdge - quietMs, monitor)
      }
      this.#readAgainMs = readAgainMs.later
      monitor.kill()
    })
  }
}

async function readLevel(chip: Chip, pin: InputPin): Promise<boolean | null> {
  const numeric = chip.version === 1 ? [] : ['--numeric']
  const output = await outputOf('gpioget', [...numeric, ...inputArgs(chip, pin)])
  return { '0': false, '1': true }[output.trim()] ?? null
}

/** Both versions print "rising" or "falling" for each edge. `stdbuf` stops them from buffering. */
function startMonitor(chip: Chip, pin: InputPin, level: (high: boolean) => void): ChildProcess {
  const monitor = spawn('stdbuf', ['-oL', 'gpiomon', ...inputArgs(chip, pin)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface(monitor.stdout).on('line', (text) => {
    const edge = /rising|falling/i.exec(text)?.[0].toLowerCase()
    if (edge !== undefined) level(edge === 'rising')
  })
  monitor.on('error', () => {}) // 'close' follows.
  return monitor
}

function inputArgs({ version, name }: Chip, { bcm, pull }: InputPin): string[] {
  const none = version === 1 ? 'disable' : 'disabled'
  const bias = `--bias=${pull === 'none' ? none : `pull-${pull}`}`
  return version === 1 ? [bias, name, String(bcm)] : [bias, '--chip', name, String(bcm)]
}
