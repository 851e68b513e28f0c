import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type EbmlElement,
  EbmlFault,
  type EbmlKinds,
  EbmlWalker,
} from '../../../cloud/aws/kinesis-video/ebml.ts'
import {
  type FragmentSearch,
  fragmentFinder,
  MediaFault,
} from '../../../cloud/aws/kinesis-video/fragment.ts'
import { framesKinesisVideo } from '../../../cloud/aws/kinesis-video/frames.ts'
import { runs, testProof } from '../../support/effort.ts'
import {
  encoded,
  framesPerFragment,
  getMediaBytes,
  type MediaServer,
  sized,
  startMediaServer,
  tagsOf,
  unsized,
  type Video,
} from './get-media.ts'

/** As long as the service's: too long for a JavaScript number. */
const numbers = ['01', '02', '03'].map(
  (end) => `91343852333181481915235394203149336554319348${end}`,
)
const [first = '', second = '', third = ''] = numbers
const visitId = 'ab'.repeat(16)
const said = { VISIT_ID: visitId, VISIT_NUMBER: '7' }

/** Each frame is a little lighter than the one before, which identifies it. */
const grey = (level: number): Uint8Array => {
  const data = Buffer.alloc(64 * 64 * 4, level)
  return new Uint8Array(jpeg.encode({ width: 64, height: 64, data }, 90).data)
}
const levelOf = (picture: Uint8Array): number => jpeg.decode(picture).data[4] ?? 0
const levels = Array.from({ length: 3 * framesPerFragment }, (_, nth) => 20 + nth * 7)

let video: Video
let media: Buffer
beforeAll(() => {
  video = encoded(levels.map(grey))
  media = getMediaBytes(
    video.header,
    video.clusters.map((cluster, nth) => ({ number: numbers[nth] ?? '', cluster, said })),
  )
})

// ---------------------------------------------------------------- the walker

const [container, wanted, other] = [0x18538067, 0xa3, 0xec]
const kinds: EbmlKinds = {
  containers: new Set([container]),
  wanted: new Set([wanted]),
  mostBytes: 1_000,
}

function inParts(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length]
  const sorted = ends.toSorted((a, b) => a - b)
  return sorted.map((end, nth) => bytes.subarray(sorted[nth - 1] ?? 0, end))
}

function elements(walker: EbmlWalker, parts: readonly Uint8Array[]): EbmlElement[] {
  const found: EbmlElement[] = []
  for (const part of parts) walker.push(part, (element) => found.push(element))
  return found
}

describe('the walker', () => {
  test('finds the same elements however the stream is split', () => {
    const contents = fc.array(
      fc.record({ id: fc.constantFrom(container, wanted, other), content: fc.uint8Array() }),
    )
    fc.assert(
      fc.property(contents, fc.array(fc.nat(), { maxLength: 60 }), (all, cuts) => {
        const stream = Buffer.concat(
          all.map(({ id, content }) => (id === container ? unsized(id) : sized(id, content))),
        )
        const walker = new EbmlWalker(kinds)
        const found = elements(walker, inParts(stream, cuts))
        const expected = all.filter(({ id }) => id !== other)
        expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
        expect(found.map(({ content }) => [...content])).toEqual(
          expected.map(({ id, content }) => (id === container ? [] : [...content])),
        )
        for (const element of found) {
          expect(element.beginning(4)).toEqual(element.content.subarray(0, 4))
          expect(Buffer.concat(element.parts)).toEqual(Buffer.from(element.bytes))
          expect(element.length).toBe(element.bytes.length)
        }
      }),
    )
  })

  test('gives elements or an EbmlFault for any bytes, within its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
        const walker = new EbmlWalker(kinds)
        try {
          for (const part of parts) {
            walker.push(part, ({ content }) => {
              expect(content.length).toBeLessThanOrEqual(kinds.mostBytes)
            })
          }
        } catch (fault) {
          expect(fault).toBeInstanceOf(EbmlFault)
        }
      }),
      { numRuns: runs(100, 500) },
    )
  })

  test.each([
    ['a length of 72 petabytes', Buffer.from('a301fffffffffffffe', 'hex'), 'too-long'],
    ['a length that is unknown, of what holds nothing', Buffer.from('a3ff', 'hex'), 'no-end'],
    ['an unknown thing without an end', Buffer.from('ecff', 'hex'), 'no-end'],
    ['an id of five bytes', Buffer.from('0800000000', 'hex'), 'no-ebml'],
    ['a length of nine bytes', Buffer.from('a300', 'hex'), 'no-ebml'],
  ] as const)('refuses %s before gathering anything', (_, bytes, code) => {
    expect(() => elements(new EbmlWalker(kinds), [bytes])).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('joins the parts of a long element that comes byte by byte', () => {
    const content = Buffer.alloc(100_000, 7)
    const walker = new EbmlWalker({ ...kinds, mostBytes: 1_000_000 })
    const parts = inParts(sized(wanted, content), [...Array(100_000).keys()])
    const [element] = elements(walker, parts)
    expect(element?.parts.length).toBeLessThan(60)
    expect(Buffer.from(element?.content ?? []).equals(content)).toBe(true)
  })

  test('skips unwanted elements that are larger than memory', () => {
    const walker = new EbmlWalker(kinds)
    expect(elements(walker, [Buffer.from('ec0100010000000000', 'hex')])).toEqual([])
    const part = Buffer.alloc(1 << 20)
    for (let nth = 0; nth < 64; nth += 1) expect(elements(walker, [part])).toEqual([])
  })

  test('reads a long element in tiny parts without copying it repeatedly', () => {
    const walker = new EbmlWalker({ ...kinds, mostBytes: 1 << 23 })
    const stream = sized(wanted, Buffer.alloc(1 << 22, 7))
    let found = 0
    for (let at = 0; at < stream.length; at += 16) {
      found += elements(walker, [stream.subarray(at, at + 16)]).length
    }
    expect(found).toBe(1)
  })
})

