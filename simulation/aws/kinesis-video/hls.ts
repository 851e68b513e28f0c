/**
 * HLS sessions of fragmented MP4: playlists of the stored fragments, each remuxed by ffmpeg when it
 * is fetched.
 */
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { jsonAnswer, parsed } from '../json-services.ts'
import { type Answer, AwsError } from '../wire.ts'
import { mp4Parts, remuxToMp4 } from './remux.ts'
import {
  fragmentsWithin,
  invalidArgument,
  notFound,
  type StoredFragment,
  type VideoStream,
  type VideoStreams,
} from './streams.ts'

const sessionShape = z.object({
  StreamName: z.string(),
  PlaybackMode: z._default(z.enum(['LIVE', 'ON_DEMAND']), 'LIVE'),
  ContainerFormat: z._default(z.literal('FRAGMENTED_MP4'), 'FRAGMENTED_MP4'),
  Expires: z._default(z.number().check(z.minimum(300), z.maximum(43_200)), 300),
  HLSFragmentSelector: z.optional(
    z.object({
      FragmentSelectorType: z.optional(z.enum(['PRODUCER_TIMESTAMP', 'SERVER_TIMESTAMP'])),
      TimestampRange: z.optional(
        z.object({ StartTimestamp: z.optional(z.number()), EndTimestamp: z.optional(z.number()) }),
      ),
    }),
  ),
})
type SessionInput = z.infer<typeof sessionShape>

interface Session {
  readonly stream: VideoStream
  readonly input: SessionInput
  readonly expiresAtMs: number
}

const hlsPath = '/hls/v1/'
export const isHls = (url: string): boolean => url.startsWith(hlsPath)

const liveFragments = 5
/** A stream without a newer fragment is not live. */
const liveWithinMs = 30_000

export class HlsSessions {
  readonly #streams: VideoStreams
  readonly #nowMs: () => number
  readonly #baseUrl: () => string
  readonly #sessions = new Map<string, Session>()

  constructor(streams: VideoStreams, nowMs: () => number, baseUrl: () => string) {
    this.#streams = streams
    this.#nowMs = nowMs
    this.#baseUrl = baseUrl
  }

  /** GetHLSStreamingSessionURL. */
  open(body: unknown): Answer {
    const input = parsed(sessionShape, body, 'InvalidArgumentException')
    const stream = this.#streams.named(input.StreamName)
    const fragments = fragmentsOf(stream, input)
    const isOld = (fragments.at(-1)?.serverMs ?? 0) < this.#nowMs() - liveWithinMs
    if (fragments.length === 0 || (input.PlaybackMode === 'LIVE' && isOld)) {
      throw notFound('There are no fragments to play.')
    }
    const token = randomBytes(18).toString('base64url')
    this.#sessions.set(token, { stream, input, expiresAtMs: this.#nowMs() + input.Expires * 1_000 })
    const url = `${this.#baseUrl()}${hlsPath}getHLSMasterPlaylist.m3u8?SessionToken=${token}`
    return jsonAnswer({ HLSStreamingSessionURL: url })
  }

  /** What a player fetches. */
  async answer(url: string): Promise<Answer> {
    const { pathname, searchParams } = new URL(url, 'http://hls')
    const token = searchParams.get('SessionToken') ?? ''
    const session = this.#session(token)
    const query = `SessionToken=${token}`
    const parts = () => partsOf(fragmentIn(session, searchParams.get('FragmentNumber')))
    switch (pathname.slice(hlsPath.length)) {
      case 'getHLSMasterPlaylist.m3u8':
        return playlist(masterPlaylist(session, query))
      case 'getHLSMediaPlaylist.m3u8':
        return playlist(mediaPlaylist(session, query))
      case 'getMP4InitFragment.mp4':
        return mp4((await parts()).head)
      case 'getMP4MediaFragment.mp4':
        return mp4((await parts()).media)
      default:
        throw notFound('A session has no such part.')
    }
  }

  #session(token: string): Session {
    const session = this.#sessions.get(token)
    if (session && session.expiresAtMs > this.#nowMs()) return session
    this.#sessions.delete(token)
    throw new AwsError(403, 'NotAuthorizedException', 'The session expired, or does not exist.')
  }
}

const remuxed = new WeakMap<StoredFragment, Promise<ReturnType<typeof mp4Parts>>>()

