/**
 * Makes the small grey picture for motion detection, for cameras that give only JPEG. A separate
 * ffmpeg does it: decoding in this process would block the keypad for a noticeable time on a Pi, and
 * a JavaScript decoder in a thread costs ten times as much.
 */
import type { ChildProcess } from 'node:child_process'
import type { CameraTrouble, Cancel, Clock, Log } from '../../daemon/ports.ts'
import { CameraProgram } from './camera-program.ts'

/** The size of the JPEGs, as far as it is known, and the wanted size. */
interface GreySizes {
  readonly widthPx: number
  readonly heightPx: number
  readonly grey: { readonly widthPx: number; readonly heightPx: number }
}

export interface GreyDeps extends GreySizes {
  readonly clock: Clock
  readonly log: Log
  /** Instead of ffmpeg. */
  readonly greyProgram?: string
}

const answerWithinMs = 2_000
const startWithinMs = 5_000

/** Its start tells ffmpeg that the picture before is complete. */
const emptyPicture = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)

/** ffmpeg decodes the JPEG at a half, a quarter or an eighth where that is enough. */
function halvings({ widthPx, heightPx, grey }: GreySizes): number {
  const fits = (count: number) =>
    widthPx >> count >= grey.widthPx && heightPx >> count >= grey.heightPx
  return [3, 2, 1].find(fits) ?? 0
}

/** Without `-fflags nobuffer`, which would lose the first picture. */
const pipeInput = '-probesize 32 -analyzeduration 0 -f mjpeg -i pipe:0'

/** From JPEGs to small grey pictures on the standard output. */
export const greyArguments = (sizes: GreySizes, input = pipeInput): readonly string[] => {
  const { widthPx, heightPx } = sizes.grey
  const decoding = `-flags low_delay -threads 1 -lowres ${halvings(sizes)} ${input}`
  const scaling = `-vf scale=${widthPx}:${heightPx}:flags=area,format=gray`
  return (
    `-hide_banner -nostdin -loglevel quiet ${decoding} -an -filter_threads 1 ${scaling} ` +
    '-fps_mode passthrough -c:v rawvideo -threads 1 -flush_packets 1 -f rawvideo pipe:1'
  ).split(' ')
}

interface Request {
  readonly done: (grey: Uint8Array) => void
  readonly cancelTimeout: Cancel
}

export class GreyMaker {
  readonly #deps: GreyDeps
  readonly #program: CameraProgram
  #report: (trouble: CameraTrouble) => void = () => {}
  #child: ChildProcess | null = null
  #request: Request | null = null
  #hasAnswered = false

  constructor(deps: GreyDeps) {
    this.#deps = deps
    this.#program = new CameraProgram({
      ...deps,
      program: deps.greyProgram ?? 'ffmpeg',
      args: greyArguments(deps),
      hasInput: true,
      // It is silent without requests, so the time of an answer is limited here instead.
      limits: { firstPictureMs: Number.POSITIVE_INFINITY, stuckMs: Number.POSITIVE_INFINITY },
      troubleIn: () => null,
      report: (trouble) => this.#report(trouble),
      connect: (child, run) => this.#connect(child, () => run.works()),
    })
  }

  start(report: (trouble: CameraTrouble) => void): void {
    this.#report = report
    this.#program.start()
  }

  /**
   * One at a time: pictures that come meanwhile are left out, so that they never pile up and an
   * answer always belongs to the picture that was asked for.
   */
  make(jpeg: Uint8Array, done: (grey: Uint8Array) => void): void {
    const { stdin } = this.#child ?? {}
    if (this.#request !== null || !stdin?.writable) return
    const withinMs = this.#hasAnswered ? answerWithinMs : startWithinMs
    const cancelTimeout = this.#deps.clock.after(withinMs, () => this.#program.restart())
    this.#request = { done, cancelTimeout }
    stdin.write(jpeg)
    stdin.write(emptyPicture)
  }

  async stop(): Promise<void> {
    this.#report = () => {}
    await this.#program.stop()
    this.#forget()
  }

  #connect(child: ChildProcess, works: () => void): void {
    const { widthPx, heightPx } = this.#deps.grey
    const greys = greySplitter(widthPx * heightPx)
    this.#forget()
    this.#child = child
    this.#hasAnswered = false
    child.stdin?.on('error', () => {})
    child.once('close', () => {
      if (this.#child === child) this.#forget()
    })
    child.stdout?.on('data', (bytes: Buffer) => {
      for (const grey of greys.push(bytes)) {
        works()
        this.#hasAnswered = true
        this.#answer(grey)
      }
    })
  }

  #answer(grey: Uint8Array): void {
    const request = this.#request
    this.#request = null
    request?.cancelTimeout()
    request?.done(grey)
  }

  #forget(): void {
    this.#request?.cancelTimeout()
    this.#request = null
    this.#child = null
  }
}

/** Splits a stream into pictures of the same length. */
export function greySplitter(size: number) {
  let current = new Uint8Array(size)
  let filled = 0
  return {
    push(bytes: Uint8Array): Uint8Array[] {
      const done: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + size - filled)
        current.set(part, filled)
        at += part.length
        filled += part.length
        if (filled < size) break
        done.push(current)
        current = new Uint8Array(size)
        filled = 0
      }
      return done
    },
  }
}
