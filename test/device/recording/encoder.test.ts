/** The encoder with the real ffmpeg, also when it is killed, stopped or replaced by a script. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../device/host/clock.ts'
import type { AccessUnit } from '../../../device/recording/core/access-units.ts'
import {
  encoderLimits,
  type FfmpegDeps,
  FfmpegEncoder,
} from '../../../device/recording/encoder/ffmpeg.ts'
import type { EncoderEvent, VideoEncoder } from '../../../device/recording/ports.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { jpegs } from '../../support/video/video-frames.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
let frames: readonly Buffer[] = []
let folder = ''
let encoder: VideoEncoder
let events: EncoderEvent[] = []
let units: { readonly unit: AccessUnit; readonly atMs: number }[] = []
let stopFeeding = () => {}

beforeAll(async () => {
  frames = await jpegs({ frames: 50 })
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'encoder-'))
})
afterEach(async () => {
  stopFeeding()
  await encoder.stop()
  rmSync(folder, { recursive: true })
})

function started(deps: Partial<FfmpegDeps> = {}): void {
  events = []
  units = []
  encoder = new FfmpegEncoder({
    clock: systemClock({ source: 'host' }),
    framesPerSecond: 10,
    ...deps,
  })
  encoder.start({
    unit: (unit, atMs) => units.push({ unit, atMs }),
    event: (event) => events.push(event),
  })
}

/** A script in place of ffmpeg, which writes down its process id. */
function program(line: string): string {
  const path = join(folder, 'program')
  writeFileSync(path, `#!/bin/sh\necho $$ > ${folder}/pid\n${line}\n`)
  chmodSync(path, 0o700)
  return path
}
const pid = () => Number(readFileSync(join(folder, 'pid'), 'utf8'))

function feed(): void {
  let at = 0
  const timer = setInterval(() => {
    const jpeg = frames[at % frames.length]
    if (jpeg) encoder.frame(jpeg, startMs + at * 100)
    at += 1
  }, 20)
  stopFeeding = () => clearInterval(timer)
}

const losses = () => events.flatMap((one) => (one.kind === 'lost' ? [one] : []))
const framesSince = (count: number) => expect.poll(() => units.length).toBeGreaterThan(count + 10)

