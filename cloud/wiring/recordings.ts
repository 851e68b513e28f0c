/** Video to look at. */
import { awsSettings } from '../aws/settings.ts'
import type { Clock, Recordings } from '../ports.ts'
import { clock } from './basics.ts'
import { onFirstCall } from './on-first-call.ts'

export function recordings(at: Clock = clock): Recordings {
  const load = async () => {
    const [{ recordingsKinesisVideo }, { mediaEndpoints, newClient }] = await Promise.all([
      import('../aws/kinesis-video/recordings.ts'),
      import('../aws/kinesis-video/endpoint.ts'),
    ])
    const client = newClient(awsSettings)
    return recordingsKinesisVideo({
      clipEndpoints: mediaEndpoints(client, at, 'GET_CLIP'),
      hlsEndpoints: mediaEndpoints(client, at, 'GET_HLS_STREAMING_SESSION_URL'),
      region: client.config.region,
      credentials: client.config.credentials,
      sha256: client.config.sha256,
      clock: at,
    })
  }
  return onFirstCall<Recordings>(load, (it) => ({
    clip: async (...asked) => (await it()).clip(...asked),
    play: async (...asked) => (await it()).play(...asked),
  }))
}
