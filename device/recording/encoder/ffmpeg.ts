/**
 * Encodes video with ffmpeg as a child process, which is replaced whenever it is lost; the rest of
 * the door does not depend on it.
 */
import type { Cancel, Clock } from '../../daemon/ports.ts'
import type { EncoderFigures, EncoderListener, EncoderLoss, VideoEncoder } from '../ports.ts'
import { type EncoderLimits, EncoderProcess } from './process.ts'

export interface FfmpegDeps {
  readonly clock: Clock
  readonly framesPerSecond: number
  /** `h264_v4l2m2m` uses the machine's hardware encoder. */
  readonly codec?: 'libx264' | 'h264_v4l2m2m'
  readonly kilobitsPerSecond?: number
  readonly program?: string
  readonly limits?: Partial<EncoderLimits>
}

export const encoderLimits: EncoderLimits = {
  // A busy machine may take seconds to start a program.
  firstUnitMs: 10_000,
  stuckMs: 3_000,
  firstRestMs: 500,
  longestRestMs: 30_000,
  provenMs: 30_000,
  garbageBytes: 64 * 1024,
}

const groupSeconds = 2
const usualKilobits = 800

/**
 * Frames are numbered by the time that has passed, so that a slow camera gives key frames as often,
 * and at least by one, because the frames from before a visit come all at once.
 */
const passedUs = '(RTCTIME-RTCSTART)'
const timing = (framesPerSecond: number): string =>
  `settb=1/${framesPerSecond},` +
  `setpts='if(N,max(PREV_OUTPTS+1,floor(${passedUs}*${framesPerSecond}/1000000)),0)'`
const keyFrames = `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${groupSeconds}))`

/** Key frames every two seconds, no frame that depends on a later one, none doubled or left out. */
function ffmpegArguments({
  framesPerSecond,
  codec = 'libx264',
  kilobitsPerSecond = usualKilobits,
}: Pick<FfmpegDeps, 'framesPerSecond' | 'codec' | 'kilobitsPerSecond'>): readonly string[] {
  const rate = `${kilobitsPerSecond}k`
  const group = framesPerSecond * groupSeconds
  const words = (text: string) => text.split(' ')
  const x264 =
    `-preset ultrafast -tune zerolatency -profile:v baseline ` +
    `-keyint_min ${group} -sc_threshold 0 -x264-params aud=1`
  return [
    ...words(`-hide_banner -loglevel error -f mjpeg -framerate ${framesPerSecond} -i -`),
    ...words(`-fps_mode passthrough -an -c:v ${codec}`),
    ...(codec === 'libx264' ? words(x264) : []),
    '-vf',
    timing(framesPerSecond),
    '-force_key_frames',
    keyFrames,
    ...words(`-pix_fmt yuv420p -g ${group} -bf 0 -b:v ${rate} -maxrate ${rate} -bufsize ${rate}`),
    ...words('-flush_packets 1 -f h264 -'),
  ]
}

export class FfmpegEncoder implements VideoEncoder {
  readonly #deps: FfmpegDeps
  readonly #limits: EncoderLimits
  readonly #counts = {
    starts: 0,
    framesIn: 0,
    framesRefused: 0,
    framesBroken: 0,
    unitsOut: 0,
    framesLost: 0,
  }
  #listener: EncoderListener | null = null
  #process: EncoderProcess | null = null
  #isWanted = false
  #failures = 0
  #cancelRestart: Cancel = () => {}

  constructor(deps: FfmpegDeps) {
    this.#deps = deps
    this.#limits = { ...encoderLimits, ...deps.limits }
  }

  start(listener: EncoderListener): void {
    this.#listener = listener
    this.#isWanted = true
    this.#failures = 0
    this.#startProcess()
  }

  frame(jpeg: Uint8Array, atMs: number): boolean {
    // ffmpeg would leave out a broken picture, and all later times would be off by one.
    if (!isJpeg(jpeg)) {
      this.#counts.framesBroken += 1
      return true
    }
    const isAccepted = this.#process?.frame(jpeg, atMs) ?? false
    this.#counts[isAccepted ? 'framesIn' : 'framesRefused'] += 1
    return isAccepted
  }

  async stop(): Promise<void> {
    this.#isWanted = false
    this.#cancelRestart()
    await this.#process?.finish()
    this.#listener = null
  }

  figures(): EncoderFigures {
    return { ...this.#counts }
  }

  #startProcess(): void {
    const { program = 'ffmpeg', clock } = this.#deps
    this.#counts.starts += 1
    const command = [program, ...ffmpegArguments(this.#deps)] as const
    const process = new EncoderProcess(command, clock, this.#limits, {
      started: () => this.#listener?.event({ kind: 'started' }),
      unit: (unit, atMs) => {
        this.#counts.unitsOut += 1
        this.#listener?.unit(unit, atMs)
      },
      lost: (why, framesLost, livedMs) => {
        this.#counts.framesLost += framesLost
        if (this.#process === process) this.#process = null
        if (this.#isWanted) this.#restart(why, livedMs)
      },
    })
    this.#process = process
  }

  #restart(why: EncoderLoss, livedMs: number): void {
    const { provenMs, firstRestMs, longestRestMs } = this.#limits
    this.#failures = livedMs >= provenMs ? 1 : this.#failures + 1
    const growingMs = firstRestMs * 2 ** Math.min(this.#failures - 1, 16)
    const backInMs = why === 'absent' ? longestRestMs : Math.min(longestRestMs, growingMs)
    this.#listener?.event({ kind: 'lost', why, backInMs })
    this.#cancelRestart = this.#deps.clock.after(backInMs, () => this.#startProcess())
  }
}

function isJpeg(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  const [beforeLast, last] = bytes.subarray(-2)
  return first === 0xff && second === 0xd8 && beforeLast === 0xff && last === 0xd9
}
