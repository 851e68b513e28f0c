/**
 * node-webcam and fswebcam for real. Every trap of node-webcam is shown to bite whoever uses it
 * plainly, so that the same check on our camera proves something.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import NodeWebcam from 'node-webcam'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import {
  snapshotsOf,
  UnsafeDevice,
  type WebcamDeps,
  webcamCamera,
} from '../../../device/camera/drivers/webcam.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { cameraContract, cameraSize, greySize, watching } from '../../contracts/device/camera.ts'
import { programsOf } from '../../support/child-programs.ts'

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

cameraContract('camera-webcam, as to its grey pictures,', () => ({
  camera: webcamCamera(deps()),
  isVictim: (words) => words.includes('pipe:0'),
  end() {},
}))

/** As its own documents show it. */
const plainly = (device: string, path: string | null, more = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const options = { ...{ width: 320, height: 240, output: 'jpeg' }, device, ...more }
    // @ts-expect-error: null is what its documents give for a picture in memory.
    NodeWebcam.create(options).capture(path, (fault, found) =>
      fault ? reject(fault) : resolve(found),
    )
  })

/** A program that never comes back, in fswebcam's place. */
function stuckProgram(): string {
  const path = join(folder, 'fswebcam')
  writeFileSync(path, '#!/bin/sh\nsleep 600\n')
  chmodSync(path, 0o755)
  return path
}

describe('snapshots', () => {
  test('are pictures of the wanted size', async () => {
    const shot = await snapshotsOf(deps())()
    expect(shot).toMatchObject({ frame: cameraSize })
  })

  test('come from a file as well, and leave nothing behind', async () => {
    const picture = join(folder, 'picture.jpg')
    spawnSync('fswebcam', ['-q', '-d', 'TEST', '-r', '320x240', '--jpeg', '80', picture])
    expect(await snapshotsOf(deps({ device: `FILE:${picture}` }))()).toHaveProperty('frame')
    expect(readdirSync(folder)).toEqual(['picture.jpg'])
  })

  test('are never taken two at a time', async () => {
    const camera = webcamCamera(deps({ framesPerSecond: 1_000 }))
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

test('a folder that is gone is trouble, and nothing worse', async () => {
  const camera = webcamCamera(deps({ folder: join(folder, 'gone') }))
  const { troubles, ...watcher } = watching()
  camera.start({ ...watcher, trouble: (trouble) => troubles.push(trouble) })
  await expect.poll(() => troubles[0]).toBe('unusable')
  await camera.stop()
})

describe('a device that is a line of shell', () => {
  const evil = () => `TEST; touch ${join(folder, 'PWNED')} #`

  test('is run by node-webcam', async () => {
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
    expect(() => snapshotsOf(deps({ device }))).toThrow(UnsafeDevice)
  })

  test('nor may it be in the path of a still', () => {
    expect(() => snapshotsOf(deps({ folder: `${folder}/$(id)` }))).toThrow(UnsafeDevice)
  })
})

describe('an old picture where the new one should be', () => {
  test('is shown as the new one by node-webcam', async () => {
    const path = join(folder, 'shot.jpg')
    writeFileSync(path, 'yesterday')
    expect(await plainly('/dev/null', path)).toBe(path)
  })

  test('is never shown here: a camera that gives nothing is trouble', async () => {
    expect(await snapshotsOf(deps({ device: '/dev/null' }))()).toEqual({ trouble: 'silent' })
  })

  test('not even if a program puts it where the new one should be', async () => {
    const old = join(folder, 'old.jpg')
    spawnSync('fswebcam', ['-q', '-d', 'TEST', '-r', '320x240', '--jpeg', '80', old])
    const program = join(folder, 'fswebcam')
    writeFileSync(
      program,
      `#!/bin/sh\nfor last; do :; done\ntouch -d '2 hours ago' ${old}\ncp -p ${old} "$last"\n`,
    )
    chmodSync(program, 0o755)
    expect(await snapshotsOf(deps({ program }))()).toEqual({ trouble: 'silent' })
    writeFileSync(program, `#!/bin/sh\nfor last; do :; done\ncp ${old} "$last"\n`)
    expect(await snapshotsOf(deps({ program }))()).toHaveProperty('frame')
  })
})

describe('a program that hangs', () => {
  test('is waited for by node-webcam for ever', async () => {
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

  test('is ended here, and is trouble', async () => {
    const startedAt = performance.now()
    const shoot = snapshotsOf(deps({ program: stuckProgram(), shotWithinMs: 300 }))
    expect(await shoot()).toEqual({ trouble: 'silent' })
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    const snapshot = () => programsOf().filter(({ words }) => words.join(' ').includes(folder))
    await expect.poll(snapshot).toEqual([])
  })

  test('within five seconds even where nobody set a limit', async () => {
    const startedAt = performance.now()
    await snapshotsOf(deps({ program: stuckProgram() }))()
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })
})

describe('a file that is no picture', () => {
  test('is one to node-webcam, as is nothing at all', async () => {
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
    expect(await snapshotsOf(deps({ program }))()).toEqual({ trouble: 'silent' })
  })
})

test('a device that is not there is unplugged, and is tried again', async () => {
  const camera = webcamCamera(deps({ device: '/dev/video77' }))
  const { troubles, ...watcher } = watching()
  camera.start({ ...watcher, trouble: (trouble) => troubles.push(trouble) })
  await expect.poll(() => troubles.length).toBeGreaterThan(1)
  await camera.stop()
  expect(new Set(troubles)).toEqual(new Set(['unplugged']))
})

test('its pictures are fit to be sent', async () => {
  const shot = await snapshotsOf(deps({ widthPx: 1280, heightPx: 720 }))()
  const jpeg = 'frame' in shot ? shot.frame.jpeg : new Uint8Array()
  expect(jpegSize(jpeg)).toEqual({ widthPx: 1280, heightPx: 720 })
  expect(jpeg.length).toBeLessThan(100_000)
})