describe('the encoder', () => {
  it('returns every frame with the time it was taken, and a key frame every two seconds', async () => {
    started()
    for (const [at, jpeg] of frames.entries()) {
      await expect.poll(() => encoder.frame(jpeg, startMs + at * 100)).toBe(true)
    }
    await encoder.stop()
    expect(units.map(({ atMs }) => atMs)).toEqual(frames.map((_, at) => startMs + at * 100))
    const keys = units.flatMap(({ unit }, at) => (unit.isKey ? [at] : []))
    expect(keys[0]).toBe(0)
    // Sooner if a busy machine paused ffmpeg, as with a slow camera.
    for (const [nth, at] of keys.entries()) {
      expect((keys[nth + 1] ?? frames.length) - at).toBeLessThanOrEqual(20)
    }
    expect(units[0]?.unit.track).toMatchObject({ width: 320, height: 240 })
    expect(encoder.figures()).toMatchObject({ framesIn: 50, unitsOut: 50, framesLost: 0 })
  })

  it('gives a key frame every two seconds also for a slow camera', async () => {
    started()
    let at = 0
    const timer = setInterval(() => {
      const jpeg = frames[at % frames.length]
      if (jpeg) encoder.frame(jpeg, startMs + at * 500)
      at += 1
    }, 500)
    stopFeeding = () => clearInterval(timer)
    const keys = () => units.flatMap(({ unit }, nth) => (unit.isKey ? [nth] : []))
    await expect.poll(() => keys().length).toBeGreaterThan(2)
    const apart = keys()
      .map((nth, place, all) => nth - (all[place - 1] ?? 0))
      .slice(1)
    // A fixed group would be 20 frames; on a busy machine frames come in bursts.
    for (const frames of apart) expect(frames).toBeLessThan(10)
  })

  it('returns a frame as soon as the next one begins', async () => {
    started()
    for (const [at, jpeg] of frames.slice(0, 2).entries()) {
      await expect.poll(() => encoder.frame(jpeg, startMs + at * 100)).toBe(true)
    }
    await expect.poll(() => units.length).toBe(1)
    expect(losses()).toEqual([])
  })

  it('leaves out an incomplete picture, which would make all times wrong', () => {
    started()
    expect(encoder.frame(frames[0]?.subarray(0, 500) ?? Buffer.alloc(0), startMs)).toBe(true)
    expect(encoder.figures()).toMatchObject({ framesIn: 0, framesBroken: 1 })
  })

  it('is replaced within five seconds when it is killed', async () => {
    started({ program: program('exec ffmpeg "$@"') })
    feed()
    await framesSince(0)
    process.kill(pid(), 'SIGKILL')
    await expect.poll(losses).toHaveLength(1)
    await framesSince(units.length)
    expect(losses()).toMatchObject([{ why: 'ended', backInMs: 500 }])
    expect(units.findLast(({ unit }) => unit.isKey)).toBeDefined()
  })

  it('is replaced within five seconds when it hangs', async () => {
    started({ program: program('exec ffmpeg "$@"'), limits: { stuckMs: 1_500 } })
    feed()
    await framesSince(0)
    process.kill(pid(), 'SIGSTOP')
    await expect.poll(() => losses()[0]?.why).toBe('stuck')
    await framesSince(units.length)
    // The configured delays only; the start of a process depends on the machine.
    const { stuckMs, firstRestMs } = encoderLimits
    expect(stuckMs + firstRestMs).toBeLessThan(4_000)
  })

  it('is replaced when it never returns a frame', async () => {
    started({ program: program('exec sleep 100'), limits: { firstUnitMs: 200, firstRestMs: 5 } })
    feed()
    await expect.poll(() => losses()[0]?.why).toBe('stuck')
  })

  it('has longer for its first frame, because a busy machine starts programs slowly', async () => {
    const slow = 'sleep 0.5; exec ffmpeg "$@"'
    started({ program: program(slow), limits: { firstUnitMs: 30_000, stuckMs: 100 } })
    feed()
    await expect.poll(() => units.length).toBeGreaterThan(0)
    expect(encoder.figures().starts).toBe(1)
  })

  it('is not replaced when the camera pauses', async () => {
    const clock = manualClock()
    started({ clock })
    const give = (count: number) => {
      for (const jpeg of frames.slice(0, count)) encoder.frame(jpeg, startMs)
    }
    give(1)
    clock.advance(60_000)
    give(9)
    // The last frame is complete only when another one begins.
    await expect.poll(() => units.length).toBe(9)
    clock.advance(60_000)
    give(1)
    await expect.poll(() => units.length).toBe(10)
    expect(losses()).toEqual([])
  })

  it('is replaced after growing rests of at most half a minute when it produces garbage', async () => {
    const limits = { firstRestMs: 5, longestRestMs: 30, garbageBytes: 10_000 }
    started({ program: program('exec yes garbage'), limits })
    await expect.poll(() => losses().length).toBeGreaterThan(5)
    expect(losses().every(({ why }) => why === 'garbage')).toBe(true)
    expect(
      losses()
        .slice(0, 5)
        .map((one) => one.backInMs),
    ).toEqual([5, 10, 20, 30, 30])
    expect(units).toEqual([])
  })

  it('is reported when it is not installed', async () => {
    started({ program: '/nowhere/ffmpeg' })
    await expect.poll(losses).toEqual([{ kind: 'lost', why: 'absent', backInMs: 30_000 }])
    expect(encoder.frame(frames[0] ?? Buffer.alloc(0), startMs)).toBe(false)
  })

  it('leaves no process running when it is stopped, even one that ignores its input', async () => {
    started({ program: program("trap '' TERM PIPE; while :; do sleep 0.05; done") })
    await expect.poll(pid).toBeGreaterThan(0)
    const number = pid()
    await encoder.stop()
    expect(() => process.kill(number, 0)).toThrow()
    expect(losses()).toEqual([])
  })
})
