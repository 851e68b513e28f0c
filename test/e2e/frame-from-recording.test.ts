/**
 * From the camera to the cloud and back: pictures, the door's film of them, Kinesis Video, what a
 * stream processor says about one moment, and the picture that the real function cuts out for it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../../device/host/clock.ts'
import { FfmpegEncoder } from '../../device/recording/encoder/ffmpeg.ts'
import { Recorder } from '../../device/recording/recorder.ts'
import { KinesisVideoUplink } from '../../device/recording/upload/uplink.ts'
import type { StoredFragment } from '../../simulation/aws/kinesis-video/streams.ts'
import { type CloudHome, cloudHome, doorId, newId } from '../support/cloud/cloud-home.ts'
import { patientClock } from '../support/patient-clock.ts'
import { hasProgram } from '../support/programs.ts'
import { numbered, numberIn } from '../support/video/numbered-pictures.ts'
import { credentials } from '../support/video/video-uplink.ts'

const size = { widthPx: 640, heightPx: 480 }
const pictures = 50
const everyMs = 100
const visitId = newId()
const patienceMs = 60_000

let home: CloudHome
let startMs = 0
let fragments: readonly StoredFragment[] = []

const isHere = hasProgram('ffmpeg')

beforeAll(async () => {
  if (!isHere) return
  home = await cloudHome()
  startMs = home.clock.nowMs() - 10_000
  await recording()
  fragments = home.aws.video.stream(doorId).fragments
})
afterAll(() => home?.close())

/** As a door films a visit, only faster than it lasts. */
async function recording(): Promise<void> {
  // Drawn first: it takes long, and whoever is fed meanwhile would seem to stand still.
  const drawn = Array.from({ length: pictures }, (_, nth) => numbered(nth, size))
  const folder = mkdtempSync(join(tmpdir(), 'recording-'))
  const clock = systemClock({ source: 'host' })
  const encoder = new FfmpegEncoder({
    clock: patientClock(clock),
    framesPerSecond: 1_000 / everyMs,
  })
  const recorded = new Recorder({
    encoder,
    uplink: new KinesisVideoUplink({
      region: home.aws.region,
      controlUrl: home.aws.url,
      streamName: doorId,
      clock,
      credentials: async () => credentials,
      random: Math.random,
      folder,
      report() {},
    }),
    clock,
    log: { info() {}, warn() {}, error() {} },
  })
  recorded.begin({ visitId, number: 7 })
  for (const [nth, jpeg] of drawn.entries()) recorded.picture(jpeg, startMs + nth * everyMs)
  // At the end of a visit there are seconds for what still waits, and here it all comes at once.
  const encoded = () => encoder.figures().framesIn === pictures
  await vi.waitUntil(encoded, { timeout: patienceMs })
  recorded.end()
  const stored = () => home.aws.video.stream(doorId).fragments
  const allOfIt = () => stored().flatMap(({ blocks }) => blocks).length >= pictures
  await vi.waitUntil(allOfIt, { timeout: patienceMs })
  await recorded.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** What a stream processor says that it saw at a moment, of somebody who fills the picture. */
function recordAt(nth: number): { readonly event: unknown; readonly takenAtMs: number } {
  const takenAtMs = startMs + nth * everyMs
  const fragment = fragments.findLast(({ producerMs }) => producerMs <= takenAtMs)
  if (!fragment) throw new Error('there is no fragment of that time')
  const { number: FragmentNumber, producerMs, serverMs } = fragment
  const BoundingBox = { Left: 0, Top: 0, Width: 1, Height: 1 }
  const Quality = { Brightness: 60, Sharpness: 90 }
  // Whoever is not to be told of is looked up nowhere else, so only the picture is left to look at.
  const somebody = { Similarity: 99.5, Face: { ExternalImageId: `blocked-${newId()}` } }
  const said = {
    InputInformation: {
      KinesisVideo: {
        StreamArn: home.aws.video.stream(doorId).arn,
        ...{ FragmentNumber, ServerTimestamp: serverMs / 1_000 },
        ProducerTimestamp: producerMs / 1_000,
        FrameOffsetInSeconds: (takenAtMs - producerMs) / 1_000,
      },
    },
    FaceSearchResponse: [
      { DetectedFace: { BoundingBox, Confidence: 99.9, Quality }, MatchedFaces: [somebody] },
    ],
  }
  const data = Buffer.from(JSON.stringify(said)).toString('base64')
  return { event: { Records: [{ kinesis: { sequenceNumber: String(nth), data } }] }, takenAtMs }
}

async function pictureAt(nth: number): Promise<Uint8Array> {
  const { event, takenAtMs } = recordAt(nth)
  const done = await home.functions.sightingFromStream(event)
  expect(done.batchItemFailures).toEqual([])
  const face = await home.deps.photos.read(`faces/${doorId}/${visitId}/${takenAtMs}-1.jpg`)
  if (!face) throw new Error('there is no picture of that moment')
  return face.bytes
}

test.skipIf(!isHere)(
  isHere
    ? 'a moment in the film is the picture that the camera took then'
    : 'ffmpeg is not installed, so there is no film to take a picture from',
  async () => {
    expect(home.aws.video.findings).toEqual([])
    // Two seconds each, or less where the machine made the encoder pause.
    const lengths = fragments.map(({ blocks }) => blocks.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(20)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(pictures)
    const wanted = [0, 1, 19, 20, 33, 39, 40, 49]
    const found: number[] = []
    for (const nth of wanted) found.push(numberIn(await pictureAt(nth)))
    expect(found).toEqual(wanted)
    const visit = await home.deps.visits.find({ household: 'maple-street', doorId, visitId })
    expect(visit).toMatchObject({ visitId, number: 7 })
  },
)
