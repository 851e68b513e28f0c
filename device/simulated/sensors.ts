import type { Cancel, DoorSensors, SensorReading } from '../daemon/ports.ts'
import type { HardwareLine, HardwareReading } from './messages.ts'

export function simulatedSensors(line: HardwareLine): DoorSensors {
  let cancel: Cancel = () => {}
  return {
    start(report) {
      cancel = line.listen((heard) => {
        const reading = readingFrom(heard)
        if (reading) report(reading)
      })
    },
    stop: () => cancel(),
  }
}

function readingFrom(heard: HardwareReading): SensorReading | null {
  if ('contact' in heard) return { kind: 'contact', open: heard.contact.open }
  if ('exit' in heard) return { kind: 'exit-pressed' }
  if ('bell' in heard) return { kind: 'bell-pressed' }
  return null
}
