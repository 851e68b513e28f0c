/** Switches the relay on three times for a moment, so that whoever wires it can hear and measure. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Config } from '../../config/settings.ts'
import { systemClock } from '../../host/clock.ts'
import { findPins } from '../../wiring/hardware.ts'
import { better, type Finding, well, wrong } from './finding.ts'
import { quietLog } from './pins.ts'
import { askHealth } from './store.ts'

const onMs = 400
const times = 3
const hadWithinMs = 3_000

export async function blinkRelay({ hardware, gpio, keypad }: Config): Promise<readonly Finding[]> {
  if (hardware === 'simulated') return []
  if (await askHealth(`http://${keypad.host}:${keypad.port}/healthz`)) {
    const remedy = 'Run: sudo systemctl stop smart-door, try again, and start it after that.'
    return [better('blink', 'The daemon has the relay now, so it was left alone.', remedy)]
  }
  const clock = systemClock({ source: 'host' })
  const pins = await findPins(gpio, { clock, log: quietLog, runtimeFolder: undefined }).catch(
    () => null,
  )
  if (!pins) return []
  const relay = pins.output({ ...gpio.relay, guarded: true }, 'relay')
  try {
    for (let waitedMs = 0; !relay.ready() && waitedMs < hadWithinMs; waitedMs += 50) await wait(50)
    if (!relay.ready()) {
      return [wrong('blink', `BCM ${gpio.relay.bcm} cannot be had.`, 'Run: sudo smart-door doctor')]
    }
    for (let n = 0; n < times; n += 1) {
      relay.on(2 * onMs)
      await wait(onMs)
      relay.off()
      await wait(onMs)
    }
    return [
      well('blink', `The relay on BCM ${gpio.relay.bcm} was on ${times} times for ${onMs} ms.`),
    ]
  } finally {
    await relay.close()
  }
}
