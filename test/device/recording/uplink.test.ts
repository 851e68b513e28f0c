/** The video uplink, over real connections to the stand-in for Kinesis Video. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AccessUnit } from '../../../device/recording/core/access-units.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { freePort } from '../../../simulation/door/free-port.ts'
import { accessUnits } from '../../support/video/video-frames.ts'
import {
  endlessFrames,
  fragmentTimes,
  type TestedUplink,
  testedUplink,
} from '../../support/video/video-uplink.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
let units: readonly AccessUnit[] = []
let standIn: AwsServer
let tested: TestedUplink

beforeAll(async () => {
  units = await accessUnits({ frames: 40 })
})
beforeEach(async () => {
  standIn = await startAws({ videoStreams: ['front'] })
})
afterEach(async () => {
  await tested.close()
  await standIn.close()
})

const stored = () => standIn.video.stream('front').fragments
const storedTimes = () => stored().map((one) => one.producerMs)
const idle = () => expect.poll(() => tested.uplink.figures().phase).toBe('idle')

function send(frames: number, tags = {}): void {
  const source = endlessFrames(units, startMs)
  tested.uplink.begin(tags)
  for (let frame = 0; frame < frames; frame += 1) {
    const { unit, atMs } = source.next()
    tested.uplink.frame(unit, atMs)
  }
  tested.uplink.end()
}

describe('a visit', () => {
  it('uses one connection, and every frame arrives', async () => {
    tested = testedUplink(standIn)
    send(100, { visit: 'a-visit' })
    await expect.poll(storedTimes).toEqual(fragmentTimes(startMs, 100))
    expect(stored().map((one) => one.blocks.length)).toEqual([20, 20, 20, 20, 20])
    expect(stored().every((one) => one.tags['visit'] === 'a-visit')).toBe(true)
    await idle()
    expect(standIn.video.findings).toEqual([])
    expect(standIn.video.puts).toHaveLength(1)
    expect(tested.uplink.figures()).toMatchObject({
      fragments: 0,
      memoryBytes: 0,
      persistedFragments: 5,
    })
  })

  it('that ends within a second has a fragment of a second', async () => {
    tested = testedUplink(standIn)
    const source = endlessFrames(units, startMs)
    tested.uplink.begin({})
    for (let frame = 0; frame < 30; frame += 1) {
      const { unit, atMs } = source.next()
      tested.uplink.frame(unit, atMs)
      if (frame === 3) tested.uplink.end()
    }
    await idle()
    expect(stored().map((one) => one.lastMs - one.producerMs)).toEqual([1_000])
  })

  it('directly after another shares no fragment with it', async () => {
    tested = testedUplink(standIn)
    for (const visit of ['first', 'second']) {
      const source = endlessFrames(units, startMs + (visit === 'first' ? 0 : 2_600))
      tested.uplink.begin({ visit })
      for (let frame = 0; frame < 24; frame += 1) {
        const { unit, atMs } = source.next()
        tested.uplink.frame(unit, atMs)
      }
      tested.uplink.end()
    }
    await expect.poll(storedTimes).toHaveLength(4)
    await idle()
    const visits = ['first', 'first', 'second', 'second']
    expect(stored().map(({ tags }) => tags['visit'])).toEqual(visits)
    expect(stored().map(({ blocks }) => blocks.length)).toEqual([20, 4, 20, 4])
    expect(standIn.video.findings).toEqual([])
  })

  it('after a pause has a connection of its own', async () => {
    tested = testedUplink(standIn)
    send(40)
    await idle()
    send(40)
    await expect.poll(storedTimes).toHaveLength(4)
    await idle()
    expect(standIn.video.puts.map((put) => put.persistedMs.length)).toEqual([2, 2])
  })
})

describe('acknowledgements', () => {
  it('may be late, cut and joined', async () => {
    tested = testedUplink(standIn)
    standIn.video.plan(() => ({ mangleAcks: true, ackDelayMs: 5 }))
    send(100)
    await expect.poll(storedTimes).toHaveLength(5)
    await idle()
    expect(tested.failures()).toEqual([])
    expect(tested.uplink.figures().persistedFragments).toBe(5)
  })
})

describe('a connection', () => {
  it('is replaced between two fragments before it is too old, and never overlaps the next', async () => {
    tested = testedUplink(standIn, { limits: { longestConnectionMs: 0 } })
    send(100)
    await expect.poll(storedTimes).toEqual(fragmentTimes(startMs, 100))
    await idle()
    expect(standIn.video.puts.length).toBeGreaterThan(1)
    expect(tested.failures()).toEqual([])
    expect(standIn.video.findings).toEqual([])
  })

  it('is not opened with credentials that are about to expire', async () => {
    tested = testedUplink(standIn, {
      limits: { beforeExpiryMs: 60_000 },
      credentials: async (renew) => ({
        ...{ accessKeyId: 'test', secretAccessKey: 'test' },
        expiresAtMs: Date.now() + (renew ? 3_600_000 : 30_000),
      }),
    })
    send(40)
    await expect.poll(storedTimes).toHaveLength(2)
    expect(tested.asked.anew).toBeGreaterThan(0)
  })

  it('is replaced when the encoder changes the track', async () => {
    const others = await accessUnits({ frames: 20, size: '640x480' })
    tested = testedUplink(standIn)
    tested.uplink.begin({})
    for (const [at, unit] of [...units, ...others].entries()) {
      tested.uplink.frame(unit, startMs + at * 100)
    }
    tested.uplink.end()
    await expect.poll(storedTimes).toHaveLength(3)
    await idle()
    expect(standIn.video.puts).toHaveLength(2)
    expect(standIn.video.findings).toEqual([])
  })
})

describe('a failure', () => {
  it.each([
    ['the service reads no further', { stallAfterBytes: 20_000 }],
    ['the connection is reset', { resetAfterBytes: 20_000 }],
    ['the service hangs up in good order', { endAfterBytes: 20_000 }],
    ['no acknowledgement comes', { mute: true }],
  ])('%s: everything is sent again', async (_, plan) => {
    tested = testedUplink(standIn, { limits: { drainMs: 300, silenceMs: 400 } })
    standIn.video.plan((nth) => (nth === 1 ? plan : {}))
    send(100)
    await expect.poll(() => new Set(storedTimes())).toEqual(new Set(fragmentTimes(startMs, 100)))
    await idle()
    expect(tested.dropped()).toEqual([])
    expect(tested.uplink.figures()).toMatchObject({ fragments: 0, memoryBytes: 0 })
    expect(tested.failures().length).toBeGreaterThan(0)
  })

  it('no more is written to a connection than it accepts', async () => {
    const once = { firstRestMs: 600_000, longestRestMs: 600_000 }
    const limits = { silenceMs: 900, memoryBytes: 64_000_000, ...once }
    tested = testedUplink(standIn, { limits })
    standIn.video.plan((nth) => (nth === 1 ? { stallAfterBytes: 20_000 } : {}))
    send(8_000)
    await expect.poll(() => tested.failures().length).toBeGreaterThan(0)
    const { memoryBytes, bytesSent } = tested.uplink.figures()
    expect(memoryBytes).toBeGreaterThan(30_000_000)
    // The size of the two socket buffers depends on the kernel.
    expect(bytesSent).toBeLessThan(12_000_000)
  })

  it('only a fragment that the service refuses is dropped', async () => {
    tested = testedUplink(standIn)
    standIn.video.plan((nth) =>
      nth === 1 ? { error: { errorId: 4001, fragment: 2, when: 'end' } } : {},
    )
    send(100)
    await idle()
    await expect.poll(() => new Set(storedTimes()).size).toBe(4)
    expect(tested.dropped()).toMatchObject([{ why: 'refused', timecodeMs: startMs + 2_000 }])
  })

  it('refused credentials are renewed', async () => {
    tested = testedUplink(standIn, {
      credentials: async (renew) => ({
        ...{ accessKeyId: 'test', secretAccessKey: renew ? 'test' : 'of yesterday' },
        expiresAtMs: Number.MAX_SAFE_INTEGER,
      }),
    })
    send(40)
    await expect.poll(storedTimes).toHaveLength(2)
    expect(tested.asked.anew).toBeGreaterThan(0)
  })

  it('an invalid endpoint is looked up again', async () => {
    tested = testedUplink(standIn)
    standIn.video.plan((nth) =>
      nth === 1 ? { refuse: { status: 400, code: 'InvalidEndpointException' } } : {},
    )
    send(40)
    await expect.poll(storedTimes).toHaveLength(2)
    expect(standIn.calls.filter((call) => call.operation === 'GetDataEndpoint')).toHaveLength(2)
  })
})

describe('offline', () => {
  it('fragments that do not fit into memory wait on disk, and beyond that the oldest are dropped', async () => {
    const away = { url: 'http://127.0.0.1:9', region: standIn.region }
    tested = testedUplink(away, { limits: { memoryBytes: 200_000, diskBytes: 600_000 } })
    send(600)
    await expect.poll(() => tested.uplink.figures().memoryBytes).toBeLessThan(300_000)
    const { fragments, diskBytes } = tested.uplink.figures()
    expect(diskBytes).toBeGreaterThan(300_000)
    expect(diskBytes).toBeLessThanOrEqual(600_000)
    const times = fragmentTimes(startMs, 600)
    expect(tested.dropped().map((one) => one.timecodeMs)).toEqual(
      times.slice(0, times.length - fragments),
    )
  })

  it('fragments from disk are sent in order after a reconnect', async () => {
    await standIn.close()
    const port = await freePort(0)
    standIn = await startAws({ videoStreams: ['front'], port })
    await standIn.close()
    tested = testedUplink(standIn, { limits: { memoryBytes: 100_000, diskBytes: 50_000_000 } })
    send(300)
    await expect.poll(() => tested.uplink.figures().diskBytes).toBeGreaterThan(500_000)
    standIn = await startAws({ videoStreams: ['front'], port })
    await expect.poll(storedTimes).toEqual(fragmentTimes(startMs, 300))
    await idle()
    expect(standIn.video.findings).toEqual([])
    expect(tested.uplink.figures()).toMatchObject({ fragments: 0, memoryBytes: 0, diskBytes: 0 })
  })
})
