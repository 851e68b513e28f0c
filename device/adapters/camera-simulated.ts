/** A camera whose pictures come over the simulation's wire, along with whether something moves. */
import type { Camera, Cancel } from '../ports.ts'
import type { HardwareLine } from '../simulator-lines.ts'

export function simulatedCamera(line: HardwareLine): Camera {
  let cancel: Cancel = () => {}
  return {
    start(watcher) {
      cancel = line.listen((heard) => {
        if ('motion' in heard) watcher.moving(heard.motion)
        if ('picture' in heard) {
          const { jpeg, ...size } = heard.picture
          watcher.picture({ ...size, jpeg: Buffer.from(jpeg, 'base64'), grey: null })
        }
        if ('camera' in heard && heard.camera === 'unplugged') watcher.trouble('unplugged')
      })
    },
    restart() {},
    async stop() {
      cancel()
    },
  }
}
