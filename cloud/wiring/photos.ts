/** Photos in S3. */
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import type { Photos } from '../ports.ts'
import { onFirstCall } from './on-first-call.ts'

export function photos(): Photos {
  const { PHOTOS_BUCKET: bucket } = settings('PHOTOS_BUCKET')
  const load = async () => {
    const { photosS3, newClient } = await import('../aws/s3/photos.ts')
    return photosS3({ client: newClient(awsSettings), bucket })
  }
  return onFirstCall<Photos>(load, (it) => ({
    read: async (...asked) => (await it()).read(...asked),
    write: async (...asked) => (await it()).write(...asked),
    remove: async (...asked) => (await it()).remove(...asked),
    list: async (...asked) => (await it()).list(...asked),
    uploadForm: async (...asked) => (await it()).uploadForm(...asked),
  }))
}
