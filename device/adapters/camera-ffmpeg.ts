/**
 * Whatever ffmpeg can read: a USB camera, a camera on the network. One child gives every picture
 * twice, as JPEG on its standard output and small and grey on output 3, in the same order.
 */
import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { type ChildLife, type ChildLimits, keptChild } from '../camera-child.ts'
import { greySplitter } from '../camera-grey.ts'
import { type JpegFrame, mjpegSplitter } from '../mjpeg-frames.ts'
import type { Camera, CameraTrouble, CameraWatcher, Clock, Log } from '../ports.ts'

export interface FfmpegCameraDeps {
  readonly clock: Clock
  readonly log: Log
  /** What stands before the filters: `ffmpegInput` of a device or an address. */
  readonly input: readonly string[]
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
    troubleIn,
    tell: (trouble) => watcher?.trouble(trouble),
    connect: (process, life) =>
      connect(process, life, deps, (frame, grey) => watcher?.picture({ ...frame, grey })),
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

export function ffmpegInput({ device, ...wish }: FfmpegSource): readonly string[] {
  const looked = ['-analyzeduration', '1000000']
  const soon = ['-fflags', 'nobuffer', '-flags', 'low_delay', '-threads', '1', ...looked]
  const now = ['-use_wallclock_as_timestamps', '1']
  if (device.startsWith('/dev/')) {
    const size = `${wish.widthPx}x${wish.heightPx}`
    const camera = ['-f', 'v4l2', '-framerate', String(wish.framesPerSecond), '-video_size', size]
    return [...soon, ...now, ...camera, '-i', device]
  }
  const overTcp = /^rtsps?:/.test(device) ? ['-rtsp_transport', 'tcp'] : []
  const only = ['-protocol_whitelist', networkProtocols, '-timeout', networkWaitUs]
  return [...soon, ...now, ...overTcp, ...only, '-i', device]
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
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...deps.input],
    ...['-an', '-filter_complex_threads', '1', '-filter_complex', filters],
    ...['-map', '[whole]', '-c:v', 'mjpeg', '-q:v', String(quality), ...atOnce],
    ...['-f', 'mjpeg', 'pipe:1'],
    ...['-map', '[grey]', '-c:v', 'rawvideo', ...atOnce, '-f', 'rawvideo', 'pipe:3'],
  ]
}

/** Leaves pictures out as they come; the filter made for it would hold each back until the next. */
function rateFilter({ framesPerSecond }: { readonly framesPerSecond: number }): string {
  const apartSeconds = (0.9 / framesPerSecond).toFixed(4)
  return `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${apartSeconds})'`
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
