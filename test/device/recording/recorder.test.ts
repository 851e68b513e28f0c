/** Real pictures through the real encoder and uplink, to a stand-in that checks them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mjpegSplitter } from '../../../device/camera/drivers/mjpeg-frames.ts'
import type { Recording } from '../../../device/daemon/ports.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { FfmpegEncoder } from '../../../device/recording/encoder/ffmpeg.ts'
import { Recorder } from '../../../device/recording/recorder.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { programsOf } from '../../support/child-programs.ts'
import { patientClock } from '../../support/patient-clock.ts'
import { ffmpeg } from '../../support/video/video-frames.ts'
import { type TestedUplink, testedUplink } from '../../support/video/video-uplink.ts'

const [first, second] = ['aa', 'bb'].map((byte, at) => ({
  visitId: byte.repeat(16),
  number: at + 1,
}))
const startMs = Date.UTC(2026, 5, 1, 12)
const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=10', '-frames:v', '60']
const jpegs = mjpegSplitter()
  .push(await ffmpeg([...source, '-f', 'mjpeg', '-']))
  .map(({ jpeg }) => jpeg)

let standIn: AwsServer
let tested: TestedUplink
let recording: Recording

beforeEach(async () => {
  standIn = await startAws({ videoStreams: ['front'] })
  tested = testedUplink(standIn)
  const clock = systemClock({ source: 'host' })
  const patient = patientClock(clock)
  recording = new Recorder({
    encoder: new FfmpegEncoder({ clock: patient, framesPerSecond: 10 }),
    uplink: tested.uplink,
    clock: { ...clock, monotonicMs: patient.monotonicMs },
    log: { info() {}, warn() {}, error() {} },
  })
})
afterEach(async () => {
  await recording.stop()
  await tested.close()
  await standIn.close()
})

const stored = () => standIn.video.stream('front').fragments
const frames = (visitId = '') =>
  stored()
    .filter(({ tags }) => tags['VISIT_ID'] === visitId)
    .reduce((sum, { blocks }) => sum + blocks.length, 0)

const everyFrame = () => stored().reduce((sum, { blocks }) => sum + blocks.length, 0)

const encoders = () => programsOf().filter(({ words }) => words.includes('libx264'))

test('every picture arrives, including the earlier ones that come all at once', async () => {
  if (!first) return
  recording.begin(first)
  for (const [at, jpeg] of jpegs.entries()) recording.picture(jpeg, startMs + at * 100)
  recording.end()
  await expect.poll(() => frames(first.visitId)).toBe(60)
  expect(stored().every(({ tags }) => tags['VISIT_NUMBER'] === '1')).toBe(true)
  expect(stored()[0]?.producerMs).toBe(startMs)
  expect(standIn.video.findings).toEqual([])
  await expect.poll(encoders).toEqual([])
})

test('a visit that begins while the last one is being finished has its own recording', async () => {
  if (!first || !second) return
  recording.begin(first)
  for (const [at, jpeg] of jpegs.slice(0, 30).entries()) recording.picture(jpeg, startMs + at * 100)
  recording.end()
  recording.begin(second)
  for (const [at, jpeg] of jpegs.slice(30).entries())
    recording.picture(jpeg, startMs + 5_000 + at * 100)
  recording.end()
  const both = () => [first, second].map(({ visitId }) => frames(visitId))
  await expect.poll(both).toEqual([30, 30])
  expect(standIn.video.findings).toEqual([])
})

test('an incomplete picture is left out, and delays nothing', async () => {
  if (!first) return
  recording.begin(first)
  for (const [at, jpeg] of jpegs.slice(0, 40).entries()) {
    recording.picture(at === 10 ? jpeg.subarray(0, 500) : jpeg, startMs + at * 100)
  }
  await expect.poll(() => stored().length).toBeGreaterThan(0)
  recording.end()
  await expect.poll(() => frames(first.visitId)).toBe(39)
})

test('a visit that begins directly after another shares no fragment with it', async () => {
  if (!first || !second) return
  recording.begin(first)
  expect(encoders()).toHaveLength(1)
  for (const [at, jpeg] of jpegs.slice(0, 24).entries()) recording.picture(jpeg, startMs + at * 100)
  recording.end()
  await expect.poll(encoders).toEqual([])
  recording.begin(second)
  for (const [at, jpeg] of jpegs.slice(24, 44).entries())
    recording.picture(jpeg, startMs + 2_600 + at * 100)
  recording.end()
  const both = () => [first, second].map(({ visitId }) => frames(visitId))
  await expect.poll(both).toEqual([24, 20])
  expect(standIn.video.findings).toEqual([])
})

test('a visit that begins during a live view does not interrupt it', async () => {
  if (!first) return
  let atMs = startMs
  const show = (count: number) => {
    for (const jpeg of jpegs.slice(0, count)) {
      recording.picture(jpeg, atMs)
      atMs += 100
    }
  }
  recording.begin(null)
  show(30)
  const whose = () => stored().map(({ tags }) => tags['VISIT_NUMBER'])
  await expect.poll(() => whose().length).toBeGreaterThan(0)
  const before = encoders()
  recording.begin(first)
  show(20)
  await expect.poll(whose).toContain('1')
  recording.begin(null)
  show(20)
  await expect.poll(() => whose().length).toBeGreaterThan(2)
  expect(encoders()).toEqual(before)
  recording.end()
  await expect.poll(everyFrame).toBe(70)
  // The encoder decides where a fragment ends, by the time that has passed.
  const inTurn = whose().filter((one, at, all) => at === 0 || one !== all[at - 1])
  expect(inTurn).toEqual([undefined, '1', undefined])
  // The fragments in which the visit begins and ends belong to it.
  expect(frames(first.visitId)).toBeGreaterThan(20)
  expect(standIn.video.findings).toEqual([])
})

test('the recording of a live view belongs to no visit', async () => {
  recording.begin(null)
  for (const [at, jpeg] of jpegs.slice(0, 20).entries()) recording.picture(jpeg, startMs + at * 100)
  recording.end()
  await expect.poll(everyFrame).toBe(20)
  expect(stored().map(({ tags }) => tags)).toEqual(stored().map(() => ({})))
  expect(standIn.video.findings).toEqual([])
})

test('without a visit no encoder runs', () => {
  recording.picture(jpegs[0] ?? new Uint8Array(), startMs)
  expect(encoders()).toEqual([])
})
