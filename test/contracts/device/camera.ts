/** What every camera driver with child programs must do, with real programs in real time. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import type { Camera, CameraTrouble, CameraWatcher, Picture } from '../../../device/daemon/ports.ts'
import { programsOf } from '../../support/child-programs.ts'
import { isProof } from '../../support/effort.ts'

export const cameraSize = { widthPx: 320, heightPx: 240 } as const
export const greySize = { widthPx: 160, heightPx: 90 } as const

export interface CameraBench {
  readonly camera: Camera
  /** Whether this child program is necessary for the camera. */
  isVictim(words: readonly string[]): boolean
  end(): void
}

export interface Watched extends CameraWatcher {
  readonly pictures: Picture[]
  readonly troubles: CameraTrouble[]
}

export function watching(): Watched {
  const pictures: Picture[] = []
  const troubles: CameraTrouble[] = []
  return {
    pictures,
    troubles,
    picture: (picture) => pictures.push(picture),
    trouble: (trouble) => troubles.push(trouble),
    moving: () => {},
  }
}

export function cameraContract(name: string, make: () => CameraBench): void {
  describe(`${name} fulfils the camera contract`, () => {
    let bench: CameraBench
    let seen: Watched
    const more = async () => {
      const before = seen.pictures.length
      await expect.poll(() => seen.pictures.length).toBeGreaterThan(before + 1)
    }
    const victims = () => programsOf().filter(({ words }) => bench.isVictim(words))

    beforeEach(() => {
      bench = make()
      seen = watching()
      bench.camera.start(seen)
    })
    afterEach(async () => {
      await bench.camera.stop()
      bench.end()
    })

    test('gives complete pictures, each with its small grey one, until it is stopped', async () => {
      await expect.poll(() => seen.pictures.length).toBeGreaterThan(2)
      for (const { jpeg, grey, ...size } of seen.pictures) {
        expect(jpegSize(jpeg)).toEqual(size)
        expect(size).toEqual(cameraSize)
        expect(jpeg.length).toBeLessThanOrEqual(100_000)
        expect(grey?.length).toBe(greySize.widthPx * greySize.heightPx)
        expect(new Set(grey).size).toBeGreaterThan(5)
      }
      await bench.camera.stop()
      await expect.poll(victims).toEqual([])
      const last = seen.pictures.length
      await new Promise((later) => setTimeout(later, 300))
      expect(seen.pictures.length).toBe(last)
    })

    test('recovers when a program is killed or stopped', async () => {
      await more()
      for (const signal of isProof ? (['SIGKILL', 'SIGSTOP'] as const) : ['SIGKILL']) {
        await expect.poll(victims).not.toEqual([])
        for (const { pid } of victims()) process.kill(pid, signal)
        await more()
      }
    })
  })
}
