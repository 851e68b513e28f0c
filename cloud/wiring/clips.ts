/** Clips to be fetched. They lie in the bucket of photos. */
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import type { Clips, Clock } from '../ports.ts'
import { clock } from './basics.ts'
import { onFirstCall } from './on-first-call.ts'

export function clips(at: Clock = clock): Clips {
  const { PHOTOS_BUCKET: bucket } = settings('PHOTOS_BUCKET')
  const load = async () => {
    const { clipsS3, newClient } = await import('../aws/s3/clips.ts')
    return clipsS3({ client: newClient(awsSettings), bucket, clock: at })
  }
  return onFirstCall<Clips>(load, (it) => ({
    keep: async (...asked) => (await it()).keep(...asked),
  }))
}
