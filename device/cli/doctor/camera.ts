/** What the door sees with: one real picture of its camera, kept for whoever wants to look at it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config/settings.ts'
import type { Camera, CameraTrouble, Picture } from '../../daemon/ports.ts'
import { systemClock } from '../../host/clock.ts'
import { cameraFor } from '../../wiring/camera.ts'
import { better, type Finding, well, wrong } from './finding.ts'
import { quietLog } from './pins.ts'
import { askHealth } from './store.ts'

/** A camera on the network, or one that starts at the second try, is slow with the first one. */
const pictureWithinMs = 15_000
/** A camera finds its exposure in its first pictures. */
const settledAfter = 5

const remedies: Record<CameraTrouble, string> = {
  unplugged: 'Is it plugged in, and camera.device right? See: ls /dev/video*; rpicam-hello --list',
  busy: 'Another program has it. See: sudo fuser -v /dev/video*',
  silent: 'Unplug it and plug it in again; use a short cable and a strong power supply.',
  black: 'Is something in front of it?',
  frozen: 'Unplug it and plug it in again.',
  unusable: 'Is its program there? Run: sudo apt-get install ffmpeg fswebcam rpicam-apps',
}

/** Of a camera on the network, whose address the finding does not repeat: it may hold a password. */
const networkRemedies: Partial<Record<CameraTrouble, string>> = {
  unplugged: 'Nobody answers at camera.device. Does the camera have power, and the same address?',
  silent: 'It answers, but shows nothing. Switch it off and on again.',
  unusable:
    'Are path, user and password in camera.device right? VLC on another computer says more; without ffmpeg nothing works: sudo apt-get install ffmpeg',
}

export async function eyesFindings(config: Config): Promise<readonly Finding[]> {
  const { hardware, keypad, camera } = config
  if (camera.driver === 'none' || (camera.driver === 'auto' && hardware === 'gpio')) {
    return [well('camera', 'This door has none; a visit begins with the bell or the keypad.')]
  }
  if (camera.driver === 'auto' || camera.driver === 'simulated') {
    return [well('camera', 'The camera is simulated.')]
  }
  // Only one program at a time can have a camera.
  if (await askHealth(`http://${keypad.host}:${keypad.port}/healthz`)) {
    const look = 'To see a picture of it: sudo systemctl stop smart-door; sudo smart-door doctor'
    return [well('camera', `The daemon has it now, so it was left alone. ${look}`)]
  }
  return [await pictureFinding(config)]
}

async function pictureFinding(config: Config): Promise<Finding> {
  const clock = systemClock({ source: 'host' })
  const camera = await cameraFor(config, null, { clock, log: quietLog })
  if (camera === null) return well('camera', 'This door has none.')
  try {
    const seen = await firstLook(camera)
    return typeof seen === 'string' ? troubleFinding(config, seen) : snapshotFinding(seen)
  } finally {
    await camera.stop()
  }
}

/** The first good picture, or what is the trouble with the camera. */
function firstLook(camera: Camera): Promise<Picture | CameraTrouble> {
  return new Promise((resolve) => {
    let last: Picture | null = null
    let count = 0
    let troubles = 0
    const enough = setTimeout(() => done(last ?? 'silent'), pictureWithinMs)
    const done = (seen: Picture | CameraTrouble) => {
      clearTimeout(enough)
      resolve(seen)
    }
    camera.start({
      picture(picture) {
        last = picture
        count += 1
        if (count >= settledAfter) done(picture)
      },
      moving() {},
      trouble(told) {
        troubles += 1
        // The first try of a camera that was just let go may fail.
        if (troubles > 1) done(last ?? told)
      },
    })
  })
}

function troubleFinding({ camera }: Config, trouble: CameraTrouble): Finding {
  const what = `The camera (${camera.driver}) gave no picture`
  const isLocal = camera.driver !== 'ffmpeg' || camera.device.startsWith('/dev/')
  const remedy = isLocal ? remedies[trouble] : (networkRemedies[trouble] ?? remedies[trouble])
  return wrong('camera', `${what}: ${trouble}.`, remedy)
}

/** In a new folder that nobody else may read: it shows who stands at the door. */
function snapshotFinding({ jpeg, widthPx, heightPx, grey }: Picture): Finding {
  const path = join(mkdtempSync(join(tmpdir(), 'smart-door-snapshot-')), 'snapshot.jpg')
  writeFileSync(path, jpeg, { mode: 0o600 })
  const sentence = `It gave a picture of ${widthPx} x ${heightPx}: ${path}`
  const isBlack = grey?.every((level) => level < 16) ?? false
  return isBlack
    ? better('camera', `${sentence}, which is all black.`, remedies.black)
    : well('camera', sentence)
}
