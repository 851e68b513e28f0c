/** The camera driver with the real ffmpeg and generated pictures, and with scripts in its place. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type FfmpegCameraDeps,
  type FfmpegInput,
  ffmpegArguments,
  ffmpegCamera,
  ffmpegInput,
} from '../../../device/camera/drivers/ffmpeg.ts'
import type { Camera } from '../../../device/daemon/ports.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { cameraContract, cameraSize, greySize, watching } from '../../contracts/device/camera.ts'
import { programsOf } from '../../support/child-programs.ts'
import { isProof } from '../../support/effort.ts'

const drawn = (size = '640x480', rate = 30): FfmpegInput => ({
  words: ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`],
})

const logged: object[] = []
const camera = (changed: Partial<FfmpegCameraDeps> = {}): Camera =>
  ffmpegCamera({
    clock: systemClock({ source: 'host' }),
    log: { info() {}, warn: (data) => logged.push(data), error() {} },
    input: drawn(),
    ...cameraSize,
    framesPerSecond: 10,
    grey: greySize,
    ...changed,
    limits: { stuckMs: 1_000, firstRestMs: 50, ...changed.limits },
  })

cameraContract('camera-ffmpeg', () => ({
  camera: camera(),
  isVictim: ([program]) => program === 'ffmpeg',
  end() {},
}))

describe('trouble', () => {
  let folder: string
  let started: Camera | null = null
  const seen = () => {
    const watched = watching()
    started?.start(watched)
    return watched
  }

  /** A script in place of ffmpeg. */
  function pretender(script: string): string {
    const path = join(folder, 'ffmpeg')
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'camera-'))
  })
  afterEach(async () => {
    await started?.stop()
    rmSync(folder, { recursive: true })
  })

  test('a missing device is reported as unplugged, and tried again', async () => {
    started = camera({
      input: ffmpegInput({ ...cameraSize, framesPerSecond: 5, device: '/dev/video77' }),
    })
    const { troubles } = seen()
    await expect.poll(() => troubles.length).toBeGreaterThan(1)
    expect(new Set(troubles)).toEqual(new Set(['unplugged']))
  })

  test('a refused connection is reported as unplugged', async () => {
    const device = 'rtsp://127.0.0.1:9/front'
    started = camera({ input: ffmpegInput({ ...cameraSize, framesPerSecond: 5, device }) })
    const { troubles } = seen()
    await expect.poll(() => troubles[0]).toBe('unplugged')
  })

  test.each([
    ['busy', 'echo "/dev/video0: Device or resource busy" >&2; exit 1'],
    ['unusable', 'echo "Inappropriate ioctl for device" >&2; exit 1'],
    ['unusable', 'cat /dev/urandom'],
    ['unusable', 'yes garbage'],
    ['silent', 'exec sleep 60'],
    ['silent', 'exit 0'],
  ] as const)('%s: %s', async (trouble, script) => {
    // On a busy machine a script that has output must not seem silent.
    const firstPictureMs = script.includes('sleep') ? 300 : 60_000
    started = camera({ program: pretender(script), limits: { firstPictureMs } })
    const { troubles, pictures } = seen()
    await expect.poll(() => troubles[0]).toBe(trouble)
    expect(pictures).toEqual([])
  })

  test('a missing ffmpeg is reported as unusable', async () => {
    started = camera({ program: join(folder, 'nothing') })
    const { troubles } = seen()
    await expect.poll(() => troubles[0]).toBe('unusable')
  })

  test('rests grow while the camera does not work', async () => {
    const clockless = logged.length
    started = camera({
      program: pretender('exit 1'),
      limits: { firstRestMs: 20, longestRestMs: 80 },
    })
    seen()
    const rests = () =>
      logged.slice(clockless).flatMap((data) => ('backInMs' in data ? [data.backInMs] : []))
    await expect.poll(() => rests().slice(0, 5)).toEqual([20, 40, 80, 80, 80])
  })

  test('output of the program is never logged: an address may hold a password', async () => {
    const program = pretender('echo "rtsp://door:hunter2@10.0.0.9: Connection refused" >&2; exit 1')
    started = camera({ program })
    const { troubles } = seen()
    await expect.poll(() => troubles[0]).toBe('unplugged')
    expect(JSON.stringify(logged)).not.toContain('hunter2')
  })
})

