/** The pins, without touching any: who drives them, and how they rest until the daemon has started. */
import { existsSync, readFileSync } from 'node:fs'
import type { Config } from '../../config/settings.ts'
import { bootLine, restsOff } from '../../core/lock/hardware.ts'
import type { Log } from '../../daemon/ports.ts'
import { PinUnavailable } from '../../gpio/pins.ts'
import { systemClock } from '../../host/clock.ts'
import { findPins } from '../../wiring/hardware.ts'
import { better, type Finding, well, wrong } from './finding.ts'

const bootConfigs = ['/boot/firmware/config.txt', '/boot/config.txt']

export const quietLog: Log = { info() {}, warn() {}, error() {} }

export async function pinFindings(config: Config): Promise<readonly Finding[]> {
  if (config.hardware === 'simulated') return [well('pins', 'The hardware is simulated.')]
  return [await driverFinding(config), restFinding(config), ...bootFindings(config)]
}

async function driverFinding({ gpio }: Config): Promise<Finding> {
  try {
    const clock = systemClock({ source: 'host' })
    const pins = await findPins(gpio, { clock, log: quietLog, runtimeFolder: undefined })
    return well('pins', `They can be driven: ${pins.description}.`)
  } catch (error) {
    if (!(error instanceof PinUnavailable)) throw error
    return wrong('pins', error.message, 'Is this the Pi itself? Run: sudo apt-get install gpiod')
  }
}

function restFinding({ gpio: { relay } }: Config): Finding {
  const { bcm, activeLow } = relay
  if (restsOff(bcm, activeLow)) {
    return well('relay', `BCM ${bcm} keeps it off from the first moment of power.`)
  }
  const pins = activeLow ? '0 to 8' : '9 to 27'
  return wrong(
    'relay',
    `BCM ${bcm} switches the relay on, and the door open, in the first seconds after power comes.`,
    `Use one of BCM ${pins}, or a resistor that holds it ${activeLow ? 'up' : 'down'}.`,
  )
}

/** onoff cannot set resistors, so the firmware must. */
function bootFindings({ gpio }: Config): readonly Finding[] {
  const path = bootConfigs.find((candidate) => existsSync(candidate))
  if (path === undefined) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  const { relay, doorContact, bondSense, exitButton, bell } = gpio
  const wanted = [
    bootLine.output(relay.bcm, relay.activeLow),
    ...[doorContact, bondSense, exitButton, bell].flatMap(({ bcm, pull }) =>
      bcm === null ? [] : [bootLine.input(bcm, pull)],
    ),
  ]
  const missing = wanted.filter((line) => !lines.includes(line))
  if (missing.length === 0)
    return [well('firmware', `${path} sets the pins before the daemon does.`)]
  return [
    better(
      'firmware',
      `${path} does not say how the pins rest.`,
      `Add to it, and restart: ${missing.join('  ')}`,
    ),
  ]
}
