/**
 * Pins through gpioset and gpiomon of Debian's package gpiod, for kernels without /sys/class/gpio.
 * Version 1 (bookworm) and version 2 (trixie) want to be spoken to differently.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Cancel } from '../../daemon/ports.ts'
import {
  debounced,
  type GpioDeps,
  type GpioPins,
  type Guard,
  type InputLine,
  type InputPin,
  type OutputLine,
  type OutputPin,
  PinUnavailable,
  type Pull,
  persistently,
  startGuard,
  tryAgainMs,
} from '../pins.ts'

export interface GpiodDeps extends GpioDeps {
  /** Told how a program that knows nothing else reaches the line, to switch it off at the end. */
  readonly noteOutput: (name: string, guardWords: readonly string[]) => void
}

interface Chip {
  readonly version: 1 | 2
  readonly name: string
  readonly label: string
}

const run = promisify(execFile)
const answerWithinMs = 5_000

/** `null` where gpiod cannot work, and the reason in a sentence. */
export async function gpiodPins(deps: GpiodDeps): Promise<GpioPins | string> {
  const said = await asked('gpiodetect', ['--version'])
  const version = /\bv([12])\./.exec(said)?.[1]
  if (!version) return 'gpiod is not installed.'
  const chip = chipIn(await asked('gpiodetect', []), deps.labels)
  if (!chip) return `gpiodetect shows no chip named ${deps.labels.join(', ')}.`
  const found: Chip = { ...chip, version: version === '1' ? 1 : 2 }
  return {
    description: `gpiod ${version}, ${found.label} (${found.name})`,
    output: (pin, name) => outputLine(deps, found, pin, name),
    input: (pin, name) => inputLine(deps, found, pin, name),
  }
}

const asked = (program: string, args: readonly string[]): Promise<string> =>
  run(program, [...args], { timeout: answerWithinMs }).then(
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

// ---------------------------------------------------------------- outputs

/** The guard does all the switching here: it is gpioset that has to go on living, not this. */
function outputLine(deps: GpiodDeps, chip: Chip, pin: OutputPin, name: string): OutputLine {
  const level = pin.activeLow ? 'low' : 'high'
  const words = [`gpiod${chip.version}`, chip.name, String(pin.bcm), level]
  let guard: Guard | null = null
  let cancel: Cancel = () => {}

  function take(): void {
    if (pin.guarded) deps.noteOutput(name, words)
    guard = startGuard(words, guardEnded)
  }
  function guardEnded(): void {
    guard = null
    deps.log.error({ pin: name }, 'guard of a pin ended, starting another')
    cancel = deps.clock.after(tryAgainMs, tryToTake)
  }
  function tryToTake(): void {
    cancel = persistently(deps, name, take)
  }
  tryToTake()

  return {
    on(atMostMs) {
      if (!guard?.alive()) throw new PinUnavailable(`The ${name} cannot be reached.`)
      guard.on(atMostMs)
    },
    off: () => guard?.off(),
    ready: () => guard?.alive() ?? false,
    async close() {
      cancel()
      const last = guard
      guard = null
      await last?.close()
    },
  }
}

// ---------------------------------------------------------------- inputs

function inputLine(deps: GpiodDeps, chip: Chip, pin: InputPin, name: string): InputLine {
  let isStopped = false
  let monitor: ChildProcess | null = null
  let cancel: Cancel = () => {}
  return {
    start(report) {
      const settled = debounced(deps.clock, pin.debounceMs, report)
      const follow = async () => {
        const high = await levelOf(chip, pin)
        if (isStopped) return
        if (high !== null) settled.level(high)
        monitor = followed(chip, pin, settled.level, () => {
          if (isStopped) return
          deps.log.warn({ pin: name }, 'gpiomon ended, starting another')
          cancel = deps.clock.after(tryAgainMs, () => void follow())
        })
      }
      void follow()
    },
    stop() {
      isStopped = true
      cancel()
      monitor?.kill()
    },
  }
}

async function levelOf(chip: Chip, { bcm, pull }: InputPin): Promise<boolean | null> {
  const [bias, line] = [biasWords(chip, pull), String(bcm)]
  const said = await (chip.version === 1
    ? asked('gpioget', [...bias, chip.name, line])
    : asked('gpioget', ['--numeric', ...bias, '--chip', chip.name, line]))
  return { '0': false, '1': true }[said.trim()] ?? null
}

/** Both versions print a line with "rising" or "falling" in it; both would keep it in a buffer. */
function followed(
  chip: Chip,
  { bcm, pull }: InputPin,
  level: (high: boolean) => void,
  ended: () => void,
): ChildProcess {
  const [bias, line] = [biasWords(chip, pull), String(bcm)]
  const words =
    chip.version === 1 ? [...bias, chip.name, line] : [...bias, '--chip', chip.name, line]
  const monitor = spawn('stdbuf', ['-oL', 'gpiomon', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface(monitor.stdout).on('line', (text) => {
    const edge = /rising|falling/i.exec(text)?.[0].toLowerCase()
    if (edge !== undefined) level(edge === 'rising')
  })
  monitor.on('error', () => {}) // 'close' follows.
  monitor.on('close', ended)
  return monitor
}

function biasWords({ version }: Chip, pull: Pull): string[] {
  const off = version === 1 ? 'disable' : 'disabled'
  return [`--bias=${pull === 'none' ? off : `pull-${pull}`}`]
}
