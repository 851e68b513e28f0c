/** The driver with a script in place of rpicam-vid, which runs only on a Pi. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RpicamDeps, rpicamCamera } from '../../../device/camera/drivers/rpicam.ts'
import type { Camera } from '../../../device/daemon/ports.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { cameraContract, cameraSize, greySize, watching } from '../../contracts/device/camera.ts'

const fake = join(import.meta.dirname, '../../support/hardware/fake-rpicam-vid.sh')
const logged: string[] = []

const camera = (changed: Partial<RpicamDeps> = {}): Camera =>
  rpicamCamera({
    clock: systemClock({ source: 'host' }),
    log: { info() {}, warn() {}, error: (_, text) => logged.push(text) },
    ...cameraSize,
    framesPerSecond: 10,
    grey: greySize,
    program: fake,
    ...changed,
    limits: { stuckMs: 1_000, firstRestMs: 50 },
  })

const bench = (isVictim: (words: readonly string[]) => boolean) => () => ({
  camera: camera(),
  isVictim,
  end() {},
})

const isTheCamera = (words: readonly string[]) => words.includes('lavfi')
const makesGrey = (words: readonly string[]) => words.includes('pipe:0')

cameraContract('camera-rpicam', bench(isTheCamera))
cameraContract('camera-rpicam, its grey pictures,', bench(makesGrey))

describe('trouble', () => {
  let folder: string
  let started: Camera | null = null

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rpicam-'))
  })
  afterEach(async () => {
    await started?.stop()
    rmSync(folder, { recursive: true })
  })

  function startSaying(words: string) {
    const program = join(folder, 'rpicam-vid')
    writeFileSync(program, `#!/bin/sh\necho "${words}" >&2\nexit 255\n`)
    chmodSync(program, 0o755)
    started = camera({ program })
    const seen = watching()
    started.start(seen)
    return seen
  }

  test.each([
    ['unplugged', 'ERROR: *** no cameras available ***'],
    ['busy', 'ERROR: *** failed to acquire camera /base/soc/i2c0mux/i2c@1/imx477@1a ***'],
    ['busy', 'Pipeline handler in use by another process'],
    ['unusable', 'ERROR: *** Unrecognised codec mjpeg ***'],
    ['unusable', 'ERROR: *** failed to start output streaming ***'],
  ] as const)('%s for the output: %s', async (trouble, words) => {
    const { troubles } = startSaying(words)
    await expect.poll(() => troubles[0]).toBe(trouble)
  })

  test('logs what to install when MJPEG is missing', async () => {
    startSaying('ERROR: *** Unrecognised codec mjpeg ***')
    await expect
      .poll(() => logged)
      .toContain('This rpicam-vid has no MJPEG codec. Install the package rpicam-apps.')
  })

  test('is unusable without rpicam-vid, or without ffmpeg for the grey pictures', async () => {
    for (const missing of [{ program: join(folder, 'no') }, { greyProgram: join(folder, 'no') }]) {
      const one = camera(missing)
      const { troubles, ...watcher } = watching()
      one.start({ ...watcher, trouble: (trouble) => troubles.push(trouble) })
      await expect.poll(() => troubles[0]).toBe('unusable')
      await one.stop()
    }
  })
})