// ---------------------------------------------------------------- the wanted fragment

function search(wanted: string, bytes: Uint8Array, partBytes = 1_000): FragmentSearch {
  const finder = fragmentFinder(wanted)
  for (let at = 0; at < bytes.length; at += partBytes) {
    const answer = finder.push(bytes.subarray(at, at + partBytes))
    if (answer.state === 'complete' || answer.state === 'passed') return answer
  }
  return finder.end()
}

describe('the wanted fragment', () => {
  test.each([1, 7, 1_000, 1 << 24])('is found in parts of %i bytes', (partBytes) => {
    const answer = search(second, media, partBytes)
    expect(answer).toMatchObject({ state: 'complete', fragment: { number: second } })
    if (answer.state !== 'complete') return
    expect(answer.fragment.frameTimesMs).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
    expect(answer.fragment.tags.get('VISIT_ID')).toBe(visitId)
  })

  test('has its own tags, before or after its frames', () => {
    const [one, two] = video.clusters
    if (!one || !two) throw new Error('There are three.')
    const fragments = [
      { number: first, cluster: one, said: { VISIT_ID: 'one' }, speaksFirst: true },
      { number: second, cluster: two, said: { VISIT_ID: 'two' } },
      { number: third, cluster: one, said: { VISIT_ID: 'three' }, speaksFirst: true },
    ]
    const bytes = getMediaBytes(video.header, fragments)
    expect(visitOf(search(first, bytes))).toBe('one')
    expect(visitOf(search(second, bytes))).toBe('two')
    expect(visitOf(search(third, bytes))).toBe('three')
  })

  test('is found in a cluster of known length', () => {
    const [cluster = Buffer.alloc(0)] = video.clusters
    const bytes = getMediaBytes(video.header, [{ number: first, cluster, said, knownSize: true }])
    expect(search(first, bytes)).toMatchObject({ state: 'complete' })
  })

  test('is not awaited after a later one', () => {
    const bytes = media.subarray(0)
    const before = `${'9'.repeat(2)}`
    expect(search(before, bytes)).toEqual({ state: 'passed' })
  })

  test('is not found when the stream ends before it', () => {
    expect(search(`${first}0`, media)).toEqual({ state: 'searching' })
    expect(search(first, Buffer.alloc(0))).toEqual({ state: 'searching' })
  })

  test('throws an error that the service reports in the stream', () => {
    const bytes = Buffer.concat([video.header, tagsOf({ AWS_KINESISVIDEO_ERROR_CODE: '3002' })])
    expect(() => search(first, bytes)).toThrow(MediaFault)
  })

  test('gives an answer or a known fault for corrupt streams', () => {
    const place = fc.nat({ max: media.length - 1 })
    const wrongs = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(wrongs, (changes) => {
        const bytes = Buffer.from(media)
        for (const [at, value] of changes) bytes[at] = value
        try {
          search(second, bytes)
        } catch (fault) {
          expect(fault instanceof EbmlFault || fault instanceof MediaFault).toBe(true)
        }
      }),
      { numRuns: runs(40, 150) },
    )
  })
})

const visitOf = (answer: FragmentSearch): string | null =>
  'fragment' in answer ? (answer.fragment.tags.get('VISIT_ID') ?? null) : null

// ---------------------------------------------------------------- pictures, by the real client

let servers: MediaServer[] = []
afterEach(async () => {
  for (const server of servers) await server.close()
  servers = []
})

