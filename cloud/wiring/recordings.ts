/** Recordings to watch: clips and HLS sessions. */
import { awsSettings } from '../aws/settings.ts'
import type { Clock, Recordings } from '../ports.ts'
import { clock } from './basics.ts'
import { onFirstCall } from './on-first-call.ts'

export function recordings(at: Clock = clock): Recordings {
  const load = async () => {
    const { recordingsKinesisVideo } = await import('../aws/kinesis-video/recordings.ts')
    return recordingsKinesisVideo({ settings: awsSettings, clock: at })
  }
  return onFirstCall<Recordings>(load, (it) => ({
    clip: async (...asked) => (await it()).clip(...asked),
    play: async (...asked) => (await it()).play(...asked),
  }))
}
