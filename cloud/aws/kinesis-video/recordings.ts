/**
 * Video that Kinesis Video keeps, to be looked at: a clip of a span of time, or a session that a
 * player follows by HLS. The calls are signed here, as the client for them is not among ours.
 */
import type { Clock, RecordingSession, RecordingSpan, Recordings } from '../../ports.ts'
import { type AwsCaller, askedOf, ServiceRefusal } from './recordings-call.ts'

export interface RecordingsDeps extends AwsCaller {
  readonly clipEndpoints: Endpoints
  readonly hlsEndpoints: Endpoints
  readonly clock: Clock
  /** Longer clips are not handed out. */
  readonly mostClipBytes?: number
}

/** Where a stream's media is fetched: every stream may have a place of its own, for a while. */
export interface Endpoints {
  of(streamName: string): Promise<string>
  /** Ask again next time. */
  forget(streamName: string): void
}

/**
 * The service leaves out what is behind 100 MB or 200 fragments without a word, and each of those
 * lasts a second. All of a clip is held in memory, twice for a moment.
 */
const mostBytes = 90 * 1024 * 1024
const longestClipMs = 200_000

/** As short as it gets: whoever leaves the household does not go on looking for long. */
const liveSeconds = 300
const replaySeconds = 3_600

export function recordingsKinesisVideo(deps: RecordingsDeps): Recordings {
  const { mostClipBytes = mostBytes } = deps
  return {
    async clip(span) {
      if (span.toMs - span.fromMs > longestClipMs) return { outcome: 'no-clip', why: 'too-long' }
      const asked = { ClipFragmentSelector: selectorOf(span), StreamName: span.streamName }
      const path = { path: '/getClip', streamName: span.streamName, mostBytes: mostClipBytes }
      const answer = await at(deps, deps.clipEndpoints, path, asked)
      if (answer === null) return { outcome: 'no-clip', why: 'nothing-there' }
      if (answer === 'too-long') return { outcome: 'no-clip', why: 'too-long' }
      return { outcome: 'clip', mp4: answer }
    },

    async play(what) {
      const path = {
        path: '/getHLSStreamingSessionURL',
        streamName: what.streamName,
        mostBytes: mostClipBytes,
      }
      const nowMs = deps.clock.nowMs()
      const { Expires, ...asked } = sessionFor(what)
      const answer = await at(deps, deps.hlsEndpoints, path, { ...asked, Expires })
      if (answer === null || answer === 'too-long') return null
      return sessionIn(answer, nowMs + Expires * 1_000)
    },
  }
}

/** Seconds, by the door's clock. */
const selectorOf = ({ fromMs, toMs }: RecordingSpan) => ({
  FragmentSelectorType: 'PRODUCER_TIMESTAMP',
  TimestampRange: { StartTimestamp: fromMs / 1_000, EndTimestamp: toMs / 1_000 },
})

function sessionFor(what: RecordingSpan | { readonly streamName: string }) {
  const player = { StreamName: what.streamName, ContainerFormat: 'FRAGMENTED_MP4' }
  return 'fromMs' in what
    ? {
        ...{ ...player, PlaybackMode: 'ON_DEMAND', Expires: replaySeconds },
        HLSFragmentSelector: selectorOf(what),
      }
    : { ...player, PlaybackMode: 'LIVE', Expires: liveSeconds }
}

function sessionIn(answer: Uint8Array, expiresAtMs: number): RecordingSession {
  const said: unknown = JSON.parse(Buffer.from(answer).toString('utf8'))
  const url: unknown = Object(said).HLSStreamingSessionURL
  if (typeof url !== 'string') throw new ServiceRefusal('NoSessionUrl')
  return { url, expiresAtMs }
}

interface Path {
  readonly path: string
  readonly streamName: string
  readonly mostBytes: number
}

/** Null when there is no such stream, or nothing in it of that time. */
async function at(
  caller: AwsCaller,
  endpoints: Endpoints,
  { path, streamName, mostBytes }: Path,
  body: object,
): Promise<Uint8Array<ArrayBuffer> | 'too-long' | null> {
  try {
    const url = new URL(path, await endpoints.of(streamName))
    return await askedOf(caller, url, body, mostBytes)
  } catch (error) {
    if (error instanceof Error && isNothingThere(error)) return null
    // The place may have moved.
    endpoints.forget(streamName)
    throw error
  }
}

const isNothingThere = (error: Error): boolean =>
  (error instanceof ServiceRefusal ? error.code : error.name) === 'ResourceNotFoundException'
