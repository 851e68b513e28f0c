/** Door contact, bond sensor, exit button and bell on pins. Each is optional. */
import type { DoorSensors } from '../daemon/ports.ts'
import type { InputLine } from './pins.ts'

export interface WiredInput {
  readonly line: InputLine
  /** Swaps the meaning of high and low. */
  readonly invert: boolean
}

export interface GpioInputs {
  /** Closed, it pulls the pin low, so that a cut wire looks like an open door. */
  readonly contact: WiredInput | null
  /** Closed while the lock holds, so that a cut wire looks like a lock that does not. */
  readonly bondSense: WiredInput | null
  /** Pressed, the buttons pull the pin low. */
  readonly exitButton: WiredInput | null
  readonly bell: WiredInput | null
}

export function gpioSensors(inputs: GpioInputs): DoorSensors {
  const { contact, bondSense, exitButton, bell } = inputs
  return {
    start(report) {
      contact?.line.start((high) => report({ kind: 'contact', open: high !== contact.invert }))
      bondSense?.line.start((high) => report({ kind: 'bond', holding: high === bondSense.invert }))
      startButton(exitButton, () => report({ kind: 'exit-pressed' }))
      startButton(bell, () => report({ kind: 'bell-pressed' }))
    },
    stop() {
      for (const input of [contact, bondSense, exitButton, bell]) input?.line.stop()
    },
  }
}

/** A button that is held counts once. One that was down at the start counts after its release. */
function startButton(button: WiredInput | null, pressed: () => void): void {
  let isKnownUp = false
  button?.line.start((high) => {
    const isDown = high === button.invert
    if (isDown && isKnownUp) pressed()
    isKnownUp = !isDown
  })
}
