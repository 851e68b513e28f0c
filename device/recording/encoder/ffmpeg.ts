/**
 * ffmpeg as a child process: JPEG in, H.264 out. Whatever happens to it, it is replaced, and the
 * rest of the door does not notice. Camera drivers that deliver H.264 themselves need none of this.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Cancel, Clock } from '../../daemon/ports.ts'
import { accessUnitSplitter } from '../core/access-units.ts'
import type { EncoderFigures, EncoderListener, EncoderLoss, VideoEncoder } from '../ports.ts'
import { frameTimes } from './frame-times.ts'

export interface FfmpegDeps {
  readonly clock: Clock
  readonly framesPerSecond: number
  /** `h264_v4l2m2m` where the machine has an encoder of its own. */
  readonly codec?: 'libx264' | 'h264_v4l2m2m'
  readonly kilobitsPerSecond?: number
  readonly program?: string
  readonly limits?: Partial<EncoderLimits>
}

export interface EncoderLimits {
  /** Frames go in and none comes out. */
  readonly stuckMs: number
  readonly firstRestMs: number
  readonly longestRestMs: number
  /** Having worked for so long, an encoder is not blamed for its predecessors. */
  readonly provenMs: number
  readonly garbageBytes: number
}

export const encoderLimits: EncoderLimits = {
  stuckMs: 3_000,
  firstRestMs: 500,
  longestRestMs: 30_000,
  provenMs: 30_000,
  garbageBytes: 64 * 1024,
}

const groupSeconds = 2
const defaultKilobits = 800

/**
 * Frames are numbered by the time that has passed, so that a camera that is slower than it should be
 * gives key frames as often; and at least by one, as those from before a visit come all at once.
 */
const passedUs = '(RTCTIME-RTCSTART)'
const timing = (framesPerSecond: number): string =>
  `settb=1/${framesPerSecond},` +
  `setpts='if(N,max(PREV_OUTPTS+1,floor(${passedUs}*${framesPerSecond}/1000000)),0)'`
const keyFrames = `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${groupSeconds}))`

/** Key frames every two seconds, no frame that waits for a later one. */
export function ffmpegArguments({
  framesPerSecond,
  codec = 'libx264',
  kilobitsPerSecond = defaultKilobits,
}: Pick<FfmpegDeps, 'framesPerSecond' | 'codec' | 'kilobitsPerSecond'>): readonly string[] {
  const rate = `${kilobitsPerSecond}k`
  const group = String(framesPerSecond * groupSeconds)
  const x264 = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline']
  return [
    ...['-hide_banner', '-loglevel', 'error'],
    ...['-f', 'mjpeg', '-framerate', String(framesPerSecond), '-i', '-'],
    // What comes in goes out: no frame is doubled or left out to keep a rate.
    ...['-fps_mode', 'passthrough', '-an', '-c:v', codec],
    ...(codec === 'libx264' ? x264 : []),
    ...['-vf', timing(framesPerSecond), '-force_key_frames', keyFrames],
    ...['-pix_fmt', 'yuv420p', '-g', group, '-bf', '0'],
    ...(codec === 'libx264'
      ? ['-keyint_min', group, '-sc_threshold', '0', '-x264-params', 'aud=1']
      : []),
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-flush_packets', '1', '-f', 'h264', '-'],
  ]
}

type Child = ChildProcessByStdio<Writable, Readable, null>

