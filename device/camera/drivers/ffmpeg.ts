/**
 * Whatever ffmpeg can read: a USB camera, a camera on the network. One child gives every picture
 * twice, as JPEG on its standard output and small and grey on output 3, in the same order.
 */
import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import type { Camera, CameraTrouble, CameraWatcher, Clock, Log } from '../../daemon/ports.ts'
import { type ChildLife, type ChildLimits, keptChild } from './child.ts'
import { greySplitter } from './grey.ts'
import { type JpegFrame, mjpegSplitter } from './mjpeg-frames.ts'

export interface FfmpegCameraDeps {
  readonly clock: Clock
  readonly log: Log
  /** `ffmpegInput` of a device or an address. */
  readonly input: FfmpegInput
  readonly widthPx: number
  readonly heightPx: number
  readonly framesPerSecond: number
  readonly grey: { readonly widthPx: number; readonly heightPx: number }
  /** 2 is best, 31 worst. */
  readonly quality?: number
  readonly program?: string
  readonly limits?: Partial<ChildLimits>
}

const usualQuality = 6
/** More pictures of one kind than of the other means that their order is lost. */
const mostUnpaired = 25
const mostStrayBytes = 256 * 1024

export function ffmpegCamera(deps: FfmpegCameraDeps): Camera {
  let watcher: CameraWatcher | null = null
  const child = keptChild({
    ...deps,
    program: deps.program ?? 'ffmpeg',
    args: ffmpegArguments(deps),
    moreOutputs: 1,
    isFed: deps.input.script !== undefined,
    troubleIn,
    tell: (trouble) => watcher?.trouble(trouble),
    connect(process, life) {
      tellAddress(process, deps.input)
      connect(process, life, deps, (frame, grey) => watcher?.picture({ ...frame, grey }))
    },
  })
  return {
    start(wanted) {
      watcher = wanted
      child.start()
    },
    restart: () => child.restart(),
    async stop() {
      watcher = null
      await child.stop()
    },
  }
}

// ---------------------------------------------------------------- what ffmpeg is told

export interface FfmpegSource {
  /** `/dev/video0`, or an address that begins with rtsp:, rtsps:, http: or https:. */
  readonly device: string
  readonly widthPx: number
  readonly heightPx: number
  readonly framesPerSecond: number
}

/** What a camera on the network may keep us waiting for, in ffmpeg's microseconds. */
const networkWaitUs = '5000000'

/** Whatever answers there, it cannot make ffmpeg read files of this machine. */
const networkProtocols = 'http,https,httpproxy,rtsp,rtsps,rtp,srtp,udp,tcp,tls'

/** How long ffmpeg looks at a source before it gives pictures, in its microseconds. */
const lookUs = '1000000'
const soon = ['-fflags', 'nobuffer', '-flags', 'low_delay', '-threads', '1']

export interface FfmpegInput {
  /** What stands before the filters. */
  readonly words: readonly string[]
  /** What is said on its standard input, which no list of processes shows. */
  readonly script?: string
}

export const ffmpegInput = (source: FfmpegSource): FfmpegInput =>
  source.device.startsWith('/dev/') ? localInput(source) : networkInput(source.device)

function localInput({ device, widthPx, heightPx, framesPerSecond }: FfmpegSource): FfmpegInput {
  const now = ['-analyzeduration', lookUs, '-use_wallclock_as_timestamps', '1']
  const size = ['-framerate', String(framesPerSecond), '-video_size', `${widthPx}x${heightPx}`]
  return { words: [...soon, ...now, '-f', 'v4l2', ...size, '-i', device] }
}

/**
 * An address may hold a password, and everybody on this machine can read a program's arguments. So
 * the address is in a list of one entry. ffmpeg has looked at the entry before it looks at the list.
 */
function networkInput(address: string): FfmpegInput {
  const list = ['-analyzeduration', '1', '-protocol_whitelist', `pipe,${networkProtocols}`]
  const options = {
    ...{ timeout: networkWaitUs, analyzeduration: lookUs, fflags: 'nobuffer' },
    use_wallclock_as_timestamps: '1',
    ...(/^rtsps?:/.test(address) && { rtsp_transport: 'tcp' }),
  }
  return {
    words: [...soon, ...list, '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    script: [
      'ffconcat version 1.0',
      `file '${address}'`,
      ...Object.entries(options).map(([name, value]) => `option ${name} ${value}`),
      '',
    ].join('\n'),
  }
}

