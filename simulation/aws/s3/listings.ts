/** ListObjectsV2, whose answer is XML. */
import { AwsError, xmlText } from '../wire.ts'
import type { Bucket, StoredObject } from './objects.ts'

const mostKeys = 1000
export const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

type Entry = { readonly key: string; readonly object: StoredObject | null }

export function listObjects(bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const most = Math.min(mostKeys, Number(query.get('max-keys') ?? mostKeys))
  if (!Number.isInteger(most) || most < 0) throw new AwsError(400, 'InvalidArgument', 'max-keys')
  const isEncoded = query.get('encoding-type') === 'url'
  const text = isEncoded ? encodedKey : xmlText
  const left = entriesOf(bucket.list(prefix), prefix, query.get('delimiter')).filter(
    startingAt(query),
  )
  const page = left.slice(0, most)
  const truncated = left.length > page.length && page.length > 0
  const token = truncated ? tokenOf(page.at(-1)?.key ?? '') : null
  return (
    `<ListBucketResult xmlns="${namespace}"><Name>${xmlText(bucket.name)}</Name>` +
    `<Prefix>${text(prefix)}</Prefix><MaxKeys>${most}</MaxKeys><KeyCount>${page.length}</KeyCount>` +
    `<IsTruncated>${truncated}</IsTruncated>` +
    (isEncoded ? '<EncodingType>url</EncodingType>' : '') +
    (token ? `<NextContinuationToken>${token}</NextContinuationToken>` : '') +
    page.map((entry) => entryXml(entry, text)).join('') +
    '</ListBucketResult>'
  )
}

const encodedKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

/** Keys with the delimiter after the prefix become one entry, under their common prefix. */
function entriesOf(
  objects: readonly StoredObject[],
  prefix: string,
  delimiter: string | null,
): readonly Entry[] {
  const entries = new Map<string, Entry>()
  for (const object of objects) {
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1
    const key = end < 0 ? object.key : object.key.slice(0, end + (delimiter ?? '').length)
    if (!entries.has(key)) entries.set(key, { key, object: end < 0 ? object : null })
  }
  return [...entries.values()]
}

function startingAt(query: URLSearchParams): (entry: Entry) => boolean {
  const token = query.get('continuation-token')
  const after = token === null ? query.get('start-after') : keyOf(token)
  return ({ key }) => after === null || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0
}

const tokenOf = (key: string): string => Buffer.from(`after:${key}`).toString('base64url')

function keyOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  if (text.startsWith('after:')) return text.slice('after:'.length)
  throw new AwsError(400, 'InvalidArgument', 'The continuation token provided is incorrect')
}

function entryXml({ key, object }: Entry, text: (key: string) => string): string {
  if (!object) return `<CommonPrefixes><Prefix>${text(key)}</Prefix></CommonPrefixes>`
  return (
    `<Contents><Key>${text(key)}</Key><LastModified>${new Date(object.atMs).toISOString()}` +
    `</LastModified><ETag>${xmlText(object.etag)}</ETag><Size>${object.bytes.length}</Size>` +
    '<StorageClass>STANDARD</StorageClass></Contents>'
  )
}
