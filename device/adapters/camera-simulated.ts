import type { Camera, Cancel } from '../ports.ts'
import type { HardwareLine } from '../simulator-lines.ts'

export function simulatedCamera(line: HardwareLine): Camera {
  let cancel: Cancel = () => {}
  return {
    start(report) {
      cancel = line.listen((heard) => {
        if ('motion' in heard) report(heard.motion)
      })
    },
    stop: () => cancel(),
  }
}
