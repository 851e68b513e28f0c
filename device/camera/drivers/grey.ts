/**
 * The small grey picture that motion is looked for in, of cameras that give only JPEG. An ffmpeg of
 * its own makes it: decoding in this process would take the event loop from the keypad for as long
 * as a visitor would notice on a Pi, and a thread with a decoder in JavaScript ten times the work.
 */
import type { ChildProcess } from 'node:child_process'
import type { CameraTrouble, Cancel, Clock, Log } from '../../daemon/ports.ts'
import { keptChild } from './child.ts'

export interface GreyDeps {
  readonly clock: Clock
  readonly log: Log
  /** Of the pictures that it gets, as far as known. */
  readonly widthPx: number
  readonly heightPx: number
  readonly grey: { readonly widthPx: number; readonly heightPx: number }
  /** ffmpeg itself. */
  readonly greyProgram?: string
}

export interface GreyMaker {
  start(tell: (trouble: CameraTrouble) => void): void
  /**
   * One at a time: what comes while the last one is being made is left out, so that pictures never
   * pile up, and no grey picture is taken for that of another.
   */
  make(jpeg: Uint8Array, done: (grey: Uint8Array) => void): void
  stop(): Promise<void>
}

const answerWithinMs = 2_000
const startWithinMs = 5_000

/** A picture without any content: its begin is how ffmpeg notices that the one before is whole. */
const emptyPicture = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)

export type GreyWish = Pick<GreyDeps, 'widthPx' | 'heightPx' | 'grey'>

/** Eighths of the detail are all that is decoded where eighths are all that is asked for. */
function leftOut({ widthPx, heightPx, grey }: GreyWish): string {
  const fits = (halvings: number) =>
    widthPx >> halvings >= grey.widthPx && heightPx >> halvings >= grey.heightPx
  return String([3, 2, 1].find(fits) ?? 0)
}

/** From JPEGs in `input` to small grey pictures on the standard output. */
export const greyArguments = (wish: GreyWish, input: readonly string[]): readonly string[] => {
  const { widthPx, heightPx } = wish.grey
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'quiet', '-flags', 'low_delay'],
    ...['-threads', '1', '-lowres', leftOut(wish), ...input, '-an', '-filter_threads', '1'],
    ...['-vf', `scale=${widthPx}:${heightPx}:flags=area,format=gray`, '-fps_mode', 'passthrough'],
    ...['-c:v', 'rawvideo', '-threads', '1', '-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'],
  ]
}

/** Not `-fflags nobuffer`, which loses the first picture: then everything waits for it. */
const fed = ['-probesize', '32', '-analyzeduration', '0', '-f', 'mjpeg', '-i', 'pipe:0']

interface Asked {
  readonly done: (grey: Uint8Array) => void
  readonly cancel: Cancel
}

export function greyMaker(deps: GreyDeps): GreyMaker {
  let tell: (trouble: CameraTrouble) => void = () => {}
  let running: ChildProcess | null = null
  let asked: Asked | null = null
  let hasAnswered = false

  const child = keptChild({
    ...deps,
    program: deps.greyProgram ?? 'ffmpeg',
    args: greyArguments(deps, fed),
    isFed: true,
    // It is only ever silent while nobody asks; how long an answer may take is watched here.
    limits: { firstPictureMs: Number.POSITIVE_INFINITY, stuckMs: Number.POSITIVE_INFINITY },
    troubleIn: () => null,
    tell: (trouble) => tell(trouble),
    connect(started, life) {
      forget()
      running = started
      hasAnswered = false
      const greys = greySplitter(deps.grey.widthPx * deps.grey.heightPx)
      started.stdin?.on('error', () => {})
      started.once('close', () => {
        if (running === started) forget()
      })
      started.stdout?.on('data', (bytes: Buffer) => {
        for (const grey of greys.push(bytes)) {
          life.works()
          hasAnswered = true
          answer(grey)
        }
      })
    },
  })

  function forget(): void {
    asked?.cancel()
    asked = null
    running = null
  }

  function answer(grey: Uint8Array): void {
    const last = asked
    asked = null
    last?.cancel()
    last?.done(grey)
  }

  return {
    start(wanted) {
      tell = wanted
      child.start()
    },
    make(jpeg, done) {
      if (asked !== null || !running?.stdin?.writable) return
      const withinMs = hasAnswered ? answerWithinMs : startWithinMs
      asked = { done, cancel: deps.clock.after(withinMs, () => child.restart()) }
      running.stdin.write(jpeg)
      running.stdin.write(emptyPicture)
    },
    async stop() {
      tell = () => {}
      await child.stop()
      forget()
    },
  }
}

// ---------------------------------------------------------------- small pictures in a stream

export interface GreySplitter {
  push(bytes: Uint8Array): Uint8Array[]
}

/** Small grey pictures out of a stream in which each has the same length. */
export function greySplitter(size: number): GreySplitter {
  let current = new Uint8Array(size)
  let filled = 0
  return {
    push(bytes) {
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
