/**
 * The camera modules of a Raspberry Pi, which only libcamera can read. `rpicam-vid` gives JPEGs
 * without an end on its standard output.
 */
import type { ChildProcess } from 'node:child_process'
import type { Camera, CameraTrouble, CameraWatcher } from '../../daemon/ports.ts'
import { type ChildLife, type ChildLimits, keptChild } from './child.ts'
import { type GreyDeps, greyMaker } from './grey.ts'
import { type JpegFrame, mjpegSplitter } from './mjpeg-frames.ts'

export interface RpicamDeps extends GreyDeps {
  readonly widthPx: number
  readonly heightPx: number
  readonly framesPerSecond: number
  /** Of 100. */
  readonly quality?: number
  readonly program?: string
  readonly limits?: Partial<ChildLimits>
}

const usualQuality = 75
const mostStrayBytes = 256 * 1024

export const rpicamArguments = (
  deps: Pick<RpicamDeps, 'widthPx' | 'heightPx' | 'framesPerSecond' | 'quality'>,
): readonly string[] => [
  ...['--timeout', '0', '--nopreview', '--codec', 'mjpeg', '--flush'],
  ...['--width', String(deps.widthPx), '--height', String(deps.heightPx)],
  ...['--framerate', String(deps.framesPerSecond)],
  ...['--quality', String(deps.quality ?? usualQuality), '--output', '-'],
]

export function rpicamCamera(deps: RpicamDeps): Camera {
  let watcher: CameraWatcher | null = null
  const greys = greyMaker(deps)
  const child = keptChild({
    ...deps,
    program: deps.program ?? 'rpicam-vid',
    args: rpicamArguments(deps),
    troubleIn: (complaint) => troubleIn(complaint, deps),
    tell: (trouble) => watcher?.trouble(trouble),
    connect: (process, life) =>
      connect(process, life, (frame) => {
        greys.make(frame.jpeg, (grey) => watcher?.picture({ ...frame, grey }))
      }),
  })
  return {
    start(wanted) {
      watcher = wanted
      greys.start((trouble) => watcher?.trouble(trouble))
      child.start()
    },
    restart: () => child.restart(),
    async stop() {
      watcher = null
      await Promise.all([child.stop(), greys.stop()])
    },
  }
}

function connect(
  { stdout }: ChildProcess,
  life: ChildLife,
  show: (frame: JpegFrame) => void,
): void {
  const frames = mjpegSplitter()
  stdout?.on('data', (bytes: Buffer) => {
    for (const frame of frames.push(bytes)) {
      life.works()
      show(frame)
    }
    if (frames.strayBytes() > mostStrayBytes) life.condemn('unusable')
  })
}

function troubleIn(complaint: string, { log }: RpicamDeps): CameraTrouble | null {
  if (/no cameras available/i.test(complaint)) return 'unplugged'
  if (/busy|in use by another|failed to acquire/i.test(complaint)) return 'busy'
  if (/codec|unrecogni[sz]ed option/i.test(complaint)) {
    log.error({}, 'This rpicam-vid cannot give MJPEG. Install the package rpicam-apps.')
    return 'unusable'
  }
  return /\*\*\*|ERROR/.test(complaint) ? 'unusable' : null
}
