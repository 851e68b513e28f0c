/**
 * The real node-webcam and fswebcam. For each weakness of node-webcam a test of `npm run proof` shows
 * that it exists, and another that our camera does not have it.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import NodeWebcam from 'node-webcam'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import {
  shotsOf,
  UnsafeDevice,
  WebcamCamera,
  type WebcamDeps,
} from '../../../device/camera/drivers/webcam.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { cameraContract, cameraSize, greySize, watching } from '../../contracts/device/camera.ts'
import { programsOf } from '../../support/child-programs.ts'
import { testProof } from '../../support/effort.ts'

let folder: string

const deps = (changed: Partial<WebcamDeps> = {}): WebcamDeps => ({
  clock: systemClock({ source: 'host' }),
  log: { info() {}, warn() {}, error() {} },
  device: 'TEST',
  ...cameraSize,
  framesPerSecond: 10,
  grey: greySize,
  folder,
  ...changed,
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webcam-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

cameraContract('camera-webcam, its grey pictures,', () => ({
  camera: new WebcamCamera(deps()),
  isVictim: (words) => words.includes('pipe:0'),
  end() {},
}))

/** As its documentation shows it. */
const plainly = (device: string, path: string | null, more = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const options = { ...{ width: 320, height: 240, output: 'jpeg' }, device, ...more }
    // @ts-expect-error: null is what its documents give for a picture in memory.
    NodeWebcam.create(options).capture(path, (fault, found) =>
      fault ? reject(fault) : resolve(found),
    )
  })

/** A program that never ends, in fswebcam's place. */
function stuckProgram(): string {
  const path = join(folder, 'fswebcam')
  writeFileSync(path, '#!/bin/sh\nsleep 600\n')
  chmodSync(path, 0o755)
  return path
}

describe('snapshots', () => {
  test('have the requested size', async () => {
    const shot = await shotsOf(deps())()
    expect(shot).toMatchObject({ frame: cameraSize })
  })

  test('can come from a file, and leave nothing behind', async () => {
    const picture = join(folder, 'picture.jpg')
    spawnSync('fswebcam', ['-q', '-d', 'TEST', '-r', '320x240', '--jpeg', '80', picture])
    expect(await shotsOf(deps({ device: `FILE:${picture}` }))()).toHaveProperty('frame')
    expect(readdirSync(folder)).toEqual(['picture.jpg'])
  })

  testProof('are never taken two at a time', async () => {
    const camera = new WebcamCamera(deps({ framesPerSecond: 1_000 }))
    const seen = watching()
    camera.start(seen)
    let most = 0
    while (seen.pictures.length < 8) {
      most = Math.max(most, readdirSync(folder).length)
      await new Promise(setImmediate)
    }
    await camera.stop()
    expect(most).toBe(1)
    expect(readdirSync(folder)).toEqual([])
  })
})

test('a missing folder is reported as trouble', async () => {
  const camera = new WebcamCamera(deps({ folder: join(folder, 'gone') }))
  const { troubles, ...watcher } = watching()
  camera.start({ ...watcher, trouble: (trouble) => troubles.push(trouble) })
  await expect.poll(() => troubles[0]).toBe('unusable')
  await camera.stop()
})

describe('a device name with shell code', () => {
  const evil = () => `TEST; touch ${join(folder, 'PWNED')} #`

  testProof('is run by node-webcam', async () => {
    await plainly(evil(), join(folder, 'x.jpg')).catch(() => {})
    expect(existsSync(join(folder, 'PWNED'))).toBe(true)
  })

  test.each([
    'TEST; touch PWNED #',
    '/dev/video0 $(touch PWNED)',
    '/dev/`touch PWNED`',
    '/dev/video0\ntouch PWNED',
    '/dev/../etc/passwd',
    '--config /etc/passwd',
    'FILE:/x|y',
    '',
  ])('is refused here: %j', (device) => {
    expect(() => shotsOf(deps({ device }))).toThrow(UnsafeDevice)
  })

  test('is refused in the folder too', () => {
    expect(() => shotsOf(deps({ folder: `${folder}/$(id)` }))).toThrow(UnsafeDevice)
  })
})

