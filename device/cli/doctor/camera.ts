/** The camera: takes one snapshot and leaves it for the installer to look at. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config/settings.ts'
import type { Camera, CameraTrouble, Picture } from '../../daemon/ports.ts'
import { systemClock } from '../../host/clock.ts'
import { cameraFor } from '../../wiring/camera.ts'
import { type Examined, ok, problem, type Verdict, warning } from './finding.ts'
import { quietLog } from './pins.ts'

/** Network cameras, and those that start only at the second try, take long. */
const pictureWithinMs = 15_000
/** A camera adjusts its exposure in its first pictures. */
const settledAfter = 5

const remedies: Record<CameraTrouble, string> = {
  unplugged: 'Is it plugged in, and camera.device right? See: ls /dev/video*; rpicam-hello --list',
  busy: 'Another program uses it. See: sudo fuser -v /dev/video*',
  silent: 'Unplug it and plug it in again; use a short cable and a strong power supply.',
  black: 'Is something in front of it?',
  frozen: 'Unplug it and plug it in again.',
  unusable: 'Is its program installed? Run: sudo apt-get install ffmpeg fswebcam rpicam-apps',
}

/** A network camera's address is not repeated: it may hold a password. */
const networkRemedies: Partial<Record<CameraTrouble, string>> = {
  unplugged: 'Nothing answers at camera.device. Does the camera have power, and the same address?',
  silent: 'It answers, but sends no pictures. Switch it off and on again.',
  unusable:
    'Are path, user and password in camera.device right? Try the address in VLC. ffmpeg must be installed: sudo apt-get install ffmpeg',
}

export function cameraFinding({ config, daemon }: Examined): Verdict | Promise<Verdict> {
  const { driver } = config.camera
  if (driver === 'none' || (driver === 'auto' && config.hardware === 'gpio')) {
    return ok('There is none; a visit begins with the bell or the keypad.')
  }
  if (driver === 'auto' || driver === 'simulated') return ok('The camera is simulated.')
  if (!daemon) return snapshotFinding(config)
  // Only one program at a time can use a camera.
  const how = 'For a snapshot: sudo systemctl stop smart-door; sudo smart-door doctor'
  return ok(`The daemon uses it now, so it was left alone. ${how}`)
}

async function snapshotFinding(config: Config): Promise<Verdict> {
  const clock = systemClock({ source: 'host' })
  const camera = await cameraFor(config, null, { clock, log: quietLog })
  if (camera === null) return ok('There is none.')
  try {
    const seen = await firstPicture(camera)
    return typeof seen === 'string' ? troubleVerdict(config, seen) : verdictOn(seen)
  } finally {
    await camera.stop()
  }
}

function firstPicture(camera: Camera): Promise<Picture | CameraTrouble> {
  return new Promise((resolve) => {
    let last: Picture | null = null
    let count = 0
    let troubles = 0
    const timeout = setTimeout(() => done(last ?? 'silent'), pictureWithinMs)
    const done = (seen: Picture | CameraTrouble) => {
      clearTimeout(timeout)
      resolve(seen)
    }
    camera.start({
      picture(picture) {
        last = picture
        count += 1
        if (count >= settledAfter) done(picture)
      },
      moving() {},
      trouble(trouble) {
        troubles += 1
        // The first try may fail if another program has just released the camera.
        if (troubles > 1) done(last ?? trouble)
      },
    })
  })
}

function troubleVerdict({ camera }: Config, trouble: CameraTrouble): Verdict {
  const isLocal = camera.driver !== 'ffmpeg' || camera.device.startsWith('/dev/')
  const remedy = isLocal ? remedies[trouble] : (networkRemedies[trouble] ?? remedies[trouble])
  return problem(`The camera (${camera.driver}) gave no picture: ${trouble}.`, remedy)
}

/** In a folder that only this user can read: it shows who stands at the door. */
function verdictOn({ jpeg, widthPx, heightPx, grey }: Picture): Verdict {
  const path = join(mkdtempSync(join(tmpdir(), 'smart-door-snapshot-')), 'snapshot.jpg')
  writeFileSync(path, jpeg, { mode: 0o600 })
  const isBlack = grey?.every((level) => level < 16) ?? false
  const sentence = `It took a snapshot of ${widthPx} x ${heightPx}`
  return isBlack
    ? warning(`${sentence}, which is all black: ${path}`, remedies.black)
    : ok(`${sentence}: ${path}`)
}
