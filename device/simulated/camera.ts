/** A camera whose pictures come over the simulation's wire, along with whether something moves. */
import type { Camera, Cancel, Picture } from '../daemon/ports.ts'
import type { HardwareLine, SimulatedPicture } from './messages.ts'

export function simulatedCamera(line: HardwareLine): Camera {
  let cancel: Cancel = () => {}
  return {
    start(watcher) {
      cancel = line.listen((heard) => {
        if ('motion' in heard) watcher.moving(heard.motion)
        if ('picture' in heard) watcher.picture(pictureOf(heard.picture))
        if ('frame' in heard) watcher.picture({ ...pictureOf(heard.frame), isRecordingOnly: true })
        if ('camera' in heard && heard.camera === 'unplugged') watcher.trouble('unplugged')
      })
    },
    restart() {},
    async stop() {
      cancel()
    },
  }
}

const pictureOf = ({ jpeg, ...size }: SimulatedPicture): Picture => ({
  ...{ ...size, jpeg: Buffer.from(jpeg, 'base64'), grey: null },
})