async function framesFrom(
  answer: Parameters<typeof startMediaServer>[0],
  { ffmpeg = 'ffmpeg', silenceMs = 300 } = {},
) {
  const server = await startMediaServer(answer)
  servers.push(server)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const settings = { region: 'eu-central-1', credentials, maxAttempts: 1 }
  const frames = framesKinesisVideo({
    settings: { ...settings, endpoint: server.url },
    clock: { nowMs: Date.now },
    tagNames: { visitId: 'VISIT_ID', visitNumber: 'VISIT_NUMBER' },
    ffmpeg,
    silenceMs,
  })
  const frame = (fragmentNumber: string, offsetMs: number) =>
    frames.frame({ ...stream, fragmentNumber, offsetMs })
  return { server, frame }
}

const stream = { streamName: 'maple-street_front', producerAtMs: 1_790_000_000_193 }

describe('a frame', () => {
  test('is the one of the given time and fragment, with its visit', async () => {
    const { frame, server } = await framesFrom(() => ({ bytes: media }))
    const moments = { 0: 0, 300: 3, 399: 3, 399.6: 4, 5000: 9 }
    for (const [offsetMs, nth] of Object.entries(moments)) {
      const answer = await frame(second, Number(offsetMs))
      expect(answer).toMatchObject({ outcome: 'frame', visitId, visitNumber: 7 })
      const level = answer.outcome === 'frame' ? levelOf(answer.jpeg) : 0
      expect(Math.abs(level - (levels[framesPerFragment + nth] ?? 0))).toBeLessThan(4)
    }
    expect(server.asked[0]).toMatchObject({
      path: '/getDataEndpoint',
      body: { APIName: 'GET_MEDIA' },
    })
    expect(server.asked[1]?.body).toEqual({
      StreamName: 'maple-street_front',
      StartSelector: { StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: 1_790_000_000.193 },
    })
    // The fragment was fetched once for all of them, and the connection closed.
    expect(server.asked).toHaveLength(2)
    await expect.poll(server.open).toBe(0)
  })

  test('of the newest fragment is returned although the stream stays open', async () => {
    const { frame, server } = await framesFrom(() => ({ bytes: media }))
    expect(await frame(third, 0)).toMatchObject({ outcome: 'frame' })
    await expect.poll(server.open).toBe(0)
  })

  testProof('is chosen by time when frames are stored in another order', async () => {
    const shuffled = encoded(levels.slice(0, 10).map(grey), ['-bf', '2', '-preset', 'medium'])
    const [cluster = Buffer.alloc(0)] = shuffled.clusters
    const bytes = getMediaBytes(shuffled.header, [{ number: first, cluster, said }])
    const { frame } = await framesFrom(() => ({ bytes }))
    const answer = await frame(first, 500)
    expect(
      answer.outcome === 'frame' && Math.abs(levelOf(answer.jpeg) - (levels[5] ?? 0)),
    ).toBeLessThan(4)
  })

  test('of a missing fragment is not found', async () => {
    const { frame } = await framesFrom(() => ({ bytes: media }))
    expect(await frame('17', 0)).toEqual({ outcome: 'no-frame', why: 'not-found' })
    const gone = await framesFrom(() => ({ status: 404, code: 'ResourceNotFoundException' }))
    expect(await gone.frame(first, 0)).toEqual({ outcome: 'no-frame', why: 'not-found' })
  })

  test('of anything but video is unreadable', async () => {
    const noise = await framesFrom(() => ({ bytes: Buffer.alloc(5_000) }))
    expect(await noise.frame(first, 0)).toEqual({ outcome: 'no-frame', why: 'unreadable' })
    const broken = Buffer.concat([
      sized(0xe7, Buffer.from([0])),
      sized(0xa3, Buffer.from('810000')),
    ])
    const bytes = getMediaBytes(video.header, [{ number: first, cluster: broken, said }])
    const undecodable = await framesFrom(() => ({ bytes }))
    expect(await undecodable.frame(first, 0)).toEqual({ outcome: 'no-frame', why: 'unreadable' })
  })

  test('needs ffmpeg, and the fault says what to do', async () => {
    const { frame } = await framesFrom(() => ({ bytes: media }), { ffmpeg: '/nowhere/ffmpeg' })
    await expect(frame(first, 0)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringContaining('FFMPEG_PATH'),
    })
  })

  test('is looked up at a new endpoint after a fault', async () => {
    let isBroken = true
    const { frame, server } = await framesFrom(() =>
      isBroken ? { status: 500, code: 'InternalFailure' } : { bytes: media },
    )
    await expect(frame(first, 0)).rejects.toThrow()
    isBroken = false
    expect(await frame(first, 0)).toMatchObject({ outcome: 'frame' })
    expect(server.asked.filter(({ path }) => path === '/getDataEndpoint')).toHaveLength(2)
  })
})
