/** The stand-in for Kinesis Video, called with the SDK's clients; they have no PutMedia. */
import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import {
  GetDataEndpointCommand,
  KinesisVideoClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis-video'
import {
  GetHLSStreamingSessionURLCommand,
  type GetHLSStreamingSessionURLInput,
  InvalidArgumentException,
  KinesisVideoArchivedMediaClient,
  ResourceNotFoundException as ResourceNotFound,
} from '@aws-sdk/client-kinesis-video-archived-media'
import { GetMediaCommand, KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signed } from '../../../device/aws/signature.ts'
import type { AwsCredentials } from '../../../device/daemon/ports.ts'
import type { AccessUnit } from '../../../device/recording/core/access-units.ts'
import {
  element,
  elementIds as ids,
  text as textElement,
  unsigned,
} from '../../../device/recording/core/ebml.ts'
import {
  clusterStart,
  fragmentTags,
  matroskaHeader,
  simpleBlockParts,
} from '../../../device/recording/core/matroska.ts'
import { type LintedFragment, Linter } from '../../../simulation/aws/kinesis-video/lint.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { framesIn, played } from '../../support/video/stored-recording.ts'
import { accessUnits } from '../../support/video/video-frames.ts'
import { credentials } from '../../support/video/video-uplink.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
let units: readonly AccessUnit[] = []
let standIn: AwsServer
let key: AccessUnit
let other: AccessUnit

beforeAll(async () => {
  units = await accessUnits({ frames: 40 })
  standIn = await startAws({ videoStreams: ['front', 'back'] })
  const [first, second] = units
  if (!first || !second) throw new Error('there are no frames')
  key = first
  other = second
})
afterAll(() => standIn.close())
beforeEach(() => standIn.video.plan(() => ({})))

const simpleBlock = (...frame: Parameters<typeof simpleBlockParts>) =>
  Buffer.concat(simpleBlockParts(...frame))

const uid = Buffer.alloc(16, 1)
const header = () => matroskaHeader(key.track, uid)
const cluster = (atMs: number, frames: readonly AccessUnit[] = units.slice(0, 20)) =>
  Buffer.concat([
    clusterStart(atMs),
    ...frames.map((unit, at) => simpleBlock(unit.nals, at * 100, unit.isKey)),
  ])

interface PutOptions {
  readonly streamName?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly without?: string
  readonly secret?: AwsCredentials
}

/** PutMedia by a client that is independent of the door's. */
async function put(
  body: readonly Buffer[],
  { streamName = 'front', headers = {}, without, secret = credentials }: PutOptions = {},
) {
  const url = new URL('/putMedia', standIn.url)
  const wanted: Record<string, string> = {
    'x-amzn-stream-name': streamName,
    'x-amzn-fragment-timecode-type': 'ABSOLUTE',
    'x-amzn-producer-start-timestamp': (startMs / 1_000).toFixed(3),
    ...headers,
  }
  if (without) delete wanted[without]
  const signedHeaders = await signed(
    { url, headers: wanted, body: null },
    secret,
    standIn.region,
    Date.now(),
  )
  const call = request(url, {
    method: 'POST',
    headers: { ...signedHeaders, 'transfer-encoding': 'chunked' },
    agent: false,
  })
  call.on('error', () => {})
  for (const piece of body) call.write(piece)
  call.end()
  const [response] = await once(call, 'response')
  const answer = await text(response).catch(() => '')
  const acks = answer.split('\r\n').filter((line) => line.startsWith('{"EventType"'))
  return {
    status: response.statusCode,
    code: response.headers['x-amzn-errortype'],
    acks: acks.map((line) => JSON.parse(line)),
  }
}

const errorOf = async (...body: readonly Buffer[]) =>
  (await put(body)).acks.find((ack) => ack.EventType === 'ERROR')?.ErrorId ?? null

describe('GetDataEndpoint', () => {
  it('answers the client of the SDK', async () => {
    const client = new KinesisVideoClient({
      endpoint: standIn.url,
      region: standIn.region,
      credentials,
    })
    const { DataEndpoint } = await client.send(
      new GetDataEndpointCommand({ StreamName: 'front', APIName: 'GET_MEDIA' }),
    )
    expect(DataEndpoint).toBe(standIn.url)
    const unknown = client.send(
      new GetDataEndpointCommand({ StreamName: 'nowhere', APIName: 'GET_MEDIA' }),
    )
    await expect(unknown).rejects.toBeInstanceOf(ResourceNotFoundException)
  })
})

describe('PutMedia', () => {
  it('acknowledges each fragment when it begins, is complete, and is stored', async () => {
    const { status, acks } = await put([header(), cluster(startMs), cluster(startMs + 2_000)])
    expect(status).toBe(200)
    expect(acks.map((ack) => [ack.EventType, ack.FragmentTimecode - startMs])).toEqual([
      ...[
        ['BUFFERING', 0],
        ['RECEIVED', 0],
        ['PERSISTED', 0],
      ],
      ...[
        ['BUFFERING', 2_000],
        ['RECEIVED', 2_000],
        ['PERSISTED', 2_000],
      ],
    ])
  })

  it.each([
    ['a stream that is not there', { streamName: 'nowhere' }, 404, 'ResourceNotFoundException'],
    ['no stream at all', { without: 'x-amzn-stream-name' }, 400, 'InvalidArgumentException'],
    [
      'a time without its zeros',
      { headers: { 'x-amzn-producer-start-timestamp': '1790000000.5' } },
      400,
      'InvalidArgumentException',
    ],
    [
      'a kind of time that is none',
      { headers: { 'x-amzn-fragment-timecode-type': 'FUZZY' } },
      400,
      'InvalidArgumentException',
    ],
  ])('refuses %s', async (_, options, status, code) => {
    expect(await put([header()], options)).toMatchObject({ status, code })
  })

  it('refuses a signature with another key', async () => {
    const secret = { ...credentials, secretAccessKey: 'another' }
    expect(await put([header()], { secret })).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    })
  })

  const wrong: readonly (readonly [string, number, () => readonly Buffer[]])[] = [
    [
      'something that is no Matroska',
      4006,
      () => [Buffer.from('not a video at all, but long enough')],
    ],
    ['a fragment that starts with no key frame', 4006, () => [header(), cluster(startMs, [other])]],
    [
      'frames with start codes',
      4006,
      () => [header(), Buffer.concat([clusterStart(startMs), annexB()])],
    ],
    [
      'codec data with start codes',
      4006,
      () => [
        matroskaHeader({ ...key.track, avcC: Buffer.from([0, 0, 0, 1, 0x67, 0x42, 0, 0x1e]) }, uid),
        cluster(startMs),
      ],
    ],
    [
      'a fragment before the last',
      4004,
      () => [header(), cluster(startMs), cluster(startMs + 500)],
    ],
    [
      'a fragment of 21 s',
      4002,
      () => [header(), cluster(startMs), simpleBlock(other.nals, 21_000, false)],
    ],
    ['a fragment without frames', 4011, () => [header(), clusterStart(startMs)]],
    ['a second document', 4006, () => [header(), cluster(startMs), header()]],
    ['a tick that is no millisecond', 4006, () => [withoutScale(header()), cluster(startMs)]],
    [
      'a frame of another track',
      4010,
      () => [header(), Buffer.concat([clusterStart(startMs), trackTwo()])],
    ],
    [
      'eleven tags',
      4009,
      () => [
        header(),
        cluster(startMs),
        fragmentTags(Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`t${at}`, 'x']))) ??
          uid,
      ],
    ],
    [
      'a tag with a long value',
      4009,
      () => [header(), cluster(startMs), fragmentTags({ name: 'x'.repeat(257) }) ?? uid],
    ],
    [
      'a tag of the service',
      4009,
      () => [header(), cluster(startMs), fragmentTags({ AWS_OWN: 'x' }) ?? uid],
    ],
    [
      'tags within a cluster',
      4006,
      () => [
        header(),
        element(
          ids.cluster,
          unsigned(ids.timecode, startMs),
          simpleBlock(key.nals, 0, true),
          fragmentTags({ a: 'b' }) ?? uid,
        ),
      ],
    ],
  ]
  const annexB = () => {
    const nals = key.nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal])
    return element(ids.simpleBlock, Buffer.from([0x81, 0, 0, 0x80]), ...nals)
  }
  const trackTwo = () => {
    const block = simpleBlock(key.nals, 0, true)
    block[block.indexOf(0x81, 1)] = 0x82
    return block
  }
  const withoutScale = (bytes: Buffer) => {
    const changed = Buffer.from(bytes)
    const at = changed.indexOf(unsigned(ids.timecodeScale, 1_000_000))
    unsigned(ids.timecodeScale, 999_999).copy(changed, at)
    return changed
  }

  it.each(wrong)('finds %s', async (_, errorId, body) => {
    expect(await errorOf(...body())).toBe(errorId)
  })

  it('accepts valid media, with tags, Void and Cues', async () => {
    const body = [
      header(),
      cluster(startMs),
      fragmentTags({ visit: 'a' }) ?? uid,
      element(0xec, uid),
      cluster(startMs + 2_000),
      element(0x1c53bb6b, uid),
    ]
    expect(await errorOf(...body)).toBe(null)
  })

  it('takes one connection per stream at a time', async () => {
    standIn.video.plan((nth) => (nth === 1 ? { ackDelayMs: 100 } : {}))
    const [first, second] = await Promise.all([
      put([header(), cluster(startMs)]),
      put([header(), cluster(startMs)]),
    ])
    expect([first.status, second.status].sort()).toEqual([200, 400])
    expect([first.code, second.code]).toContain('ConnectionLimitExceededException')
  })
})

