/**
 * Anything ffmpeg can read: a USB camera or a network camera. One process gives every picture twice,
 * as JPEG on its standard output and small and grey on output 3, in the same order.
 */
import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import type { Camera, CameraTrouble, CameraWatcher, Clock, Log } from '../../daemon/ports.ts'
import { CameraProgram, type ProgramLimits, type ProgramRun } from './camera-program.ts'
import { greySplitter } from './grey.ts'
import { type JpegFrame, mjpegSplitter } from './mjpeg-frames.ts'

export interface FfmpegCameraDeps extends PictureOptions {
  readonly clock: Clock
  readonly log: Log
  readonly program?: string
  readonly limits?: Partial<ProgramLimits>
}

interface PictureOptions {
  /** Of a device or an address, by `ffmpegInput`. */
  readonly input: FfmpegInput
  readonly widthPx: number
  readonly heightPx: number
  readonly framesPerSecond: number
  readonly grey: { readonly widthPx: number; readonly heightPx: number }
  /** 2 is best, 31 worst. */
  readonly quality?: number
}

const usualQuality = 6
/** More pictures of one kind than of the other mean that their order is lost. */
const mostUnpaired = 25
const mostStrayBytes = 256 * 1024

export function ffmpegCamera(deps: FfmpegCameraDeps): Camera {
  let watcher: CameraWatcher | null = null
  const program = new CameraProgram({
    ...deps,
    program: deps.program ?? 'ffmpeg',
    args: ffmpegArguments(deps),
    moreOutputs: 1,
    hasInput: deps.input.script !== undefined,
    troubleIn,
    report: (trouble) => watcher?.trouble(trouble),
    connect(child, run) {
      // A program that ends before it has read its input is noticed by its end.
      child.stdin?.on('error', () => {})
      child.stdin?.end(deps.input.script)
      const greyBytes = deps.grey.widthPx * deps.grey.heightPx
      pairPictures(child, run, greyBytes, (frame, grey) => watcher?.picture({ ...frame, grey }))
    },
  })
  return {
    start(wanted) {
      watcher = wanted
      program.start()
    },
    restart: () => program.restart(),
    async stop() {
      watcher = null
      await program.stop()
    },
  }
}

// ---------------------------------------------------------------- input

interface FfmpegSource {
  /** `/dev/video0`, or an address that begins with rtsp:, rtsps:, http: or https:. */
  readonly device: string
  readonly widthPx: number
  readonly heightPx: number
  readonly framesPerSecond: number
}

export interface FfmpegInput {
  /** The arguments before the filters. */
  readonly words: readonly string[]
  /** For the standard input, which no list of processes shows. */
  readonly script?: string
}

/** How long to wait for a network camera, in ffmpeg's microseconds. */
const networkWaitUs = '5000000'
/** How long ffmpeg examines a source before it gives pictures, in its microseconds. */
const examineUs = '1000000'

/** No server can make ffmpeg read files of this machine. */
const networkProtocols = 'http,https,httpproxy,rtsp,rtsps,rtp,srtp,udp,tcp,tls'
const lowDelay = '-fflags nobuffer -flags low_delay -threads 1'

export const ffmpegInput = (source: FfmpegSource): FfmpegInput =>
  source.device.startsWith('/dev/') ? localInput(source) : networkInput(source.device)

function localInput({ device, widthPx, heightPx, framesPerSecond }: FfmpegSource): FfmpegInput {
  const timing = `-analyzeduration ${examineUs} -use_wallclock_as_timestamps 1`
  const size = `-framerate ${framesPerSecond} -video_size ${widthPx}x${heightPx}`
  return { words: [...`${lowDelay} ${timing} -f v4l2 ${size} -i`.split(' '), device] }
}

/**
 * An address may hold a password, and every user of the machine can read a program's arguments. So
 * the address is in a list of one entry. ffmpeg has examined the entry before it examines the list.
 */
