/** Door contact, bond sensor, exit button and bell on pins; whichever of them is wired. */

import type { DoorSensors, SensorReading } from '../daemon/ports.ts'
import type { InputLine } from './pins.ts'

/** With `invert`, a high level means what a low one means otherwise. */
export interface WiredInput {
  readonly line: InputLine
  readonly invert: boolean
}

export interface GpioSensorsDeps {
  /** Closed it pulls the pin low, so that a cut wire looks like an open door. */
  readonly contact: WiredInput | null
  /** Closed while the lock holds, so that a cut wire looks like a lock that does not. */
  readonly bondSense: WiredInput | null
  /** Pressed they pull the pin low. */
  readonly exitButton: WiredInput | null
  readonly bell: WiredInput | null
}

export function gpioSensors(deps: GpioSensorsDeps): DoorSensors {
  const { contact, bondSense, exitButton, bell } = deps
  const inputs = [contact, bondSense, exitButton, bell]
  const lines = inputs.flatMap((input) => (input ? [input.line] : []))
  return {
    start(report) {
      contact?.line.start((high) => report({ kind: 'contact', open: high !== contact.invert }))
      bondSense?.line.start((high) => report({ kind: 'bond', holding: high === bondSense.invert }))
      watchButton(exitButton, { kind: 'exit-pressed' }, report)
      watchButton(bell, { kind: 'bell-pressed' }, report)
    },
    stop() {
      for (const line of lines) line.stop()
    },
  }
}

/** One that is held down, or stuck since before the start, has been pressed only once or never. */
function watchButton(
  button: WiredInput | null,
  reading: SensorReading,
  report: (reading: SensorReading) => void,
): void {
  let knownToBeUp = false
  button?.line.start((high) => {
    const pressed = high === button.invert
    if (pressed && knownToBeUp) report(reading)
    knownToBeUp = !pressed
  })
}
