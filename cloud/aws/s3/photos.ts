/** Photos in a private bucket. There are no links that show a photo. */
import { createHash } from 'node:crypto'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import * as z from 'zod/mini'
import type { Photos } from '../../ports.ts'

interface Bucket {
  readonly client: S3Client
  readonly bucket: string
}

const largestPhotoBytes = 10_000_000

export function photosS3(options: S3ClientConfig, bucket: string): Photos {
  const place = { client: new S3Client(options), bucket }
  return {
    read: (key) => read(place, key),
    write: (key, bytes) => write(place, key, bytes),
    remove: (keys) => remove(place, keys),
    list: (prefix) => list(place, prefix),
    uploadForm: (key, backTo) => uploadForm(place, key, backTo),
  }
}

export class PhotoFault extends Error {
  override readonly name = 'PhotoFault'
  readonly code = 'PHOTOS_NOT_REMOVED'
}

async function read({ client, bucket }: Bucket, key: string) {
  const found = await get(client, bucket, key)
  const bytes = found && (await bytesOf(found))
  if (!found || !bytes) return null
  const sha256 = digestOf(bytes).toString('hex')
  return { key, bytes, sha256, visitNumber: visitNumberOf(found) }
}

async function get(client: S3Client, bucket: string, key: string) {
  try {
    return await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  } catch (error) {
    if (error instanceof NoSuchKey) return null
    throw error
  }
}

const sized = z.object({ ContentLength: z.int().check(z.nonnegative()) })

/** Null without reading it when it is too large. */
async function bytesOf(found: GetObjectCommandOutput): Promise<Uint8Array | null> {
  if (z.parse(sized, found).ContentLength > largestPhotoBytes) {
    await found.Body?.transformToWebStream().cancel()
    return null
  }
  return (await found.Body?.transformToByteArray()) ?? new Uint8Array()
}

/** The uploader wrote the metadata, so it may be anything. */
function visitNumberOf({ Metadata: metadata = {} }: GetObjectCommandOutput): number | null {
  const text = metadata['visit-number'] ?? ''
  return /^[1-9]\d{0,2}$/.test(text) ? Number(text) : null
}

/** With the hash, so that S3 refuses bytes that were damaged on the way. */
async function write({ client, bucket }: Bucket, key: string, bytes: Uint8Array) {
  const digest = digestOf(bytes)
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: bytes,
      ContentType: 'image/jpeg',
      ChecksumSHA256: digest.toString('base64'),
    }),
  )
  return { key, sha256: digest.toString('hex') }
}

/** S3's limit for one call. */
const keysAtOnce = 1_000

async function remove({ client, bucket }: Bucket, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    const objects = keys.slice(at, at + keysAtOnce).map((key) => ({ Key: key }))
    const { Errors: failures = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    )
    // The call succeeds even when no photo was removed.
    if (failures.length > 0) {
      const code = failures[0]?.Code ?? 'no reason'
      throw new PhotoFault(`${failures.length} photos were not removed: ${code}.`)
    }
  }
}

const listed = z.object({
  Contents: z.optional(z.array(z.object({ Key: z.string(), LastModified: z.date() }))),
})

async function list({ client, bucket }: Bucket, prefix: string) {
  const found: { key: string; atMs: number }[] = []
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    const { Contents: objects = [] } = z.parse(listed, page)
    found.push(...objects.map((one) => ({ key: one.Key, atMs: one.LastModified.getTime() })))
  }
  return found
}

const formLifeSeconds = 300

/** Loads the signer when it is used, because only one function needs it. */
async function uploadForm({ client, bucket }: Bucket, key: string, backTo?: string) {
  const { createPresignedPost } = await import('@aws-sdk/s3-presigned-post')
  return createPresignedPost(client, {
    Bucket: bucket,
    Key: key,
    Expires: formLifeSeconds,
    Fields: {
      'Content-Type': 'image/jpeg',
      ...(backTo !== undefined && { success_action_redirect: backTo }),
    },
    // S3 refuses other uploads before any function runs.
    Conditions: [['content-length-range', 1, largestPhotoBytes]],
  })
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