function networkInput(address: string): FfmpegInput {
  const list = `-analyzeduration 1 -protocol_whitelist pipe,${networkProtocols}`
  const options = {
    timeout: networkWaitUs,
    analyzeduration: examineUs,
    fflags: 'nobuffer',
    use_wallclock_as_timestamps: '1',
    ...(/^rtsps?:/.test(address) && { rtsp_transport: 'tcp' }),
  }
  return {
    words: `${lowDelay} ${list} -f concat -safe 0 -i pipe:0`.split(' '),
    script: [
      'ffconcat version 1.0',
      `file '${address}'`,
      ...Object.entries(options).map(([name, value]) => `option ${name} ${value}`),
      '',
    ].join('\n'),
  }
}

// ---------------------------------------------------------------- filters and output

export function ffmpegArguments(options: PictureOptions): readonly string[] {
  const { input, grey, quality = usualQuality } = options
  const small = `scale=${grey.widthPx}:${grey.heightPx}:flags=area,format=gray`
  const filters =
    `[0:v]${rateFilter(options.framesPerSecond)},${sizeFilter(options)},split=2[whole][copy];` +
    `[copy]${small}[grey]`
  const atOnce = '-fps_mode passthrough -threads 1 -flush_packets 1'
  const whole = `-map [whole] -c:v mjpeg -q:v ${quality} ${atOnce} -f mjpeg pipe:1`
  const greys = `-map [grey] -c:v rawvideo ${atOnce} -f rawvideo pipe:3`
  return [
    ...'-hide_banner -nostdin -loglevel error'.split(' '),
    ...input.words,
    ...'-an -filter_complex_threads 1 -filter_complex'.split(' '),
    filters,
    ...`${whole} ${greys}`.split(' '),
  ]
}

/** A picture this much early, as a part of the time between two, is still the next one. */
const earlyPart = 0.25
/** No camera is this much ahead of itself: the clock was set back. */
const clockStepSeconds = 1

/**
 * Drops pictures as they come; ffmpeg's `fps` filter would hold each back until the next. Variable 0
 * holds when the next picture is due, so that a slightly irregular camera loses none. After that
 * pictures are only numbered: an encoder fails when two have the same time, or a later one an
 * earlier time.
 */
function rateFilter(framesPerSecond: number): string {
  const apart = 1 / framesPerSecond
  const [step, early] = [apart + clockStepSeconds, apart * earlyPart].map((part) => part.toFixed(4))
  const due = `st(1,if(lt(t,ld(0)-${step}),t,ld(0)))`
  const taken = `st(0,max(ld(1)+${apart.toFixed(4)},t))`
  return `select='0*${due}+if(gte(t,ld(1)-${early}),1+0*${taken})',setpts=N/TB`
}

const sizeFilter = ({ widthPx, heightPx }: PictureOptions): string =>
  `scale=w='min(iw,${widthPx})':h='min(ih,${heightPx})':force_original_aspect_ratio=decrease` +
  ':force_divisible_by=2:out_range=full,format=yuvj420p'

function pairPictures(
  { stdout, stdio }: ChildProcess,
  run: ProgramRun,
  greyBytes: number,
  show: (frame: JpegFrame, grey: Uint8Array) => void,
): void {
  const frames = mjpegSplitter()
  const greys = greySplitter(greyBytes)
  const waiting = { frames: [] as JpegFrame[], greys: [] as Uint8Array[] }
  const pair = () => {
    for (;;) {
      const [frame, grey] = [waiting.frames[0], waiting.greys[0]]
      if (!frame || !grey) break
      waiting.frames.shift()
      waiting.greys.shift()
      run.works()
      show(frame, grey)
    }
    const unpaired = waiting.frames.length + waiting.greys.length
    if (unpaired > mostUnpaired || frames.strayBytes() > mostStrayBytes) run.condemn('unusable')
  }
  stdout?.on('data', (bytes: Buffer) => {
    waiting.frames.push(...frames.push(bytes))
    pair()
  })
  const small = stdio[3]
  if (!(small instanceof Readable)) return
  small.on('data', (bytes: Buffer) => {
    waiting.greys.push(...greys.push(bytes))
    pair()
  })
}

/** The complaint may hold an address with a password, so it is not logged. */
function troubleIn(complaint: string): CameraTrouble | null {
  if (/busy/i.test(complaint)) return 'busy'
  if (/no such (file|device)|no route|refused|timed out|unreachable/i.test(complaint)) {
    return 'unplugged'
  }
  return complaint === '' ? null : 'unusable'
}
