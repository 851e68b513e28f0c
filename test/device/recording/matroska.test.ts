/**
 * The Matroska writer, checked with mkvinfo, ffmpeg, and a linter that is stricter than the
 * service.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessUnit } from '../../../device/recording/core/access-units.ts'
import { fragmenter } from '../../../device/recording/core/fragments.ts'
import { type FragmentTags, matroskaHeader } from '../../../device/recording/core/matroska.ts'
import { isAvcC } from '../../../simulation/aws/kinesis-video/h264.ts'
import {
  type Finding,
  type LintedFragment,
  Linter,
} from '../../../simulation/aws/kinesis-video/lint.ts'
import { isProof } from '../../support/effort.ts'
import { accessUnits, ffmpeg, h264 } from '../../support/video/video-frames.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
const framePauseMs = 100
const frames = 100
const folder = mkdtempSync(join(tmpdir(), 'matroska-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(units: readonly AccessUnit[], tags: FragmentTags = {}): Buffer {
  const parts: Uint8Array[] = []
  const fragments = fragmenter(() => tags)
  const steps = units.flatMap((unit, at) => fragments.frame(unit, startMs + at * framePauseMs))
  for (const step of [...steps, ...fragments.complete()]) {
    if (step.kind === 'opened' && parts.length === 0)
      parts.push(matroskaHeader(step.track, Buffer.alloc(16, 7)))
    if (step.kind === 'grew') parts.push(...step.parts)
    if (step.kind === 'completed' && step.bytes) parts.push(step.bytes)
  }
  return Buffer.concat(parts)
}

function linted(bytes: Uint8Array) {
  const found: Finding[] = []
  const fragments: LintedFragment[] = []
  const judge = new Linter({
    finding: (finding) => found.push(finding),
    fragment: (fragment) => fragments.push(fragment),
  })
  judge.push(bytes)
  judge.end()
  return { found, fragments }
}

describe('the writer', () => {
  let units: readonly AccessUnit[] = []
  let file: Buffer = Buffer.alloc(0)
  const tags = { visit: 'a-visit', AWS_KINESISVIDEO_IMAGE_GENERATION: '' }
  beforeAll(async () => {
    units = await accessUnits({ frames })
    file = written(units, tags)
  })

  it('writes every frame, in one cluster per fragment of two seconds', () => {
    const { found, fragments } = linted(file)
    expect(found).toEqual([])
    expect(fragments.map((one) => one.frames)).toEqual([20, 20, 20, 20, 20])
    expect(fragments.map((one) => one.timecodeMs)).toEqual(
      [0, 2_000, 4_000, 6_000, 8_000].map((ms) => startMs + ms),
    )
    expect(fragments.map((one) => one.tags)).toEqual(Array(5).fill(tags))
  })

  it('gives no warning in mkvinfo', () => {
    const path = join(folder, 'whole.mkv')
    writeFileSync(path, file)
    const output = execFileSync('mkvinfo', ['--ui-language', 'en_US', '-v', '-v', path], {
      encoding: 'utf8',
    })
    expect(output.match(/\+ Cluster$/gm) ?? output.match(/^\|\+ Cluster/gm)).toHaveLength(5)
    expect(output.match(/Simple block/g)).toHaveLength(frames)
    expect(output).toMatch(/H\.264 profile: Baseline|Constrained baseline/i)
    expect(output).not.toMatch(/unknown element|error|invalid|EBML void|warning|skipped/i)
  })

  it('plays back exactly the pictures that were encoded', async () => {
    const stream = await h264({ frames })
    const hashes = (format: string, input: Buffer) =>
      ffmpeg(['-f', format, '-i', '-', '-f', 'framemd5', '-'], input).then((text) =>
        text
          .toString()
          .split('\n')
          .filter((line) => /^\d/.test(line))
          .map((line) => line.split(',').at(-1)),
      )
    const [before, after] = await Promise.all([hashes('h264', stream), hashes('matroska', file)])
    expect(before).toHaveLength(frames)
    expect(after).toEqual(before)
  })

  it('adds less than 1 % to the video', async () => {
    const stream = await h264({ frames })
    // The frames are small here, so that even a few bytes matter; the benchmark has real ones.
    expect(file.length / stream.length - 1).toBeLessThan(0.01)
  })

  // The encoder makes baseline.
  const profiles = isProof ? ['baseline', 'main', 'high'] : ['baseline']
  it.each(profiles)('writes the same codec data as ffmpeg, %s profile', async (profile) => {
    const size = '322x182'
    const more = ['-profile:v', profile]
    const [unit] = await accessUnits({ frames: 1, size, more })
    const mkv = await ffmpeg(
      ['-f', 'h264', '-i', '-', '-c', 'copy', '-f', 'matroska', '-'],
      await h264({ frames: 20, size, more }),
    )
    const at = mkv.indexOf(Buffer.from([0x63, 0xa2]))
    const length = (mkv[at + 2] ?? 0) & 0x7f
    expect(unit?.track.avcC.toString('hex')).toBe(
      mkv.subarray(at + 3, at + 3 + length).toString('hex'),
    )
    expect(unit?.track).toMatchObject({ width: 322, height: 182 })
    expect(isAvcC(unit?.track.avcC ?? Buffer.alloc(0))).toBe(true)
  })
})

describe('a fragment', () => {
  it('lasts at least a second, and no frame goes back in time', async () => {
    const units = await accessUnits({ frames: 100, framesPerSecond: 50, more: ['-g', '10'] })
    const fragments = fragmenter(() => ({}))
    const steps = units.flatMap((unit, at) =>
      fragments.frame(unit, startMs + at * 20 - (at % 7 === 0 ? 500 : 0)),
    )
    const bytes = steps.flatMap((step) => (step.kind === 'grew' ? step.parts : []))
    const [unit] = units
    if (!unit) throw new Error('there are no frames')
    const { found, fragments: seen } = linted(
      Buffer.concat([matroskaHeader(unit.track, Buffer.alloc(16)), ...bytes]),
    )
    expect(found).toEqual([])
    expect(seen.reduce((sum, one) => sum + one.frames, 0)).toBe(100)
  })

  it('without a key frame ends before the limit of the service, and the next waits for one', async () => {
    const [key, other] = await accessUnits({ frames: 2 })
    if (!key || !other) throw new Error('there are no frames')
    const fragments = fragmenter(() => ({}))
    const kinds = Array.from({ length: 250 }, (_, at) =>
      fragments
        .frame(at === 0 || at === 249 ? key : other, startMs + at * framePauseMs)
        .map((step) => step.kind),
    ).flat()
    expect(kinds.filter((kind) => kind === 'opened')).toHaveLength(2)
    expect(kinds.filter((kind) => kind === 'grew').length).toBe(197)
    expect(fragments.leftOut()).toBe(53)
  })
})