/** A player fetches both parts of a fragment. */
function partsOf(fragment: StoredFragment) {
  const parts = remuxed.get(fragment) ?? remuxToMp4([fragment]).then(mp4Parts)
  remuxed.set(fragment, parts)
  return parts
}

const mp4 = (body: Buffer): Answer => ({
  status: 200,
  headers: { 'content-type': 'video/mp4' },
  body,
})

const playlist = (lines: readonly string[]): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/x-mpegURL', 'cache-control': 'no-store' },
  body: `${lines.join('\n')}\n`,
})

function fragmentsOf(
  stream: VideoStream,
  { PlaybackMode, HLSFragmentSelector: selector }: SessionInput,
): readonly StoredFragment[] {
  const range = selector?.TimestampRange
  const { StartTimestamp, EndTimestamp } = range ?? {}
  if (
    PlaybackMode === 'ON_DEMAND' &&
    (StartTimestamp === undefined || EndTimestamp === undefined)
  ) {
    throw invalidArgument('ON_DEMAND needs a TimestampRange with a start and an end.')
  }
  const within = fragmentsWithin(stream, selector?.FragmentSelectorType ?? 'SERVER_TIMESTAMP', {
    StartTimestamp: StartTimestamp ?? 0,
    EndTimestamp: EndTimestamp ?? Number.POSITIVE_INFINITY,
  })
  return PlaybackMode === 'LIVE' ? within.slice(-liveFragments) : within
}

function fragmentIn({ stream }: Session, number: string | null): StoredFragment {
  const fragment = stream.fragments.find((one) => one.number === number)
  if (!fragment) throw notFound('There is no such fragment.')
  return fragment
}

function masterPlaylist({ stream, input }: Session, query: string): string[] {
  const header = fragmentsOf(stream, input)[0]?.header
  const codec = header ? codecOf(header) : 'avc1.42c01e'
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-STREAM-INF:CODECS="${codec}",BANDWIDTH=1000000`,
    `getHLSMediaPlaylist.m3u8?${query}`,
  ]
}

/** Profile and level follow the version at the start of the codec data. */
function codecOf(header: Buffer): string {
  const at = header.indexOf(Buffer.from([0x63, 0xa2]))
  const record = header.indexOf(1, at + 3)
  return `avc1.${header.subarray(record + 1, record + 4).toString('hex')}`
}

function mediaPlaylist({ stream, input }: Session, query: string): string[] {
  const isOnDemand = input.PlaybackMode === 'ON_DEMAND'
  const fragments = fragmentsOf(stream, input)
  const before = fragments[0] ? stream.fragments.indexOf(fragments[0]) : 0
  const longest = Math.max(1, ...fragments.map((one) => Math.ceil(secondsOf(stream, one))))
  const entries = fragments.flatMap((one) => {
    const parameters = `${query}&FragmentNumber=${one.number}`
    return [
      // Each fragment is remuxed by itself, so its time stamps start at 0.
      '#EXT-X-DISCONTINUITY',
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(one.producerMs).toISOString()}`,
      `#EXT-X-MAP:URI="getMP4InitFragment.mp4?${parameters}"`,
      `#EXTINF:${secondsOf(stream, one).toFixed(3)},`,
      `getMP4MediaFragment.mp4?${parameters}`,
    ]
  })
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${longest}`,
    `#EXT-X-MEDIA-SEQUENCE:${before}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${before}`,
    ...(isOnDemand ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : []),
    ...entries,
    ...(isOnDemand ? ['#EXT-X-ENDLIST'] : []),
  ]
}

/** Until the next fragment if that follows directly; otherwise until the last frame has been shown. */
function secondsOf(stream: VideoStream, fragment: StoredFragment): number {
  const next = stream.fragments[stream.fragments.indexOf(fragment) + 1]
  const shownMs = fragment.lastMs - fragment.producerMs
  const frameMs = shownMs / Math.max(1, fragment.blocks.length - 1)
  const untilNextMs = next ? next.producerMs - fragment.producerMs : Number.POSITIVE_INFINITY
  const isDirect = untilNextMs > shownMs && untilNextMs <= shownMs + 3 * frameMs
  return (isDirect ? untilNextMs : shownMs + frameMs) / 1_000
}