describe('a network camera', () => {
  const password = 'let+me.in%2Fplease'
  const authorization = `Basic ${btoa('owner:let+me.in/please')}`
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  /** A network camera that serves ffmpeg's test pictures to callers with the password. */
  async function webCamera(): Promise<string> {
    const server = createServer((request, response) => {
      if (request.headers.authorization !== authorization) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end()
        return
      }
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=ffmpeg' })
      const pictures = spawn('ffmpeg', [
        ...['-loglevel', 'error', ...drawn('320x240', 10).words, '-f', 'mpjpeg', '-'],
      ])
      pictures.stdout.pipe(response)
      response.once('close', () => pictures.kill('SIGKILL'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    )
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const allArguments = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        } catch {
          return ''
        }
      })

  test('gives pictures, and the password is in no list of processes', async () => {
    const device = `http://owner:${password}@${await webCamera()}/front`
    const started = camera({ input: ffmpegInput({ ...cameraSize, framesPerSecond: 5, device }) })
    const watched = watching()
    started.start(watched)
    await expect.poll(() => watched.pictures.length).toBeGreaterThan(3)
    const shown = allArguments().filter((words) => words.includes(password))
    await started.stop()
    expect(shown).toEqual([])
    expect(watched.troubles).toEqual([])
  })

  test('gets user and password over RTSP and TCP', async () => {
    const asked: string[] = []
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        asked.push(bytes.toString('latin1'))
        const number = /CSeq: (\d+)/.exec(bytes.toString('latin1'))?.[1]
        const challenge = 'WWW-Authenticate: Basic realm="camera"'
        socket.write(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${number}\r\n${challenge}\r\n\r\n`)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const device = `rtsp://owner:${password}@127.0.0.1:${(server.address() as AddressInfo).port}/front`
    const started = camera({ input: ffmpegInput({ ...cameraSize, framesPerSecond: 5, device }) })
    const watched = watching()
    started.start(watched)
    await expect.poll(() => asked.join()).toContain(`Authorization: ${authorization}`)
    await expect.poll(() => watched.troubles.length).toBeGreaterThan(0)
    await started.stop()
    expect(JSON.stringify(logged)).not.toContain(password)
  })
})

describe('the picture rate', () => {
  const tenSeconds = (rate: number, times = 'PTS') =>
    `testsrc2=size=320x240:rate=${rate}:duration=10,settb=1/1000,setpts=${times}`
  const rates: [string, string, number][] = [
    ['two in three', tenSeconds(15), 100],
    ['all, though the clock is set back', tenSeconds(10, 'PTS+lt(N\\,50)*3600/TB'), 100],
    ['as many as wanted', tenSeconds(10), 100],
    ['as many as there are', tenSeconds(4), 40],
    ['one in three', tenSeconds(30), 100],
    ['all of a camera that is not regular', tenSeconds(10, 'PTS+(random(1)-0.5)*0.09/TB'), 100],
    ['all, though two come at once', tenSeconds(10, 'PTS-mod(N+1\\,2)*0.09/TB'), 100],
  ]
  test.each(isProof ? rates : rates.slice(0, 2))('%s', async (_, source, wanted) => {
    const shown = watching()
    const once = camera({
      input: { words: ['-f', 'lavfi', '-i', source] },
      limits: { firstRestMs: 60_000 },
    })
    once.start(shown)
    await expect.poll(() => shown.pictures.length).toBeGreaterThan(0)
    await expect
      .poll(() => programsOf().filter(({ words }) => words[0]?.includes('ffmpeg')))
      .toEqual([])
    // The last ones may not have been read yet.
    await expect.poll(() => shown.pictures.length).toBeGreaterThanOrEqual(wanted)
    await once.stop()
    expect(shown.pictures.length).toBe(wanted)
  })
})

describe('the arguments of ffmpeg', () => {
  test('read a device at its own pace, and buffer nothing', () => {
    const input = ffmpegInput({ ...cameraSize, framesPerSecond: 5, device: '/dev/video0' })
    const words = ffmpegArguments({ input, ...cameraSize, framesPerSecond: 5, grey: greySize })
    expect(words.join(' ')).toContain('-f v4l2 -framerate 5 -video_size 320x240 -i /dev/video0')
    expect(words).not.toContain('-re')
  })

  test('do not let a server make ffmpeg read local files', async () => {
    const list = '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n'
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(list)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const device = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live.m3u8`
    const odd = camera({ input: ffmpegInput({ ...cameraSize, framesPerSecond: 5, device }) })
    const { troubles, pictures, ...watcher } = watching()
    odd.start({ ...watcher, trouble: (trouble) => troubles.push(trouble) })
    await expect.poll(() => troubles.length).toBeGreaterThan(0)
    await odd.stop()
    server.closeAllConnections()
    server.close()
    expect(pictures).toEqual([])
  })

  test('limit the picture rate', async () => {
    const fast = camera({ input: drawn('320x240', 30), framesPerSecond: 5 })
    const watched = watching()
    fast.start(watched)
    await expect.poll(() => watched.pictures.length).toBeGreaterThan(0)
    const startedAt = performance.now()
    const before = watched.pictures.length
    await expect.poll(() => watched.pictures.length).toBeGreaterThan(before + 6)
    const seconds = (performance.now() - startedAt) / 1_000
    await fast.stop()
    expect((watched.pictures.length - before) / seconds).toBeLessThan(9)
  })

  test('fit an odd size into the wanted one without distortion', async () => {
    const upright = camera({ input: drawn('480x640', 10) })
    const watched = watching()
    upright.start(watched)
    await expect.poll(() => watched.pictures.length).toBeGreaterThan(0)
    await upright.stop()
    expect(watched.pictures[0]).toMatchObject({ widthPx: 180, heightPx: 240 })
  })
})
