/** Photos in one private bucket. Nothing here makes a link that shows a photo. */
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

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: S3ClientConfig): S3Client => new S3Client(settings)

interface Deps {
  readonly client: S3Client
  readonly bucket: string
}

const largestPhotoBytes = 10_000_000

export const photosS3 = (deps: Deps): Photos => ({
  read: (key) => read(deps, key),
  write: (key, bytes) => write(deps, key, bytes),
  remove: (keys) => remove(deps, keys),
  list: (prefix) => list(deps, prefix),
  // Few who keep photos ever hand out a form.
  uploadForm: async (key) =>
    (await import('./photo-form.ts')).uploadForm(deps, key, largestPhotoBytes),
})

export class PhotoFault extends Error {
  override readonly name = 'PhotoFault'
  readonly code = 'PHOTOS_NOT_REMOVED'
}

async function read({ client, bucket }: Deps, key: string) {
  const found = await get(client, bucket, key)
  if (!found) return null
  const bytes = await bytesOf(found)
  return (
    bytes && {
      key,
      bytes,
      sha256: digestOf(bytes).toString('hex'),
      visitNumber: visitNumberOf(found),
    }
  )
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

/** Asks for the length first, so that nothing huge is ever taken into memory. */
async function bytesOf(found: GetObjectCommandOutput): Promise<Uint8Array | null> {
  const { ContentLength: length } = z.parse(sized, found)
  if (length > largestPhotoBytes) {
    await found.Body?.transformToWebStream().cancel()
    return null
  }
  return (await found.Body?.transformToByteArray()) ?? new Uint8Array()
}

/** Whoever uploads writes it, so it is not believed to be a number. */
function visitNumberOf({ Metadata: notes = {} }: GetObjectCommandOutput): number | null {
  const text = notes['visit-number'] ?? ''
  return /^[1-9]\d{0,2}$/.test(text) ? Number(text) : null
}

/** S3 refuses what does not arrive whole, because the hash goes with it. */
async function write({ client, bucket }: Deps, key: string, bytes: Uint8Array) {
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

/** S3 takes no more of them at once. */
const keysAtOnce = 1_000

async function remove({ client, bucket }: Deps, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += keysAtOnce) {
    const objects = keys.slice(at, at + keysAtOnce).map((key) => ({ Key: key }))
    const { Errors: failures = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
    )
    // The request as a whole succeeds even when no single photo was removed.
    if (failures.length > 0) {
      const code = failures[0]?.Code ?? 'no reason'
      throw new PhotoFault(`${failures.length} photos remain: ${code}.`)
    }
  }
}

const listed = z.object({
  Contents: z.optional(z.array(z.object({ Key: z.string(), LastModified: z.date() }))),
})

async function list({ client, bucket }: Deps, prefix: string) {
  const found: { key: string; atMs: number }[] = []
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    const { Contents: objects = [] } = z.parse(listed, page)
    found.push(...objects.map((one) => ({ key: one.Key, atMs: one.LastModified.getTime() })))
  }
  return found
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
