/** Lets one daemon take over the sensors from another without losing a reading. */
import type { DoorSensors, SensorReading } from '../daemon/ports.ts'

interface SharedSensors extends DoorSensors {
  /** Ends the sensors themselves. `stop` only ends the present listener. */
  end(): void
}

export function sharedSensors(sensors: DoorSensors): SharedSensors {
  const levels = new Map<string, SensorReading>()
  let pressed: SensorReading[] = []
  let report: ((reading: SensorReading) => void) | null = null
  let isStarted = false

  function receive(reading: SensorReading): void {
    const isLevel = reading.kind === 'contact' || reading.kind === 'bond'
    if (isLevel) levels.set(reading.kind, reading)
    if (report) report(reading)
    else if (!isLevel) pressed.push(reading)
  }

  return {
    start(listener) {
      report = listener
      for (const reading of [...levels.values(), ...pressed]) listener(reading)
      pressed = []
      if (!isStarted) sensors.start(receive)
      isStarted = true
    },
    stop() {
      report = null
    },
    end: () => sensors.stop(),
  }
}
