/** Looks up the endpoint of a stream's media: each stream may have its own, for a while. */
import {
  type APIName,
  GetDataEndpointCommand,
  KinesisVideoClient,
  type KinesisVideoClientConfig,
} from '@aws-sdk/client-kinesis-video'
import type { Clock } from '../../ports.ts'

/** What the clients of both media APIs are built with. */
export type ClientSettings = Pick<
  KinesisVideoClientConfig,
  'region' | 'credentials' | 'endpoint' | 'maxAttempts' | 'retryMode' | 'requestHandler'
>

export interface MediaEndpoints {
  of(streamName: string, api: APIName): Promise<string>
  /** The next call asks the service again. */
  forget(): void
}

/** GetDataEndpoint is limited to five calls a second per stream. */
const cachedMs = 3_600_000

export function mediaEndpoints(settings: ClientSettings, clock: Clock): MediaEndpoints {
  const client = new KinesisVideoClient(settings)
  const known = new Map<string, { readonly url: string; readonly untilMs: number }>()
  return {
    async of(StreamName, APIName) {
      const key = `${APIName} ${StreamName}`
      const cached = known.get(key)
      if (cached && cached.untilMs > clock.nowMs()) return cached.url
      const { DataEndpoint: url } = await client.send(
        new GetDataEndpointCommand({ StreamName, APIName }),
      )
      if (url === undefined) throw new Error('Kinesis Video returned no data endpoint.')
      known.set(key, { url, untilMs: clock.nowMs() + cachedMs })
      return url
    },
    forget: () => known.clear(),
  }
}
