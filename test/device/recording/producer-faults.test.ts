/** Faults that AWS's own producer is tested with: the endpoint, a change of credentials, IDLE. */
import { createServer, request, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { AccessUnit } from '../../../device/recording/core/access-units.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { portOf } from '../../support/network/port-of.ts'
import { accessUnits } from '../../support/video/video-frames.ts'
import {
  endlessFrames,
  fragmentTimes,
  type TestedUplink,
  testedUplink,
} from '../../support/video/video-uplink.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
const frames = 100
const times = fragmentTimes(startMs, frames)
let units: readonly AccessUnit[] = []
let standIn: AwsServer
let between: Server
let tested: TestedUplink

/** Of GetDataEndpoint; `pass`: what the stand-in says. */
type Answer = 'pass' | 'silent' | { readonly status: number; readonly code: string }
let endpointAnswers: Answer[] = []
/** How often IDLE was said; null: not at all. */
let idles: number | null = null

beforeAll(async () => {
  units = await accessUnits({ frames: 40 })
})
beforeEach(async () => {
  standIn = await startAws({ videoStreams: ['front'] })
  endpointAnswers = []
  idles = null
  between = createServer((incoming, outgoing) => {
    const isEndpoint = incoming.url === '/getDataEndpoint'
    const answer = isEndpoint ? (endpointAnswers.shift() ?? 'pass') : 'pass'
    if (answer === 'silent') return
    if (answer !== 'pass') {
      outgoing.writeHead(answer.status, { 'x-amzn-errortype': answer.code }).end('{}')
      return
    }
    const { method, headers, url } = incoming
    const forwarded = request(`${standIn.url}${url}`, { method, headers }, async (response) => {
      const { 'content-length': _, ...head } = response.headers
      outgoing.writeHead(response.statusCode ?? 500, head)
      if (isEndpoint) {
        outgoing.end(JSON.stringify({ ...JSON.parse(await text(response)), DataEndpoint: away() }))
        return
      }
      response.on('data', (acknowledgement) => {
        if (idles !== null) {
          idles += 1
          outgoing.write('{"EventType":"IDLE"}\r\n')
        }
        outgoing.write(acknowledgement)
      })
      response.on('close', () => outgoing.end())
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((done) => between.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  await tested.close()
  between.closeAllConnections()
  between.close()
  await standIn.close()
})

const away = () => `http://127.0.0.1:${portOf(between)}`
const service = () => ({ url: away(), region: standIn.region })
const storedTimes = () => standIn.video.stream('front').fragments.map((one) => one.producerMs)
const arrived = () => expect.poll(() => new Set(storedTimes()), { timeout: 10_000 })

function send(): void {
  const source = endlessFrames(units, startMs)
  tested.uplink.begin({})
  for (let frame = 0; frame < frames; frame += 1) {
    const { unit, atMs } = source.next()
    tested.uplink.frame(unit, atMs)
  }
  tested.uplink.end()
}

it.each<[string, Answer]>([
  ['refused', { status: 403, code: 'AccessDeniedException' }],
  ['throttled', { status: 400, code: 'ClientLimitExceededException' }],
  ['silent', 'silent'],
])('GetDataEndpoint is %s twice: everything arrives once it answers', async (_, answer) => {
  endpointAnswers = [answer, answer]
  tested = testedUplink(service(), { limits: { answerMs: 300 } })
  send()
  await arrived().toEqual(new Set(times))
  expect(endpointAnswers).toEqual([])
  expect(tested.failures().length).toBeGreaterThanOrEqual(2)
  expect(tested.dropped()).toEqual([])
})

it('an IDLE acknowledgement in a running session changes nothing', async () => {
  idles = 0
  tested = testedUplink(service())
  send()
  await arrived().toEqual(new Set(times))
  await expect.poll(() => tested.uplink.figures().persistedFragments).toBe(times.length)
  expect(idles).toBeGreaterThan(0)
  expect([tested.failures(), tested.dropped()]).toEqual([[], []])
})

it.each([
  ['on the disk', { memoryBytes: 60_000 }],
  ['in memory', { diskBytes: 0 }],
])('credentials change and the next connection fails while fragments wait %s', async (_, room) => {
  let given = 0
  tested = testedUplink(service(), {
    limits: { beforeExpiryMs: 100, longestConnectionMs: 0, ...room },
    credentials: async () => {
      given += 1
      const lifeMs = given === 1 ? 150 : 3_600_000
      return { accessKeyId: 'test', secretAccessKey: 'test', expiresAtMs: Date.now() + lifeMs }
    },
  })
  standIn.video.plan((nth) => (nth === 2 ? { resetAfterBytes: 100 } : {}))
  send()
  await arrived().toEqual(new Set(times))
  expect(given).toBeGreaterThan(1)
  expect(tested.failures().length).toBeGreaterThan(0)
  expect(tested.dropped()).toEqual([])
  await expect
    .poll(() => tested.uplink.figures())
    .toMatchObject({ fragments: 0, memoryBytes: 0, diskBytes: 0 })
})
