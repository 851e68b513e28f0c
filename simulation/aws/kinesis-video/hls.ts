/**
 * HLS sessions: playlists of what is stored, each fragment turned into a transport stream or into
 * fragmented MP4 by ffmpeg. Without ffmpeg a session is refused, and the words say why.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import * as z from 'zod/mini'
import { jsonAnswer, parsed } from '../json-services.ts'
import { type Answer, AwsError } from '../wire.ts'
import { fileOf } from './get-media.ts'
import type { StoredFragment, VideoStream, VideoStreams } from './streams.ts'

export interface Hls {
  open(body: unknown): Answer
  answer(url: string): Promise<Answer>
}

interface HlsDeps {
  readonly streams: VideoStreams
  readonly nowMs: () => number
  readonly baseUrl: () => string
  readonly ffmpeg: string
}

const sessionShape = z.object({
  StreamName: z.optional(z.string()),
  StreamARN: z.optional(z.string()),
  PlaybackMode: z._default(z.enum(['LIVE', 'LIVE_REPLAY', 'ON_DEMAND']), 'LIVE'),
  ContainerFormat: z._default(z.enum(['FRAGMENTED_MP4', 'MPEG_TS']), 'FRAGMENTED_MP4'),
  Expires: z._default(z.number().check(z.minimum(300), z.maximum(43_200)), 300),
  MaxMediaPlaylistFragmentResults: z.optional(z.number().check(z.minimum(1), z.maximum(5_000))),
  HLSFragmentSelector: z.optional(
    z.object({
      FragmentSelectorType: z.optional(z.enum(['PRODUCER_TIMESTAMP', 'SERVER_TIMESTAMP'])),
      TimestampRange: z.optional(
        z.object({ StartTimestamp: z.optional(z.number()), EndTimestamp: z.optional(z.number()) }),
      ),
    }),
  ),
})
type Wanted = z.infer<typeof sessionShape>

interface Session {
  readonly stream: VideoStream
  readonly wanted: Wanted
  readonly expiresAtMs: number
}

const playlistType = 'application/x-mpegURL'
const liveFragments = 5
/** A stream that has said nothing for longer is not live. */
const liveWithinMs = 30_000

export function hlsSessions({ streams, nowMs, baseUrl, ffmpeg }: HlsDeps): Hls {
  const sessions = new Map<string, Session>()
  const sessionOf = (token: string | null): Session => {
    const session = sessions.get(token ?? '')
    if (session && session.expiresAtMs > nowMs()) return session
    sessions.delete(token ?? '')
    throw new AwsError(403, 'NotAuthorizedException', 'The session has run out, or never was.')
  }
  return {
    open(body) {
      const wanted = parsed(sessionShape, body, 'InvalidArgumentException')
      const stream = streams.named(wanted)
      const playable = chosen(stream, wanted)
      const isLive = wanted.PlaybackMode === 'LIVE'
      const isOld = (playable.at(-1)?.serverMs ?? 0) < nowMs() - liveWithinMs
      if (playable.length === 0 || (isLive && isOld)) {
        throw new AwsError(404, 'ResourceNotFoundException', 'There are no fragments to play.')
      }
      const token = randomBytes(18).toString('base64url')
      sessions.set(token, { stream, wanted, expiresAtMs: nowMs() + wanted.Expires * 1_000 })
      const url = `${baseUrl()}/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=${token}`
      return jsonAnswer({ HLSStreamingSessionURL: url })
    },
    async answer(url) {
      const { pathname, searchParams } = new URL(url, 'http://hls')
      const token = searchParams.get('SessionToken')
      const session = sessionOf(token)
      const query = `SessionToken=${token}`
      const of = () => fragmentIn(session, searchParams.get('FragmentNumber'))
      switch (pathname.slice('/hls/v1/'.length)) {
        case 'getHLSMasterPlaylist.m3u8':
          return playlist(masterLines(session, query))
        case 'getHLSMediaPlaylist.m3u8':
          return playlist(mediaLines(session, query))
        case 'getTSFragment.ts':
          return media('video/MP2T', await remuxed(ffmpeg, [of()], tsOptions))
        case 'getMP4InitFragment.mp4':
          return media('video/mp4', mp4Parts(await remuxed(ffmpeg, [of()], mp4Options)).head)
        case 'getMP4MediaFragment.mp4':
          return media('video/mp4', mp4Parts(await remuxed(ffmpeg, [of()], mp4Options)).media)
        default:
          throw new AwsError(
            404,
            'ResourceNotFoundException',
            'There is no such part of a session.',
          )
      }
    },
  }
}

const playlist = (lines: readonly string[]): Answer => ({
  status: 200,
  headers: { 'content-type': playlistType, 'cache-control': 'no-store' },
  body: `${lines.join('\n')}\n`,
})

const media = (type: string, body: Buffer): Answer => ({
  status: 200,
  headers: { 'content-type': type },
  body,
})

