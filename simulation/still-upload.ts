/** Puts a picture where the door's camera puts it, over the wire, as a door with video does. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { photosBucket } from './simulated-cloud.ts'

export interface TakenStill {
  readonly doorId: string
  readonly visitId: string
  readonly number: number | null
  readonly takenAtMs: number
  readonly jpeg: Uint8Array
}

/** One client for each stand-in; there is one at a time. */
let reused: { readonly endpoint: string; readonly client: S3Client } | null = null

export async function uploadStill(still: TakenStill, endpoint: string): Promise<void> {
  const { doorId, visitId, number, takenAtMs, jpeg } = still
  if (reused?.endpoint !== endpoint) {
    reused?.client.destroy()
    reused = { endpoint, client: clientOf(endpoint) }
  }
  await reused.client.send(
    new PutObjectCommand({
      Bucket: photosBucket,
      Key: `stills/${doorId}/${visitId}/${takenAtMs}.jpg`,
      Body: jpeg,
      ContentType: 'image/jpeg',
      ...(number !== null && { Metadata: { 'visit-number': String(number) } }),
    }),
  )
}

const clientOf = (endpoint: string): S3Client =>
  new S3Client({
    ...{ endpoint, region: 'eu-central-1', forcePathStyle: true },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
