/**
 * USB cameras through node-webcam, one picture at a time. node-webcam passes a string to a shell,
 * takes any file at the expected path for the picture, and waits for ever. So only harmless device
 * names reach it, every picture has a new name in a folder of its own, `timeout` ends the program,
 * and every file is checked.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Camera, CameraTrouble, CameraWatcher, Cancel } from '../../daemon/ports.ts'
import { type GreyDeps, GreyMaker } from './grey.ts'
import { type JpegFrame, jpegSize } from './mjpeg-frames.ts'

export interface WebcamDeps extends GreyDeps {
  readonly device: string
  /** At most: the device is opened again for each picture. */
  readonly framesPerSecond: number
  readonly quality?: number
  /** Pictures left out first, while the camera adjusts its exposure. */
  readonly skip?: number
  /** Only for this process, such as systemd's runtime folder; by default a temporary one. */
  readonly folder?: string
  /** Instead of fswebcam. */
  readonly program?: string
  readonly shotWithinMs?: number
}

/** The shell of node-webcam takes these for plain words. */
const harmlessDevice = /^(\/dev\/[A-Za-z0-9/._:-]{1,180}|TEST|FILE:\/[A-Za-z0-9/._-]{1,180})$/
const harmlessPath = /^\/[A-Za-z0-9/._-]+$/

const usualQuality = 80
const usualShotMs = 4_500
const stopWithinMs = 1_000
const rest = { firstMs: 500, longestMs: 30_000 } as const
/** The kernel's clock for files is a little behind the one for programs. */
const fileTimeSlackMs = 50
const largestShotBytes = 8 * 1024 * 1024

type Shot = { readonly frame: JpegFrame } | { readonly trouble: CameraTrouble }

export class WebcamCamera implements Camera {
  readonly #deps: WebcamDeps
  readonly #greys: GreyMaker
  #takeShot: () => Promise<Shot> = async () => ({ trouble: 'silent' })
  #watcher: CameraWatcher | null = null
  #shooting: Promise<void> | null = null
  #failures = 0
  #cancel: Cancel = () => {}

  constructor(deps: WebcamDeps) {
    this.#deps = deps
    this.#greys = new GreyMaker(deps)
  }

  start(watcher: CameraWatcher): void {
    this.#takeShot = shotsOf(this.#deps)
    this.#watcher = watcher
    this.#greys.start((trouble) => this.#watcher?.trouble(trouble))
    this.#shootAfter(0)
  }

  /** Every picture opens the device again. */
  restart(): void {}

  async stop(): Promise<void> {
    this.#watcher = null
    this.#cancel()
    // `timeout` ends a program that hangs, even when this process has ended.
    const { promise: waitedEnough, resolve } = Promise.withResolvers<void>()
    const cancelWait = this.#deps.clock.after(stopWithinMs, resolve)
    await Promise.all([Promise.race([this.#shooting, waitedEnough]), this.#greys.stop()])
    cancelWait()
  }

  #shootAfter(delayMs: number): void {
    this.#cancel = this.#deps.clock.after(delayMs, () => {
      this.#shooting = this.#shoot()
    })
  }

  async #shoot(): Promise<void> {
    const { clock, log, framesPerSecond } = this.#deps
    const startedAtMs = clock.monotonicMs()
    const shot = await this.#takeShot().catch((fault: unknown): Shot => {
      log.warn({ err: fault }, 'no picture could be taken')
      return { trouble: 'unusable' }
    })
    if (!this.#watcher) return
    if ('frame' in shot) {
      const { frame } = shot
      this.#failures = 0
      this.#greys.make(frame.jpeg, (grey) => this.#watcher?.picture({ ...frame, grey }))
      const tookMs = clock.monotonicMs() - startedAtMs
      this.#shootAfter(Math.max(0, 1_000 / framesPerSecond - tookMs))
    } else {
      log.warn({ trouble: shot.trouble }, 'webcam gave no picture')
      this.#watcher.trouble(shot.trouble)
      this.#shootAfter(Math.min(rest.longestMs, rest.firstMs * 2 ** this.#failures))
      this.#failures += 1
    }
  }
}

export class UnsafeDevice extends Error {
  override readonly name = 'UnsafeDevice'
}

/** Each call takes one picture; the next call must wait for it. */
export function shotsOf(deps: WebcamDeps): () => Promise<Shot> {
  if (!harmlessDevice.test(deps.device) || deps.device.includes('..')) {
    throw new UnsafeDevice('a webcam must be a path below /dev without odd characters')
  }
  const folder = deps.folder ?? tmpdir()
  if (!harmlessPath.test(folder)) throw new UnsafeDevice('the picture folder has odd characters')
  return () => takeShot(folder, deps)
}

/** Uses a folder for each picture, so that nothing is left behind. */
async function takeShot(parent: string, deps: WebcamDeps): Promise<Shot> {
  const folder = mkdtempSync(join(parent, 'snapshot-'))
  try {
    const path = join(folder, `${randomBytes(16).toString('hex')}.jpg`)
    const startedAtMs = Date.now()
    const output = await capture(path, deps)
    if (output === null) return { trouble: 'unusable' }
    const frame = frameAt(path, startedAtMs)
    return frame ? { frame } : { trouble: troubleOf(output, deps.device) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The program's output; null where node-webcam is not installed. */
async function capture(path: string, deps: WebcamDeps): Promise<string | null> {
  const loaded = await import('node-webcam').catch(() => null)
  if (loaded === null) return null
  const { shotWithinMs = usualShotMs, program = 'fswebcam' } = deps
  const webcam = loaded.default.create({
    width: deps.widthPx,
    height: deps.heightPx,
    quality: deps.quality ?? usualQuality,
    device: deps.device,
    output: 'jpeg',
    callbackReturn: 'location',
    saveShots: false,
    skip: deps.skip ?? 0,
  })
  webcam.bin = `exec timeout -s KILL ${(shotWithinMs / 1_000).toFixed(2)} ${program}`
  let output = ''
  webcam.runCaptureValidations = (text) => {
    output = text
    return null
  }
  const { promise: over, resolve: isOver } = Promise.withResolvers<void>()
  // `timeout` itself may be stopped together with the program.
  const cancel = deps.clock.after(shotWithinMs + 500, isOver)
  webcam.capture(path, (fault) => {
    if (fault instanceof Error) output += fault.message
    isOver()
  })
  await over
  cancel()
  return output
}

/** Null unless it is one complete JPEG, taken now. */
function frameAt(path: string, takenAfterMs: number): JpegFrame | null {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (!file?.isFile() || file.size > largestShotBytes) return null
  if (file.mtimeMs < takenAfterMs - fileTimeSlackMs) return null
  const jpeg = new Uint8Array(readFileSync(path))
  const size = jpegSize(jpeg)
  return size && { jpeg, ...size }
}

function troubleOf(output: string, device: string): CameraTrouble {
  if (device.startsWith('/dev/') && !existsSync(device)) return 'unplugged'
  if (/busy/i.test(output)) return 'busy'
  return /no such (file|device)/i.test(output) ? 'unplugged' : 'silent'
}