describe('GetMedia', () => {
  const media = () =>
    new KinesisVideoMediaClient({ endpoint: standIn.url, region: standIn.region, credentials })

  async function fragments(
    selector: ConstructorParameters<typeof GetMediaCommand>[0]['StartSelector'],
    count: number,
  ) {
    const { Payload } = await media().send(
      new GetMediaCommand({ StreamName: 'back', StartSelector: selector }),
    )
    const found: LintedFragment[] = []
    if (!(Payload instanceof Readable)) throw new Error('there is no payload')
    // Every fragment repeats the header of its stream, so each is a document.
    for (const piece of documentsIn(await take(Payload, count))) {
      const judge = newJudge(found)
      judge.push(piece)
      judge.end()
    }
    return found
  }
  const newJudge = (found: LintedFragment[]) =>
    new Linter({ finding: () => {}, fragment: (one) => found.push(one) })
  async function take(payload: AsyncIterable<unknown>, count: number): Promise<Buffer> {
    let whole = Buffer.alloc(0)
    for await (const piece of payload) {
      if (piece instanceof Uint8Array) whole = Buffer.concat([whole, piece])
      if (documentsIn(whole).filter((one) => one.includes('CONTINUATION')).length >= count) break
    }
    return whole
  }
  function documentsIn(bytes: Buffer): Buffer[] {
    const mark = Buffer.from([0x1a, 0x45, 0xdf, 0xa3])
    const starts: number[] = []
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 4)) starts.push(at)
    return starts.map((at, index) => bytes.subarray(at, starts[index + 1]))
  }

  it('returns what was stored, from the earliest on, and what comes meanwhile', async () => {
    await put([header(), cluster(startMs)], { streamName: 'back' })
    const reading = fragments({ StartSelectorType: 'EARLIEST' }, 2)
    await put([header(), cluster(startMs + 10_000)], { streamName: 'back' })
    const found = await reading
    expect(found.map((one) => [one.timecodeMs, one.frames])).toEqual([
      [startMs, 20],
      [startMs + 10_000, 20],
    ])
  })

  it('starts with the fragment of a producer timestamp, but after one of a number', async () => {
    const stored = standIn.video.stream('back').fragments
    const [byTime] = await fragments(
      { StartSelectorType: 'PRODUCER_TIMESTAMP', StartTimestamp: new Date(startMs + 10_000) },
      1,
    )
    expect(byTime?.timecodeMs).toBe(startMs + 10_000)
    const [byNumber] = await fragments(
      { StartSelectorType: 'FRAGMENT_NUMBER', AfterFragmentNumber: stored[0]?.number },
      1,
    )
    expect(byNumber?.timecodeMs).toBe(startMs + 10_000)
  })
})

