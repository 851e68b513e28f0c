/** The objects in a bucket, and the event that S3 sends for a new one. */
import { hexOf } from '../wire.ts'

export interface StoredObject {
  readonly key: string
  readonly bytes: Buffer
  readonly etag: string
  readonly atMs: number
  readonly contentType: string
  /** `x-amz-meta-…` without that prefix. */
  readonly metadata: Readonly<Record<string, string>>
  /** As the uploader gave them, by header; S3 computes CRC32 when there is none. */
  readonly checksums?: Readonly<Record<string, string>>
  /** `cache-control` and other headers that are returned as they were put. */
  readonly headers: Readonly<Record<string, string>>
}

type CreatedBy = 'Put' | 'Post'

export interface S3Event {
  readonly Records: readonly S3Record[]
}

interface S3Record {
  readonly eventVersion: '2.1'
  readonly eventSource: 'aws:s3'
  readonly awsRegion: string
  readonly eventTime: string
  readonly eventName: `ObjectCreated:${CreatedBy}`
  readonly s3: {
    readonly s3SchemaVersion: '1.0'
    readonly configurationId: string
    readonly bucket: { readonly name: string; readonly arn: string }
    /** The key is form-encoded, with spaces as `+`, as in real events. */
    readonly object: {
      readonly key: string
      readonly size: number
      readonly eTag: string
      readonly sequencer: string
    }
  }
}

export interface Bucket {
  readonly name: string
  get(key: string): StoredObject | null
  put(object: NewObject, by: CreatedBy): StoredObject
  remove(key: string): void
  /** In the order of the keys' UTF-8 bytes. */
  list(prefix: string): readonly StoredObject[]
}

type NewObject = Omit<StoredObject, 'etag' | 'atMs'>

export interface BucketsOptions extends BucketRules {
  nowMs(): number
  readonly region: string
}

export interface BucketRules {
  readonly onObjectCreated?: ((event: S3Event) => void) | undefined
  readonly expiry?: readonly ExpiryRule[]
}

interface ExpiryRule {
  readonly prefix: string
  readonly days: number
}

const dayMs = 24 * 3_600_000

export function bucketOf(name: string, options: BucketsOptions): Bucket {
  const stored = new Map<string, StoredObject>()
  let puts = 0
  /** S3 deletes at the midnight after that. */
  const isExpired = ({ key, atMs }: StoredObject): boolean =>
    (options.expiry ?? []).some(
      ({ prefix, days }) => key.startsWith(prefix) && options.nowMs() - atMs >= days * dayMs,
    )
  const current = () => {
    for (const object of stored.values()) if (isExpired(object)) stored.delete(object.key)
    return stored
  }
  return {
    name,
    get: (key) => current().get(key) ?? null,
    put(object, by) {
      puts += 1
      const put = { ...object, etag: `"${hexOf('md5', object.bytes)}"`, atMs: options.nowMs() }
      stored.set(object.key, put)
      options.onObjectCreated?.(
        eventOf(put, { bucket: name, by, nth: puts, region: options.region }),
      )
      return put
    },
    remove: (key) => void stored.delete(key),
    list: (prefix) =>
      [...current().values()]
        .filter(({ key }) => key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
  }
}

interface Origin {
  readonly bucket: string
  readonly by: CreatedBy
  readonly nth: number
  readonly region: string
}

function eventOf(object: StoredObject, { bucket, by, nth, region }: Origin): S3Event {
  const record: S3Record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(object.atMs).toISOString(),
    eventName: `ObjectCreated:${by}`,
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'simulation',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: eventKey(object.key),
        size: object.bytes.length,
        eTag: object.etag.replaceAll('"', ''),
        sequencer: nth.toString(16).toUpperCase().padStart(16, '0'),
      },
    },
  }
  return { Records: [record] }
}

const eventKey = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/')
