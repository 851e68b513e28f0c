/** What the door sees with, put together by hand: a camera, and where its pictures go. */
import { join } from 'node:path'
import type { Config } from './config.ts'
import { createEyes } from './eyes.ts'
import type { Camera, Clock, Eyes, Log } from './ports.ts'

interface WiringDeps {
  readonly clock: Clock
  readonly log: Log
}

/** A door without a camera: visits begin with the bell or the keypad. */
const closedEyes: Eyes = { start() {}, attend() {}, async stop() {} }

/** Small enough that looking for motion costs next to nothing. */
const motionPictures = { widthPx: 160, heightPx: 90 } as const

export function wireEyes(config: Config, camera: Camera | null, { clock, log }: WiringDeps): Eyes {
  if (camera === null) return closedEyes
  return createEyes({
    doorId: config.doorId,
    camera,
    motion: { ...motionPictures, sensitivity: 5, zones: [], minimumMs: 300, quietMs: 2_000 },
    uploads: null,
    film: null,
    stillsFolder: join(config.dataDir, 'stills'),
    clock,
    log,
  })
}