describe('an old picture at the path of the new one', () => {
  testProof('is taken for the new one by node-webcam', async () => {
    const path = join(folder, 'shot.jpg')
    writeFileSync(path, 'yesterday')
    expect(await plainly('/dev/null', path)).toBe(path)
  })

  test('is never used here: a camera without a picture is trouble', async () => {
    expect(await shotsOf(deps({ device: '/dev/null' }))()).toEqual({ trouble: 'silent' })
  })

  test('is not used even if a program puts it there', async () => {
    const old = join(folder, 'old.jpg')
    spawnSync('fswebcam', ['-q', '-d', 'TEST', '-r', '320x240', '--jpeg', '80', old])
    const program = join(folder, 'fswebcam')
    writeFileSync(
      program,
      `#!/bin/sh\nfor last; do :; done\ntouch -d '2 hours ago' ${old}\ncp -p ${old} "$last"\n`,
    )
    chmodSync(program, 0o755)
    expect(await shotsOf(deps({ program }))()).toEqual({ trouble: 'silent' })
    writeFileSync(program, `#!/bin/sh\nfor last; do :; done\ncp ${old} "$last"\n`)
    expect(await shotsOf(deps({ program }))()).toHaveProperty('frame')
  })
})

describe('a program that hangs', () => {
  testProof('makes node-webcam wait for ever', async () => {
    let answered = false
    const options = { device: 'TEST', output: 'jpeg' }
    const webcam = NodeWebcam.create(options)
    webcam.bin = stuckProgram()
    webcam.capture(join(folder, 'x.jpg'), () => {
      answered = true
    })
    const stuck = () => programsOf().filter(({ words }) => words.includes('600'))
    await expect.poll(stuck).not.toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(answered).toBe(false)
    for (const { pid } of stuck()) process.kill(pid, 'SIGKILL')
    await expect.poll(() => answered).toBe(true)
  })

  test('is ended here, and reported as trouble', async () => {
    const startedAt = performance.now()
    const shoot = shotsOf(deps({ program: stuckProgram(), shotWithinMs: 300 }))
    expect(await shoot()).toEqual({ trouble: 'silent' })
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    const snapshot = () => programsOf().filter(({ words }) => words.join(' ').includes(folder))
    await expect.poll(snapshot).toEqual([])
  })

  testProof('is ended within five seconds without a configured limit', async () => {
    const startedAt = performance.now()
    await shotsOf(deps({ program: stuckProgram() }))()
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })
})

describe('a file that is not a picture', () => {
  testProof('is accepted by node-webcam, as is an empty one', async () => {
    expect(await plainly('TEST', null, { callbackReturn: 'buffer' })).toHaveLength(0)
    const path = join(folder, 'picture.png')
    spawnSync('fswebcam', ['-q', '-d', 'TEST', '--png', '1', path])
    expect(await plainly('TEST', join(folder, 'shot.jpg'), { output: 'png' })).toBeTruthy()
  })

  test.each([
    ['nothing', ': > "$last"'],
    ['half a picture', 'head -c 3000 PICTURE > "$last"'],
    ['no picture', 'echo hello > "$last"'],
    ['a way out of the folder', 'ln -s PICTURE "$last"'],
  ])('is trouble here: %s', async (_, script) => {
    const picture = join(folder, 'picture.jpg')
    spawnSync('fswebcam', ['-q', '-d', 'TEST', '-r', '320x240', '--jpeg', '80', picture])
    const program = join(folder, 'fswebcam')
    const lines = ['#!/bin/sh', 'for last; do :; done', script.replace('PICTURE', picture)]
    writeFileSync(program, lines.join('\n'))
    chmodSync(program, 0o755)
    expect(await shotsOf(deps({ program }))()).toEqual({ trouble: 'silent' })
  })
})

test('a missing device is reported as unplugged, and tried again', async () => {
  const camera = new WebcamCamera(deps({ device: '/dev/video77' }))
  const { troubles, ...watcher } = watching()
  camera.start({ ...watcher, trouble: (trouble) => troubles.push(trouble) })
  await expect.poll(() => troubles.length).toBeGreaterThan(1)
  await camera.stop()
  expect(new Set(troubles)).toEqual(new Set(['unplugged']))
})

test('its pictures are small enough to upload', async () => {
  const shot = await shotsOf(deps({ widthPx: 1280, heightPx: 720 }))()
  const jpeg = 'frame' in shot ? shot.frame.jpeg : new Uint8Array()
  expect(jpegSize(jpeg)).toEqual({ widthPx: 1280, heightPx: 720 })
  expect(jpeg.length).toBeLessThan(100_000)
})
