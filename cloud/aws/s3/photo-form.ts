/** A form that lets a browser upload one JPEG, to one key, for a few minutes. */
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'

type Client = Parameters<typeof createPresignedPost>[0]

const formLifeSeconds = 300

export async function uploadForm(
  { client, bucket }: { readonly client: Client; readonly bucket: string },
  key: string,
  mostBytes: number,
) {
  return await createPresignedPost(client, {
    Bucket: bucket,
    Key: key,
    Expires: formLifeSeconds,
    Fields: { 'Content-Type': 'image/jpeg' },
    // S3 itself refuses what differs from this, before a single one of our functions runs.
    Conditions: [['content-length-range', 1, mostBytes]],
  })
}