function chosen(
  stream: VideoStream,
  { PlaybackMode, HLSFragmentSelector }: Wanted,
): readonly StoredFragment[] {
  const range = HLSFragmentSelector?.TimestampRange
  const field =
    HLSFragmentSelector?.FragmentSelectorType === 'PRODUCER_TIMESTAMP' ? 'producerMs' : 'serverMs'
  const fromMs = (range?.StartTimestamp ?? 0) * 1_000
  const toMs = (range?.EndTimestamp ?? Number.POSITIVE_INFINITY) * 1_000
  const within = stream.fragments.filter((one) => one[field] >= fromMs && one[field] < toMs)
  return PlaybackMode === 'LIVE' ? within.slice(-liveFragments) : within
}

function fragmentIn({ stream }: Session, number: string | null): StoredFragment {
  const fragment = stream.fragments.find((one) => one.number === number)
  if (fragment) return fragment
  throw new AwsError(404, 'ResourceNotFoundException', 'There is no such fragment.')
}

const masterLines = ({ stream, wanted }: Session, query: string): string[] => {
  const header = chosen(stream, wanted)[0]?.header
  const codec = header ? codecOf(header) : 'avc1.42c01e'
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-STREAM-INF:CODECS="${codec}",BANDWIDTH=1000000`,
    `getHLSMediaPlaylist.m3u8?${query}`,
  ]
}

/** Profile and level stand at the start of the codec data, behind the version. */
function codecOf(header: Buffer): string {
  const at = header.indexOf(Buffer.from([0x63, 0xa2]))
  const record = header.indexOf(1, at + 3)
  return `avc1.${header.subarray(record + 1, record + 4).toString('hex')}`
}

function mediaLines({ stream, wanted }: Session, query: string): string[] {
  const fragments = chosen(stream, wanted)
  const isMp4 = wanted.ContainerFormat === 'FRAGMENTED_MP4'
  const first = fragments[0]
  const before = first ? stream.fragments.indexOf(first) : 0
  const longest = Math.max(1, ...fragments.map((one) => Math.ceil(lengthOf(stream, one))))
  const lines = fragments.flatMap((one) => {
    const of = `${query}&FragmentNumber=${one.number}`
    return [
      // Each is remuxed by itself, so each has a clock of its own.
      '#EXT-X-DISCONTINUITY',
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(one.producerMs).toISOString()}`,
      ...(isMp4 ? [`#EXT-X-MAP:URI="getMP4InitFragment.mp4?${of}"`] : []),
      `#EXTINF:${lengthOf(stream, one).toFixed(3)},`,
      isMp4 ? `getMP4MediaFragment.mp4?${of}` : `getTSFragment.ts?${of}`,
    ]
  })
  return [
    ...['#EXTM3U', '#EXT-X-VERSION:6', `#EXT-X-TARGETDURATION:${longest}`],
    ...[`#EXT-X-MEDIA-SEQUENCE:${before}`, `#EXT-X-DISCONTINUITY-SEQUENCE:${before}`],
    ...(wanted.PlaybackMode === 'LIVE' ? [] : [playlistKind(wanted)]),
    ...lines,
    ...(wanted.PlaybackMode === 'ON_DEMAND' ? ['#EXT-X-ENDLIST'] : []),
  ]
}

const playlistKind = ({ PlaybackMode }: Wanted): string =>
  `#EXT-X-PLAYLIST-TYPE:${PlaybackMode === 'ON_DEMAND' ? 'VOD' : 'EVENT'}`

/** Until the next fragment, if that follows closely; otherwise what can be seen in it. */
function lengthOf(stream: VideoStream, fragment: StoredFragment): number {
  const next = stream.fragments[stream.fragments.indexOf(fragment) + 1]
  const shownMs = fragment.lastMs - fragment.producerMs
  const frameMs = shownMs / Math.max(1, fragment.blocks.length - 1)
  const untilNextMs = next ? next.producerMs - fragment.producerMs : Number.POSITIVE_INFINITY
  const isClose = untilNextMs > shownMs && untilNextMs <= shownMs + 3 * frameMs
  return (isClose ? untilNextMs : shownMs + frameMs) / 1_000
}

// ---------------------------------------------------------------- containers

const tsOptions = ['-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0']
export const mp4Options = ['-f', 'mp4', '-movflags', '+frag_keyframe+empty_moov+default_base_moof']

export async function remuxed(
  ffmpeg: string,
  fragments: readonly StoredFragment[],
  options: readonly string[],
): Promise<Buffer> {
  const child = spawn(ffmpeg, ['-v', 'error', '-i', '-', '-c', 'copy', ...options, '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const absent = new Promise<never>((_, reject) =>
    child.once('error', () =>
      reject(
        new AwsError(
          501,
          'NotImplemented',
          'Playing video needs ffmpeg, which is not installed here.',
        ),
      ),
    ),
  )
  // It may hang up as soon as it has read enough.
  child.stdin.on('error', () => {})
  child.stdin.end(fileOf(fragments))
  return Promise.race([buffer(child.stdout), absent])
}

/** Everything before the first `moof` is the head that all fragments share. */
function mp4Parts(file: Buffer): { readonly head: Buffer; readonly media: Buffer } {
  let at = 0
  while (at + 8 <= file.length && file.toString('latin1', at + 4, at + 8) !== 'moof') {
    at += Math.max(8, file.readUInt32BE(at))
  }
  return { head: file.subarray(0, at), media: file.subarray(at) }
}
