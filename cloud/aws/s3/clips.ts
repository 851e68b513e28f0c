/**
 * Clips in the one private bucket, for a day. Whoever was given the address of one can fetch it, and
 * nothing else, for five minutes.
 */
import { PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import * as z from 'zod/mini'
import type { ClipFile, Clips, Clock } from '../../ports.ts'
import { signedAddress } from './clip-address.ts'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: S3ClientConfig): S3Client => new S3Client(settings)

interface Deps {
  readonly client: S3Client
  readonly bucket: string
  readonly clock: Clock
}

/** Long enough to begin to download, as S3 does not break off what has begun. */
const addressLifeSeconds = 300

export const clipsS3 = (deps: Deps): Clips => ({
  async keep(clip) {
    const place = await put(deps, clip)
    const url = await signedAddress(deps.client.config, place, addressLifeSeconds)
    return { url, expiresAtMs: deps.clock.nowMs() + addressLifeSeconds * 1_000 }
  },
})

const sent = z.object({
  ...{ protocol: z.string(), hostname: z.string(), path: z.string() },
  port: z.optional(z.number()),
})

/** Where it was put is where it is fetched: which host a bucket has, only the SDK knows. */
async function put({ client, bucket }: Deps, { key, mp4, fileName }: ClipFile): Promise<URL> {
  const asked = new PutObjectCommand({
    ...{ Bucket: bucket, Key: key, Body: mp4, ContentType: 'video/mp4' },
    ...{ ContentDisposition: `attachment; filename="${fileName}"`, CacheControl: 'no-store' },
  })
  const places: URL[] = []
  const note = (request: unknown): void => {
    const { protocol, hostname, port, path } = z.parse(sent, request)
    places.push(new URL(path, `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`))
  }
  asked.middlewareStack.add(
    (next) => async (args) => {
      note(args.request)
      return next(args)
    },
    { step: 'build', name: 'noteWhere' },
  )
  await client.send(asked)
  const [place] = places
  if (!place) throw new Error('S3 was sent nothing.')
  return place
}
