/**
 * USB cameras through node-webcam, one still after the other. It hands a line of text to a shell,
 * takes any file that lies where the picture should be for the picture, and waits for ever. So here
 * only a device with harmless letters reaches it, every shot has a new name in a folder of our own,
 * the program behind it is ended by `timeout`, and nothing counts as a picture that is not one.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Camera, CameraTrouble, CameraWatcher, Cancel } from '../../daemon/ports.ts'
import { type GreyDeps, greyMaker } from './grey.ts'
import { type JpegFrame, jpegSize } from './mjpeg-frames.ts'

export interface WebcamDeps extends GreyDeps {
  readonly device: string
  readonly widthPx: number
  readonly heightPx: number
  /** At most: the device is opened anew for each. */
  readonly framesPerSecond: number
  readonly quality?: number
  /** Pictures left out first, in which the camera finds its exposure. */
  readonly skip?: number
  /** Of this process alone, such as systemd makes; a private one when there is none. */
  readonly folder?: string
  /** fswebcam itself. */
  readonly program?: string
  readonly shotWithinMs?: number
}

/** The shell that node-webcam starts reads neither as anything but a word. */
const harmlessDevice = /^(\/dev\/[A-Za-z0-9/._:-]{1,180}|TEST|FILE:\/[A-Za-z0-9/._-]{1,180})$/
const harmlessPath = /^\/[A-Za-z0-9/._-]+$/

const usualQuality = 80
const usualShotMs = 4_500
const stopWithinMs = 1_000
const rest = { firstMs: 500, longestMs: 30_000 } as const
/** The kernel's clock for files is a little behind the one for programs. */
const fileTimeSlackMs = 50
const longestShotBytes = 8 * 1024 * 1024

type Shot = { readonly frame: JpegFrame } | { readonly trouble: CameraTrouble }

export function webcamCamera(deps: WebcamDeps): Camera {
  const { clock, log } = deps
  const pauseMs = 1_000 / deps.framesPerSecond
  const greys = greyMaker(deps)
  let watcher: CameraWatcher | null = null
  let shooting: Promise<void> | null = null
  let failures = 0
  let cancel: Cancel = () => {}

  async function shootOn(take: () => Promise<Shot>): Promise<void> {
    const startedAtMs = clock.monotonicMs()
    const shot = await take().catch((fault: unknown): Shot => {
      log.warn({ err: fault }, 'no still could be taken')
      return { trouble: 'unusable' }
    })
    if (!watcher) return
    failures = 'trouble' in shot ? failures + 1 : 0
    show(shot)
    const tookMs = clock.monotonicMs() - startedAtMs
    const growing = Math.min(rest.longestMs, rest.firstMs * 2 ** (failures - 1))
    next(failures > 0 ? growing : Math.max(0, pauseMs - tookMs), take)
  }

  function next(afterMs: number, take: () => Promise<Shot>): void {
    cancel = clock.after(afterMs, () => {
      shooting = shootOn(take)
    })
  }

  function show(shot: Shot): void {
    if ('frame' in shot) {
      const { frame } = shot
      greys.make(frame.jpeg, (grey) => watcher?.picture({ ...frame, grey }))
    } else {
      log.warn({ trouble: shot.trouble }, 'webcam gave no picture')
      watcher?.trouble(shot.trouble)
    }
  }

  return {
    start(wanted) {
      watcher = wanted
      greys.start((trouble) => watcher?.trouble(trouble))
      next(0, snapshotsOf(deps))
    },
    // Every still is a new beginning.
    restart() {},
    async stop() {
      watcher = null
      cancel()
      // A shot that hangs is ended by `timeout`, whether or not this process is still there.
      const { promise: enough, resolve } = Promise.withResolvers<void>()
      const cancelWait = clock.after(stopWithinMs, resolve)
      await Promise.all([Promise.race([shooting, enough]), greys.stop()])
      cancelWait()
    },
  }
}

export class UnsafeDevice extends Error {
  override readonly name = 'UnsafeDevice'
}

/** One still at each call; never to be called before the last one is there. */
export function snapshotsOf(deps: WebcamDeps): () => Promise<Shot> {
  if (!harmlessDevice.test(deps.device) || deps.device.includes('..')) {
    throw new UnsafeDevice('a webcam must be a path below /dev without odd characters')
  }
  const parent = deps.folder ?? tmpdir()
  if (!harmlessPath.test(parent)) throw new UnsafeDevice('the folder for stills has odd characters')
  return () => stillIn(parent, deps)
}

/** A folder for each shot, so that nothing is left behind whatever comes of it. */
async function stillIn(parent: string, deps: WebcamDeps): Promise<Shot> {
  const folder = mkdtempSync(join(parent, 'snapshot-'))
  try {
    const path = join(folder, `${randomBytes(16).toString('hex')}.jpg`)
    const startedAtMs = Date.now()
    const said = await capture(path, deps)
    if (said === null) return { trouble: 'unusable' }
    const frame = pictureAt(path, startedAtMs)
    return frame ? { frame } : { trouble: troubleOf(said, deps.device) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the program said; null where there is no node-webcam. */
async function capture(path: string, deps: WebcamDeps): Promise<string | null> {
  const loaded = await import('node-webcam').catch(() => null)
  if (loaded === null) return null
  const { shotWithinMs = usualShotMs, program = 'fswebcam' } = deps
  const webcam = loaded.default.create({
    ...{ width: deps.widthPx, height: deps.heightPx, quality: deps.quality ?? usualQuality },
    ...{ device: deps.device, output: 'jpeg', callbackReturn: 'location', saveShots: false },
    skip: deps.skip ?? 0,
  })
  webcam.bin = `exec timeout -s KILL ${(shotWithinMs / 1_000).toFixed(2)} ${program}`
  let said = ''
  webcam.runCaptureValidations = (words) => {
    said = words
    return null
  }
  const { promise: over, resolve: isOver } = Promise.withResolvers<void>()
  // `timeout` may itself be stopped along with what it watches.
  const cancel = deps.clock.after(shotWithinMs + 500, isOver)
  webcam.capture(path, (fault) => {
    if (fault instanceof Error) said += fault.message
    isOver()
  })
  await over
  cancel()
  return said
}

/** Its begin, its end and its time must be those of a picture taken now. */
function pictureAt(path: string, takenAfterMs: number): JpegFrame | null {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (!file?.isFile() || file.size > longestShotBytes) return null
  if (file.mtimeMs < takenAfterMs - fileTimeSlackMs) return null
  const jpeg = new Uint8Array(readFileSync(path))
  const size = jpegSize(jpeg)
  return size && { jpeg, ...size }
}

function troubleOf(said: string, device: string): CameraTrouble {
  if (device.startsWith('/dev/') && !existsSync(device)) return 'unplugged'
  if (/busy/i.test(said)) return 'busy'
  return /no such (file|device)/i.test(said) ? 'unplugged' : 'silent'
}