export function ffmpegEncoder(deps: FfmpegDeps): VideoEncoder {
  const { clock, program = 'ffmpeg' } = deps
  const limits = { ...encoderLimits, ...deps.limits }
  const counts = {
    ...{ starts: 0, framesIn: 0, framesRefused: 0, framesBroken: 0 },
    ...{ unitsOut: 0, framesLost: 0 },
  }
  let listener: EncoderListener | null = null
  let running: Running | null = null
  let isWanted = false
  let failures = 0
  let cancelRestart: Cancel = () => {}

  const start = () => {
    counts.starts += 1
    const child = spawn(program, ffmpegArguments(deps), { stdio: ['pipe', 'pipe', 'ignore'] })
    const mine = runningOn(child, clock, limits, {
      unit(unit, atMs) {
        counts.unitsOut += 1
        listener?.unit(unit, atMs)
      },
      lost(why, framesLost, livedMs) {
        counts.framesLost += framesLost
        if (running === mine) running = null
        if (isWanted) replace(why, livedMs)
      },
    })
    running = mine
    child.once('spawn', () => listener?.news({ kind: 'started' }))
  }
  const replace = (why: EncoderLoss, livedMs: number) => {
    failures = livedMs >= limits.provenMs ? 1 : failures + 1
    const growing = limits.firstRestMs * 2 ** Math.min(failures - 1, 16)
    const backInMs = Math.min(limits.longestRestMs, why === 'absent' ? Infinity : growing)
    listener?.news({ kind: 'lost', why, backInMs })
    cancelRestart = clock.after(backInMs, start)
  }
  return {
    start(wanted) {
      listener = wanted
      isWanted = true
      failures = 0
      start()
    },
    frame(jpeg, atMs) {
      if (!isJpeg(jpeg)) {
        counts.framesBroken += 1
        return true
      }
      const taken = running?.frame(jpeg, atMs) ?? false
      counts[taken ? 'framesIn' : 'framesRefused'] += 1
      return taken
    },
    async stop() {
      isWanted = false
      cancelRestart()
      await running?.finish()
      listener = null
    },
    figures: (): EncoderFigures => ({ ...counts }),
  }
}

/** Its begin is how ffmpeg notices that the one before is whole; else it would wait for the next. */
const emptyPicture = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)

/** A broken picture would make ffmpeg leave one out, and then all times would be off by one. */
function isJpeg(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  const [beforeLast, last] = bytes.subarray(-2)
  return first === 0xff && second === 0xd8 && beforeLast === 0xff && last === 0xd9
}

// ---------------------------------------------------------------- one process

interface Running {
  frame(jpeg: Uint8Array, atMs: number): boolean
  /** Ends the input and waits for as long as something still comes out of it. */
  finish(): Promise<void>
}

interface RunningListener {
  unit: EncoderListener['unit']
  lost(why: EncoderLoss, framesLost: number, livedMs: number): void
}

/** Its input has ended, and so long nothing more has come out of it. */
const finishWithinMs = 1_000

function runningOn(
  child: Child,
  clock: Clock,
  limits: EncoderLimits,
  listener: RunningListener,
): Running {
  const units = accessUnitSplitter()
  const times = frameTimes()
  const startedAtMs = clock.monotonicMs()
  const { promise: gone, resolve: isGone } = Promise.withResolvers<void>()
  let why: EncoderLoss = 'ended'
  let isFull = false
  let cancelStuck: Cancel | null = null
  let hasEnded = false
  let hasSpoken = false

  const kill = () => void child.kill('SIGKILL')
  const give = (found: ReturnType<typeof units.push>) => {
    for (const unit of found) {
      hasSpoken = true
      cancelStuck?.()
      const atMs = times.next(clock.wallMs())
      cancelStuck = isOverdue() || hasEnded ? clock.after(hurry(), stuck) : null
      listener.unit(unit, atMs)
    }
  }
  const hurry = () => (hasEnded && hasSpoken ? finishWithinMs : limits.stuckMs)
  /** The last one that went in comes out only with the next: a camera may pause. */
  const isOverdue = () => times.waiting() > 1
  const stuck = () => {
    why = 'stuck'
    kill()
  }
  child.stdin.on('error', () => {})
  child.stdin.on('drain', () => {
    isFull = false
  })
  child.stdout.on('data', (bytes: Buffer) => {
    give(units.push(bytes))
    if (units.strayBytes() < limits.garbageBytes) return
    why = 'garbage'
    kill()
  })
  child.stdout.once('end', () => give(units.end()))
  child.once('error', () => {
    why = 'absent'
    over()
  })
  child.once('close', () => over())
  let isOver = false
  const over = () => {
    if (isOver) return
    isOver = true
    cancelStuck?.()
    isGone()
    listener.lost(why, times.waiting(), clock.monotonicMs() - startedAtMs)
  }
  return {
    frame(jpeg, atMs) {
      if (isFull || isOver) return false
      child.stdin.write(jpeg)
      isFull = !child.stdin.write(emptyPicture)
      times.add(atMs)
      if (isOverdue()) cancelStuck ??= clock.after(hurry(), stuck)
      return true
    },
    async finish() {
      hasEnded = true
      child.stdin.end()
      cancelStuck?.()
      cancelStuck = clock.after(hurry(), stuck)
      await gone
    },
  }
}
