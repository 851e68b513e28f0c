/** Clips in the private bucket, for a day. The URL of a clip is valid for five minutes. */
import {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Clips, Clock } from '../../ports.ts'

/** Time to start the download. S3 does not interrupt one that has started. */
const urlLifeSeconds = 300

export function clipsS3(options: S3ClientConfig, Bucket: string, clock: Clock): Clips {
  const client = new S3Client(options)
  async function link(Key: string) {
    const expiresIn = urlLifeSeconds
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn })
    return { url, expiresAtMs: clock.nowMs() + urlLifeSeconds * 1_000 }
  }
  return {
    link,
    async put({ key: Key, mp4, fileName }) {
      await client.send(
        new PutObjectCommand({
          Bucket,
          Key,
          Body: mp4,
          ContentType: 'video/mp4',
          ContentDisposition: `attachment; filename="${fileName}"`,
          CacheControl: 'no-store',
        }),
      )
      return link(Key)
    },
  }
}
