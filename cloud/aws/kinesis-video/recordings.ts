/** Recordings in Kinesis Video: a clip of a span of time, or an HLS session for a player. */
import { addAbortSignal, Readable } from 'node:stream'
import {
  GetClipCommand,
  GetHLSStreamingSessionURLCommand,
  type GetHLSStreamingSessionURLInput,
  KinesisVideoArchivedMediaClient,
} from '@aws-sdk/client-kinesis-video-archived-media'
import type { Clock, RecordingSpan, Recordings } from '../../ports.ts'
import { type ClientSettings, type MediaEndpoints, mediaEndpoints } from './endpoint.ts'

interface RecordingsDeps {
  readonly settings: ClientSettings
  readonly clock: Clock
  readonly largestClipBytes?: number
}

/** Carries the code of a refusal but not its message, which may repeat parts of the request. */
class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal'
  readonly code: string
  constructor(code: string) {
    super('Kinesis Video refused a call.')
    this.code = code
  }
}

/**
 * The service silently leaves out what exceeds 100 MB or 200 fragments, and a fragment lasts at
 * least a second. A clip is held in memory, for a short time twice.
 */
const usualLargestClipBytes = 90 * 1024 * 1024
const longestClipMs = 200_000

/** The shortest possible, so that a person who leaves the household does not watch for long. */
const liveSeconds = 300
const replaySeconds = 3_600

/** The service assembles a clip during the call, and the clip must be stored in the same request. */
const answerWithinMs = 15_000

export function recordingsKinesisVideo({
  settings,
  clock,
  largestClipBytes = usualLargestClipBytes,
}: RecordingsDeps): Recordings {
  const endpoints = mediaEndpoints(settings, clock)
  const call = <T>(api: ArchivedApi, streamName: string, use: Use<T>) =>
    callArchivedMedia({ settings, endpoints, api, streamName, use })
  return {
    async clip(span) {
      if (span.toMs - span.fromMs > longestClipMs) return { outcome: 'no-clip', why: 'too-long' }
      const mp4 = await call('GET_CLIP', span.streamName, async (client, abortSignal) => {
        const command = new GetClipCommand({
          StreamName: span.streamName,
          ClipFragmentSelector: selectorOf(span),
        })
        const { Payload } = await client.send(command, { abortSignal })
        if (!(Payload instanceof Readable)) return null
        return readAtMost(largestClipBytes, addAbortSignal(abortSignal, Payload))
      })
      if (mp4 === null) return { outcome: 'no-clip', why: 'nothing-there' }
      if (mp4 === 'too-long') return { outcome: 'no-clip', why: 'too-long' }
      return { outcome: 'clip', mp4 }
    },

    async play(what) {
      const startedAtMs = clock.nowMs()
      const input = sessionInput(what)
      const url = await call(
        'GET_HLS_STREAMING_SESSION_URL',
        what.streamName,
        async (client, abortSignal) => {
          const command = new GetHLSStreamingSessionURLCommand(input)
          const { HLSStreamingSessionURL } = await client.send(command, { abortSignal })
          if (HLSStreamingSessionURL === undefined) throw new ServiceRefusal('NoSessionUrl')
          return HLSStreamingSessionURL
        },
      )
      return url === null ? null : { url, expiresAtMs: startedAtMs + input.Expires * 1_000 }
    },
  }
}

type ArchivedApi = 'GET_CLIP' | 'GET_HLS_STREAMING_SESSION_URL'
type Use<T> = (client: KinesisVideoArchivedMediaClient, abortSignal: AbortSignal) => Promise<T>

/** Null when the stream does not exist or holds nothing of that time. */
async function callArchivedMedia<T>(what: {
  readonly settings: ClientSettings
  readonly endpoints: MediaEndpoints
  readonly api: ArchivedApi
  readonly streamName: string
  readonly use: Use<T>
}): Promise<T | null> {
  const { settings, endpoints, api, streamName, use } = what
  let client: KinesisVideoArchivedMediaClient | null = null
  try {
    client = new KinesisVideoArchivedMediaClient({
      ...settings,
      endpoint: await endpoints.of(streamName, api),
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: 2_000,
        requestTimeout: answerWithinMs,
        throwOnRequestTimeout: true,
      },
    })
    return await use(client, AbortSignal.timeout(answerWithinMs))
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null
    endpoints.forget()
    if (error instanceof Error && '$fault' in error) throw new ServiceRefusal(error.name)
    throw error
  } finally {
    client?.destroy()
  }
}

/** By the door's clock. */
const selectorOf = ({ fromMs, toMs }: RecordingSpan) => ({
  FragmentSelectorType: 'PRODUCER_TIMESTAMP' as const,
  TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) },
})

function sessionInput(what: RecordingSpan | { readonly streamName: string }) {
  const common = { StreamName: what.streamName, ContainerFormat: 'FRAGMENTED_MP4' } as const
  const live = { ...common, PlaybackMode: 'LIVE', Expires: liveSeconds } as const
  if (!('fromMs' in what)) return live
  return {
    ...common,
    PlaybackMode: 'ON_DEMAND',
    Expires: replaySeconds,
    HLSFragmentSelector: selectorOf(what),
  } satisfies GetHLSStreamingSessionURLInput
}

async function readAtMost(
  mostBytes: number,
  stream: AsyncIterable<Buffer>,
): Promise<Uint8Array<ArrayBuffer> | 'too-long'> {
  const parts: Buffer[] = []
  let bytes = 0
  // Leaving the loop closes the connection.
  for await (const part of stream) {
    bytes += part.length
    if (bytes > mostBytes) return 'too-long'
    parts.push(part)
  }
  return Buffer.concat(parts)
}
