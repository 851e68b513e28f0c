/** Settings that are valid one by one, but not together. */
import { sharedPins, type WiredPin } from '../core/lock/hardware.ts'
import type { Config } from './settings.ts'

export function conflictsIn(config: Config): string[] {
  const { hardware, lock, camera, uploads, recording, keypad, tablets } = config
  const { relay, exitButton } = config.gpio
  const isMaglock = relay.lockType === 'maglock'
  const longestMs = Math.max(lock.unlockHoldMs, lock.exitHoldMs, lock.extendedHoldMs)
  const conflicts: [boolean, string][] = [
    [
      relay.lockType === 'strike' && relay.maxOnMs < longestMs,
      `gpio.relay.maxOnMs must not be less than the longest opening, ${longestMs}.`,
    ],
    [
      lock.mode === 'passage' && !isMaglock,
      'lock.mode can be passage only with a maglock: the coil of a strike would overheat, and a motor lock relocks by itself.',
    ],
    [
      isMaglock && !exitButton.unlocks,
      'gpio.exitButton.unlocks must be true with a maglock: no handle opens it from inside.',
    ],
    [
      tablets.host !== null && tablets.port !== 0 && tablets.port === keypad.port,
      'tablets.port must not be keypad.port.',
    ],
    [
      camera.driver === 'simulated' && hardware !== 'simulated',
      'camera.driver is simulated, but the hardware is not.',
    ],
    [
      camera.driver === 'webcam' && !camera.device.startsWith('/dev/'),
      'camera.device must be below /dev for a webcam.',
    ],
    [
      (recording.stream || uploads.bucket !== null) && uploads.region === null,
      'uploads.region is missing: snapshots and video need it.',
    ],
  ]
  return [
    ...sharedPins(wiredPins(config)).map(
      ([first, second]) => `${second.name} is the same pin as ${first.name}, ${first.bcm}.`,
    ),
    ...conflicts.filter(([applies]) => applies).map(([, sentence]) => sentence),
  ]
}

export function wiredPins({ gpio }: Config): WiredPin[] {
  const { relay, doorContact, bondSense, exitButton, bell, buzzer, led } = gpio
  const sections = { relay, doorContact, bondSense, exitButton, bell, buzzer, led }
  return Object.entries(sections).flatMap(([name, { bcm }]) =>
    bcm === null ? [] : [{ name: `gpio.${name}.bcm`, bcm }],
  )
}