describe('HLS', () => {
  const client = () =>
    new KinesisVideoArchivedMediaClient({
      endpoint: standIn.url,
      region: standIn.region,
      credentials,
    })
  const session = async (input: GetHLSStreamingSessionURLInput) => {
    const { HLSStreamingSessionURL } = await client().send(
      new GetHLSStreamingSessionURLCommand(input),
    )
    return HLSStreamingSessionURL ?? ''
  }
  const linesOf = async (url: URL) => (await (await fetch(url)).text()).split('\n')

  it('plays what is stored', async () => {
    await put([header(), cluster(startMs), cluster(startMs + 2_000)])
    const [part = Buffer.alloc(0)] = await played(
      await session({ StreamName: 'front', PlaybackMode: 'LIVE' }),
    )
    expect(await framesIn(part)).toBe(20)
  })

  it('plays a range, its end included', async () => {
    await put([header(), cluster(startMs), cluster(startMs + 2_000), cluster(startMs + 4_000)])
    const playlist = await session({
      StreamName: 'front',
      PlaybackMode: 'ON_DEMAND',
      HLSFragmentSelector: {
        FragmentSelectorType: 'PRODUCER_TIMESTAMP',
        TimestampRange: {
          StartTimestamp: new Date(startMs + 4_000),
          EndTimestamp: new Date(startMs + 6_000),
        },
      },
    })
    const media = playlist.replace('getHLSMaster', 'getHLSMedia')
    const starts = (await linesOf(new URL(media))).filter((line) => line.includes('DATE-TIME'))
    expect(new Set(starts)).toEqual(
      new Set([`#EXT-X-PROGRAM-DATE-TIME:${new Date(startMs + 4_000).toISOString()}`]),
    )
  })

  it('is refused without fragments, without a session, and on demand without a range', async () => {
    await expect(session({ StreamName: 'nowhere' })).rejects.toThrow(ResourceNotFound)
    await expect(session({ StreamName: 'front', PlaybackMode: 'ON_DEMAND' })).rejects.toThrow(
      InvalidArgumentException,
    )
    const gone = await fetch(
      new URL('/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=none', standIn.url),
    )
    expect(gone.status).toBe(403)
  })
})

it('reads text of any alphabet in tags', async () => {
  const tags = element(
    ids.tags,
    element(
      ids.tag,
      element(ids.simpleTag, textElement(ids.tagName, 'größe'), textElement(ids.tagString, '門')),
    ),
  )
  await put([header(), cluster(startMs), tags])
  expect(standIn.video.stream('front').fragments.at(-1)?.tags).toEqual({ größe: '門' })
})
