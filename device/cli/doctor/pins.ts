/** The pins: what drives them, and how they rest until the daemon has started. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Config } from '../../config/settings.ts'
import { bootLine, restsOff } from '../../core/lock/hardware.ts'
import type { Log } from '../../daemon/ports.ts'
import { firmwareConfig, missingLines } from '../../gpio/firmware.ts'
import { PinUnavailable } from '../../gpio/pins.ts'
import { systemClock } from '../../host/clock.ts'
import { findPins, unsetPulls } from '../../wiring/hardware.ts'
import { type Check, type Examined, ok, problem, type Verdict, warning } from './finding.ts'

/** Of doors that have any. */
const withPins =
  (check: (config: Config, door: Examined) => ReturnType<Check>): Check =>
  (door) =>
    door.config.hardware === 'gpio' ? check(door.config, door) : null

export const pinChecks = {
  hardware: ({ config }) =>
    config.hardware === 'simulated' ? ok('The hardware is simulated.') : null,
  pins: withPins(driverFinding),
  relay: withPins(restFinding),
  firmware: withPins(firmwareFinding),
  blink: withPins((config, door) => (door.mayMoveLock ? blink(config, door) : null)),
} satisfies Record<string, Check>

export const quietLog: Log = { info() {}, warn() {}, error() {} }

const pinsOf = ({ gpio }: Config) =>
  findPins(gpio, {
    clock: systemClock({ source: 'host' }),
    log: quietLog,
    runtimeFolder: undefined,
  })

async function driverFinding(config: Config): Promise<Verdict> {
  try {
    return ok(`They can be driven: ${(await pinsOf(config)).description}.`)
  } catch (error) {
    if (!(error instanceof PinUnavailable)) throw error
    return problem(error.message, 'Is this the Pi itself? Run: sudo apt-get install gpiod')
  }
}

function restFinding({ gpio: { relay } }: Config): Verdict {
  const { bcm, activeLow } = relay
  if (restsOff(bcm, activeLow)) return ok(`BCM ${bcm} keeps it off from power-on.`)
  const pins = activeLow ? '0 to 8' : '9 to 27'
  return problem(
    `BCM ${bcm} switches the relay on, and so unlocks the door, in the first seconds after power-on.`,
    `Use one of BCM ${pins}, or a resistor that pulls it ${activeLow ? 'up' : 'down'}.`,
  )
}

/** onoff cannot set pull resistors, so the firmware must. */
function firmwareFinding({ gpio }: Config): Verdict | null {
  const path = firmwareConfig()
  const unset = gpio.driver === 'onoff' ? unsetPulls(gpio, path) : []
  if (unset.length > 0) {
    return problem(
      'onoff cannot set the resistors of pins: an open contact would read as a closed one.',
      `Set gpio.driver to auto, or add to config.txt and restart the Pi: ${unset.join('  ')}`,
    )
  }
  if (path === null) return null
  const { relay, doorContact, bondSense, exitButton, bell } = gpio
  const wanted = [
    bootLine.output(relay.bcm, relay.activeLow),
    ...[doorContact, bondSense, exitButton, bell].flatMap(({ bcm, pull }) =>
      bcm === null ? [] : [bootLine.input(bcm, pull)],
    ),
  ]
  const missing = missingLines(path, wanted)
  return missing.length === 0
    ? ok(`${path} sets the pins before the daemon does.`)
    : warning(
        `${path} does not set the pins.`,
        `Add to it, and restart the Pi: ${missing.join('  ')}`,
      )
}

// ---------------------------------------------------------------- blink

const onMs = 400
const times = 3
const readyWithinMs = 10_000

/** So that the installer can hear and measure the relay. */
async function blink(config: Config, { daemon }: Examined): Promise<Verdict | null> {
  if (daemon) {
    const remedy = 'Run: sudo systemctl stop smart-door, try again, then start it.'
    return warning('The daemon uses the relay now, so it was left alone.', remedy)
  }
  const pins = await pinsOf(config).catch(() => null)
  if (!pins) return null
  const { bcm } = config.gpio.relay
  const relay = pins.output({ ...config.gpio.relay, guarded: true }, 'relay')
  const failed = problem(`BCM ${bcm} cannot be driven.`, 'Run: sudo smart-door doctor')
  try {
    for (let waitedMs = 0; !relay.ready() && waitedMs < readyWithinMs; waitedMs += 50) {
      await wait(50)
    }
    if (!relay.ready()) return failed
    for (let n = 0; n < times; n += 1) {
      await relay.on(2 * onMs)
      await wait(onMs)
      relay.off()
      await wait(onMs)
    }
    return ok(`The relay on BCM ${bcm} was on ${times} times for ${onMs} ms.`)
  } catch (error) {
    if (error instanceof PinUnavailable) return failed
    throw error
  } finally {
    await relay.close()
  }
}
