/** The camera modules of a Raspberry Pi, read by `rpicam-vid`, which gives a stream of JPEGs. */
import type { Camera, CameraTrouble, CameraWatcher } from '../../daemon/ports.ts'
import { CameraProgram, type ProgramLimits } from './camera-program.ts'
import { type GreyDeps, GreyMaker } from './grey.ts'
import { mjpegSplitter } from './mjpeg-frames.ts'

export interface RpicamDeps extends GreyDeps {
  readonly framesPerSecond: number
  /** Of 100. */
  readonly quality?: number
  readonly program?: string
  readonly limits?: Partial<ProgramLimits>
}

const usualQuality = 75
const mostStrayBytes = 256 * 1024

const rpicamArguments = (deps: RpicamDeps): readonly string[] => {
  const { widthPx, heightPx, framesPerSecond, quality = usualQuality } = deps
  const size = `--width ${widthPx} --height ${heightPx} --framerate ${framesPerSecond}`
  const stream = '--timeout 0 --nopreview --codec mjpeg --flush'
  return `${stream} ${size} --quality ${quality} --output -`.split(' ')
}

export function rpicamCamera(deps: RpicamDeps): Camera {
  let watcher: CameraWatcher | null = null
  const greys = new GreyMaker(deps)
  const report = (trouble: CameraTrouble) => watcher?.trouble(trouble)
  const program = new CameraProgram({
    ...deps,
    program: deps.program ?? 'rpicam-vid',
    args: rpicamArguments(deps),
    troubleIn: (complaint) => troubleIn(complaint, deps),
    report,
    connect({ stdout }, run) {
      const frames = mjpegSplitter()
      stdout?.on('data', (bytes: Buffer) => {
        for (const frame of frames.push(bytes)) {
          run.works()
          greys.make(frame.jpeg, (grey) => watcher?.picture({ ...frame, grey }))
        }
        if (frames.strayBytes() > mostStrayBytes) run.condemn('unusable')
      })
    },
  })
  return {
    start(wanted) {
      watcher = wanted
      greys.start(report)
      program.start()
    },
    restart: () => program.restart(),
    async stop() {
      watcher = null
      await Promise.all([program.stop(), greys.stop()])
    },
  }
}

function troubleIn(complaint: string, { log }: RpicamDeps): CameraTrouble | null {
  if (/no cameras available/i.test(complaint)) return 'unplugged'
  if (/busy|in use by another|failed to acquire/i.test(complaint)) return 'busy'
  if (/codec|unrecogni[sz]ed option/i.test(complaint)) {
    log.error({}, 'This rpicam-vid has no MJPEG codec. Install the package rpicam-apps.')
    return 'unusable'
  }
  return /\*\*\*|ERROR/.test(complaint) ? 'unusable' : null
}
