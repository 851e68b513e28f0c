/** Where a stream's media is fetched: every stream may have a place of its own, for a while. */
import {
  type APIName,
  GetDataEndpointCommand,
  KinesisVideoClient,
  type KinesisVideoClientConfig,
} from '@aws-sdk/client-kinesis-video'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: KinesisVideoClientConfig): KinesisVideoClient =>
  new KinesisVideoClient(settings)

export type EndpointOf = (streamName: string) => Promise<string>

export interface MediaEndpoints {
  of: EndpointOf
  /** Ask again next time. */
  forget(streamName: string): void
}

/** Asking is limited to five times a second for a stream. */
const rememberedMs = 3_600_000

export function mediaEndpoints(
  client: KinesisVideoClient,
  clock: { nowMs(): number },
  /** For what: each call has places of its own. */
  APIName: APIName = 'GET_MEDIA',
): MediaEndpoints {
  const known = new Map<string, { readonly url: string; readonly untilMs: number }>()
  return {
    async of(streamName) {
      const remembered = known.get(streamName)
      if (remembered && remembered.untilMs > clock.nowMs()) return remembered.url
      const asked = new GetDataEndpointCommand({ StreamName: streamName, APIName })
      const { DataEndpoint: url } = await client.send(asked)
      if (url === undefined) throw new Error('Kinesis Video named no place to fetch media from.')
      known.set(streamName, { url, untilMs: clock.nowMs() + rememberedMs })
      return url
    },
    forget: (streamName) => void known.delete(streamName),
  }
}
