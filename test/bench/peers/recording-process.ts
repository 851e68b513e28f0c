/**
 * Records as a door does during a visit: ten images a second, encoded by ffmpeg and uploaded at once.
 * Prints the cost of this process.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as passing } from 'node:timers/promises'
import { systemClock } from '../../../device/host/clock.ts'
import { FfmpegEncoder } from '../../../device/recording/encoder/ffmpeg.ts'
import { Recorder } from '../../../device/recording/recorder.ts'
import { KinesisVideoUplink } from '../../../device/recording/upload/uplink.ts'

const [endpoint = '', caPath = '', picturesPath = '', folder = '', seconds = ''] =
  process.argv.slice(2)
const framesPerSecond = 10
const pauseMs = 1_000 / framesPerSecond
const frames = Number(seconds) * framesPerSecond
/** The start is not measured. */
const unmeasured = Math.min(frames / 4, 5 * framesPerSecond)

const clock = systemClock({ source: 'host' })
const troubles: string[] = []
let leftOut = 0
const encoder = new FfmpegEncoder({ clock, framesPerSecond })
const uplink = new KinesisVideoUplink({
  region: 'eu-central-1',
  controlUrl: endpoint,
  streamName: 'front',
  clock,
  credentials: async () => ({
    accessKeyId: 'test',
    secretAccessKey: 'test',
    expiresAtMs: Number.MAX_SAFE_INTEGER,
  }),
  ...{ random: Math.random, folder },
  limits: { ca: readFileSync(caPath, 'utf8') },
  report(event) {
    if (event.kind === 'failed') troubles.push(`connection ${event.failure.kind}`)
    if (event.kind === 'dropped') troubles.push(`fragment dropped, ${event.dropped.why}`)
  },
})
const recording = new Recorder({
  ...{ encoder, uplink, clock },
  log: {
    info() {},
    error: (_, text) => void troubles.push(text),
    warn(data, text) {
      if ('lost' in data) leftOut += Number(data.lost)
      troubles.push(text)
    },
  },
})

const pictures = picturesIn(readFileSync(picturesPath))
const startedAtMs = performance.now()
let before = process.cpuUsage()
let measuredFromMs = startedAtMs
let most = 0
recording.begin({ visitId: 'ab'.repeat(16), number: 7 })
for (let nth = 0; nth < frames; nth += 1) {
  if (nth === unmeasured) {
    before = process.cpuUsage()
    measuredFromMs = performance.now()
  }
  const picture = pictures[nth % pictures.length]
  if (picture) recording.picture(picture, Date.now())
  if (nth % framesPerSecond === 0) most = Math.max(most, process.memoryUsage.rss())
  await passing(Math.max(0, startedAtMs + (nth + 1) * pauseMs - performance.now()))
}
const { user, system } = process.cpuUsage(before)
const cpuPercent = ((user + system) / 1_000 / (performance.now() - measuredFromMs)) * 100
recording.end()
const isUnderWay = () => uplink.figures().phase !== 'idle' || encoder.figures().unitsOut === 0
while (frames > 0 && isUnderWay()) await passing(50)
await recording.stop()
const { framesLost, framesRefused, starts } = encoder.figures()
const { framesLeftOut, bytesSent } = uplink.figures()
process.stdout.write(
  JSON.stringify({
    ...{ frames, cpuPercent, mostMb: most / 1e6, troubles, bytesSent, encoders: starts },
    // A refused image is offered again later.
    ...{ framesRefused, leftOut: leftOut + framesLost + framesLeftOut },
  }),
)

/** Each one follows its length in four bytes. */
function picturesIn(file: Buffer): readonly Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at < file.length; at += 4 + file.readUInt32BE(at)) {
    found.push(file.subarray(at + 4, at + 4 + file.readUInt32BE(at)))
  }
  return found
}