function tellAddress({ stdin }: ChildProcess, { script }: FfmpegInput): void {
  // A program that is gone before it has read is told of by its end.
  stdin?.on('error', () => {})
  stdin?.end(script)
}

export function ffmpegArguments(
  deps: Pick<
    FfmpegCameraDeps,
    'input' | 'widthPx' | 'heightPx' | 'framesPerSecond' | 'grey' | 'quality'
  >,
): readonly string[] {
  const { grey, quality = usualQuality } = deps
  const small = `scale=${grey.widthPx}:${grey.heightPx}:flags=area,format=gray`
  const filters = `[0:v]${rateFilter(deps)},${sizeFilter(deps)},split=2[whole][copy];[copy]${small}[grey]`
  const atOnce = ['-fps_mode', 'passthrough', '-threads', '1', '-flush_packets', '1']
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...deps.input.words],
    ...['-an', '-filter_complex_threads', '1', '-filter_complex', filters],
    ...['-map', '[whole]', '-c:v', 'mjpeg', '-q:v', String(quality), ...atOnce],
    ...['-f', 'mjpeg', 'pipe:1'],
    ...['-map', '[grey]', '-c:v', 'rawvideo', ...atOnce, '-f', 'rawvideo', 'pipe:3'],
  ]
}

/** So much earlier than expected, in parts of the time between two, a picture is still the next. */
const earlyPart = 0.25
/** By more than this no camera is ahead of itself: the clock was set back. */
const clockStepSeconds = 1

/**
 * Leaves pictures out as they come; the filter made for it would hold each back until the next.
 * Place 0 holds when the next one is due, so that those of a camera that is not quite regular are
 * kept. From then on they are only counted: an encoder gives up where two have the same time, or a
 * later one an earlier time.
 */
function rateFilter({ framesPerSecond }: { readonly framesPerSecond: number }): string {
  const apart = 1 / framesPerSecond
  const [step, early] = [apart + clockStepSeconds, apart * earlyPart].map((part) => part.toFixed(4))
  const due = `st(1,if(lt(t,ld(0)-${step}),t,ld(0)))`
  const taken = `st(0,max(ld(1)+${apart.toFixed(4)},t))`
  return `select='0*${due}+if(gte(t,ld(1)-${early}),1+0*${taken})',setpts=N/TB`
}

const sizeFilter = ({ widthPx, heightPx }: { widthPx: number; heightPx: number }): string =>
  `scale=w='min(iw,${widthPx})':h='min(ih,${heightPx})':force_original_aspect_ratio=decrease` +
  ':force_divisible_by=2:out_range=full,format=yuvj420p'

// ---------------------------------------------------------------- what ffmpeg says

function connect(
  { stdout, stdio }: ChildProcess,
  life: ChildLife,
  { grey }: FfmpegCameraDeps,
  show: (frame: JpegFrame, grey: Uint8Array) => void,
): void {
  const frames = mjpegSplitter()
  const greys = greySplitter(grey.widthPx * grey.heightPx)
  const waiting = { frames: [] as JpegFrame[], greys: [] as Uint8Array[] }
  const pair = () => {
    for (;;) {
      const [frame, small] = [waiting.frames[0], waiting.greys[0]]
      if (!frame || !small) break
      waiting.frames.shift()
      waiting.greys.shift()
      life.works()
      show(frame, small)
    }
    const unpaired = waiting.frames.length + waiting.greys.length
    if (unpaired > mostUnpaired || frames.strayBytes() > mostStrayBytes) life.condemn('unusable')
  }
  stdout?.on('data', (bytes: Buffer) => {
    waiting.frames.push(...frames.push(bytes))
    pair()
  })
  const small = stdio[3]
  if (small instanceof Readable) {
    small.on('data', (bytes: Buffer) => {
      waiting.greys.push(...greys.push(bytes))
      pair()
    })
  }
}

/** By the words of ffmpeg, which may hold an address with a password: they go nowhere. */
function troubleIn(complaint: string): CameraTrouble | null {
  if (/busy/i.test(complaint)) return 'busy'
  if (/no such (file|device)|no route|refused|timed out|unreachable/i.test(complaint)) {
    return 'unplugged'
  }
  return complaint === '' ? null : 'unusable'
}
