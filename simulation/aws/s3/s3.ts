/** Simple Storage Service: objects, and uploads by signed URL and by signed form. */
import { bucketArn, objectArn } from '../iam/needs/storage.ts'
import { parseScope, type Verifier } from '../sigv4.ts'
import {
  type Answer,
  AwsError,
  type AwsService,
  type Call,
  decoded,
  headerOf,
  requestId,
  unknownOperation,
  xmlDecoded,
  xmlText,
} from '../wire.ts'
import { checksumsOf, contentOf, crc32Of } from './bodies.ts'
import { type CorsRule, corsHeaders } from './cors.ts'
import { checkedForm } from './form.ts'
import { listObjects, namespace } from './listings.ts'
import {
  type Bucket,
  type BucketRules,
  bucketOf,
  type S3Event,
  type StoredObject,
} from './objects.ts'

export interface S3Options {
  nowMs(): number
  readonly buckets: readonly string[]
  readonly verifier: Verifier
  readonly onObjectCreated?: ((event: S3Event) => void) | undefined
}

export interface S3 extends AwsService {
  create(name: string, rules: BucketRules & { readonly cors: readonly CorsRule[] }): void
  bucket(name: string): Bucket
  /** The headers for a page of another origin, if a rule of the bucket allows it. */
  corsHeaders(call: Call): Readonly<Record<string, string>> | null
}

export function s3(options: S3Options): S3 {
  const { nowMs, onObjectCreated, verifier } = options
  const from = { nowMs, onObjectCreated, region: verifier.region }
  const buckets = new Map(options.buckets.map((name) => [name, bucketOf(name, from)]))
  const cors = new Map<string, readonly CorsRule[]>()
  const bucket = (name: string): Bucket => {
    const found = buckets.get(name)
    if (!found) throw new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist')
    return found
  }
  return {
    name: 's3',
    throttled: { status: 503, code: 'SlowDown' },
    bucket,
    create(name, { cors: rules, onObjectCreated: notify, ...more }) {
      const created = (event: S3Event) => {
        notify?.(event)
        onObjectCreated?.(event)
      }
      buckets.set(name, bucketOf(name, { ...from, ...more, onObjectCreated: created }))
      cors.set(name, rules)
    },
    corsHeaders: (call) => corsHeaders(call, cors.get(target(call)[0]) ?? []),
    operationOf,
    answer(operation, call) {
      const [name, key] = target(call)
      const at = { bucket: bucket(name), key, call, verifier }
      const perform = operations[operation]
      if (!perform) throw unknownOperation(operation)
      return perform(at)
    },
    refuse,
  }
}

interface At {
  readonly bucket: Bucket
  readonly key: string
  readonly call: Call
  readonly verifier: Verifier
}

const operations: Readonly<Record<string, (at: At) => Answer | Promise<Answer>>> = {
  ListObjectsV2: ({ bucket, call }) => xmlAnswer(listObjects(bucket, call.query)),
  DeleteObjects: ({ bucket, call }) => {
    requireIntegrity(call)
    return xmlAnswer(deleteObjects(bucket, contentOf(call).toString('utf8'), call))
  },
  GetBucketLocation: ({ verifier: { region } }) =>
    xmlAnswer(`<LocationConstraint xmlns="${namespace}">${region}</LocationConstraint>`),
  // Since 2023 S3 encrypts every bucket.
  GetBucketEncryption: () =>
    xmlAnswer(
      `<ServerSideEncryptionConfiguration xmlns="${namespace}"><Rule>` +
        '<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>' +
        '</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
    ),
  PostObject: postObject,
  GetObject: getObject,
  HeadObject: getObject,
  PutObject: putObject,
  DeleteObject({ bucket, key, call }) {
    requireKnownHeaders(call)
    bucket.remove(key)
    return { status: 204 }
  },
}

// ---------------------------------------------------------------- which operation

const listParameters = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'start-after',
  'continuation-token',
  'encoding-type',
  'fetch-owner',
]
const answerParameters = [
  'response-content-type',
  'response-content-disposition',
  'response-cache-control',
]

/** An unknown query parameter would change the meaning of the call, so the call is refused. */
function operationOf(call: Call): string | null {
  const [bucket, key] = target(call)
  const query = [...call.query.keys()].filter((name) => name !== 'x-id' && !/^x-amz-/i.test(name))
  if (bucket === '') return null
  if (key !== '') return objectOperation(call, query)
  if (call.method === 'GET') {
    if (query.join() === 'location') return 'GetBucketLocation'
    if (query.join() === 'encryption') return 'GetBucketEncryption'
    const isList = call.query.get('list-type') === '2'
    return isList && query.every((name) => listParameters.includes(name)) ? 'ListObjectsV2' : null
  }
  if (call.method === 'POST' && query.join() === 'delete') return 'DeleteObjects'
  return query.length === 0 && isForm(call) ? 'PostObject' : null
}

function objectOperation(call: Call, query: readonly string[]): string | null {
  if (!query.every((name) => answerParameters.includes(name))) return null
  const names: Readonly<Record<string, string>> = {
    GET: 'GetObject',
    HEAD: 'HeadObject',
    PUT: 'PutObject',
    DELETE: 'DeleteObject',
  }
  return names[call.method] ?? null
}

export const isForm = (call: Call): boolean =>
  call.method === 'POST' && (headerOf(call, 'content-type') ?? '').startsWith('multipart/form-data')

function target({ rawPath }: Call): [bucket: string, key: string] {
  const [, bucket = '', ...key] = rawPath.split('/')
  return [decoded(bucket), decoded(key.join('/'))]
}

// ---------------------------------------------------------------- putting

const knownHeaders = new Set([
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-user-agent',
  'x-amz-security-token',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-trailer',
  'x-amz-decoded-content-length',
  'x-amz-storage-class',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
])

function requireKnownHeaders(call: Call): void {
  const names = [...Object.keys(call.headers), ...call.query.keys()].map((one) => one.toLowerCase())
  const odd = names.find(
    (name) =>
      name.startsWith('x-amz-') &&
      !knownHeaders.has(name) &&
      !/^x-amz-(meta-|checksum-|algorithm$|credential$|expires$|signedheaders$|signature$)/.test(
        name,
      ),
  )
  if (odd) throw unknownOperation(`the header ${odd}`)
}

function requireIntegrity(call: Call): void {
  const sums = Object.keys(call.headers).some((name) => /^x-amz-(checksum-|trailer)/.test(name))
  if (!sums && !call.headers['content-md5']) {
    throw new AwsError(
      400,
      'InvalidRequest',
      'Missing required header for this request: Content-MD5',
    )
  }
}

function putObject({ bucket, key, call }: At): Answer {
  requireKnownHeaders(call)
  const content = contentOf(call)
  requireAbsent(bucket.get(key), call)
  if (Buffer.byteLength(key) > longestKeyBytes) {
    throw new AwsError(400, 'KeyTooLongError', 'Your key is too long')
  }
  const checksums = checksumsOf(call)
  const stored = bucket.put({ key, bytes: content, checksums, ...describedBy(call) }, 'Put')
  return { status: 200, headers: { etag: stored.etag, ...sumsOf(stored) } }
}

const longestKeyBytes = 1_024

const sumsOf = ({ checksums = {}, bytes }: StoredObject): Record<string, string> => ({
  ...(Object.keys(checksums).length > 0 ? checksums : { 'x-amz-checksum-crc32': crc32Of(bytes) }),
  ...fullObject,
})

const fullObject = { 'x-amz-checksum-type': 'FULL_OBJECT' }

function requireAbsent(old: StoredObject | null, call: Call): void {
  const condition = headerOf(call, 'if-none-match')
  if (condition !== null && condition !== '*') throw unknownOperation('If-None-Match but for *')
  const match = headerOf(call, 'if-match')
  if (match !== null && !old) throw new AwsError(404, 'NoSuchKey', noSuchKey)
  if ((condition !== null && old) || (match !== null && match !== old?.etag))
    throw preconditionFailed()
}

const preconditionFailed = (): AwsError =>
  new AwsError(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
  )

const storedHeaders = ['cache-control', 'content-disposition', 'content-language', 'expires']

function describedBy(call: Call): Pick<StoredObject, 'contentType' | 'metadata' | 'headers'> {
  const headers = storedHeaders.flatMap((name) => {
    const value = headerOf(call, name)
    return value === null ? [] : [[name, value] as const]
  })
  const encoding = (headerOf(call, 'content-encoding') ?? '')
    .split(/,\s*/)
    .filter((one) => one !== '' && one !== 'aws-chunked')
  if (encoding.length > 0) headers.push(['content-encoding', encoding.join(',')])
  return {
    contentType: headerOf(call, 'content-type') ?? 'binary/octet-stream',
    metadata: metadataOf(call),
    headers: Object.fromEntries(headers),
  }
}

/** In a presigned URL they are in the query, which is signed too. */
function metadataOf(call: Call): Record<string, string> {
  const headers = Object.keys(call.headers).map(
    (name) => [name, headerOf(call, name) ?? ''] as const,
  )
  const all = [...headers, ...call.query].filter(([name]) => /^x-amz-meta-/i.test(name))
  return Object.fromEntries(
    all.map(([name, value]) => [name.toLowerCase().slice('x-amz-meta-'.length), value]),
  )
}

async function postObject({ bucket, call, verifier }: At): Promise<Answer> {
  const { fields, content } = await checkedForm(call, bucket.name, verifier)
  const key = fields.get('key')
  if (!key) throw new AwsError(400, 'InvalidArgument', "Bucket POST must contain a field 'key'.")
  requireSigner(fields, verifier, objectArn(bucket.name, key))
  const success = fields.get('success_action_status') ?? '204'
  const metadata = [...fields].filter(([name]) => name.startsWith('x-amz-meta-'))
  const stored = bucket.put(
    {
      key,
      bytes: content,
      contentType: fields.get('content-type') ?? 'binary/octet-stream',
      metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice(11), value])),
      headers: {},
    },
    'Post',
  )
  const headers = { etag: stored.etag }
  const redirect = fields.get('success_action_redirect')
  if (redirect !== undefined) {
    const location = new URL(redirect)
    const added = { bucket: bucket.name, key, etag: stored.etag }
    for (const [name, value] of Object.entries(added)) location.searchParams.append(name, value)
    return { status: 303, headers: { ...headers, location: location.href } }
  }
  if (success !== '201') return { status: success === '200' ? 200 : 204, headers }
  const location = `<Bucket>${xmlText(bucket.name)}</Bucket><Key>${xmlText(key)}</Key>`
  const xml = `<PostResponse>${location}<ETag>${xmlText(stored.etag)}</ETag></PostResponse>`
  return { ...xmlAnswer(xml), status: 201 }
}

/** Who uploads a form does what its signer may do. */
function requireSigner(
  fields: ReadonlyMap<string, string>,
  { iam }: Verifier,
  resource: string,
): void {
  const signer = parseScope(fields.get('x-amz-credential') ?? '')?.accessKeyId ?? ''
  const denial = iam?.deniedFor(signer, 's3')({ action: 's3:PutObject', resource })
  if (denial) throw denial
}

// ---------------------------------------------------------------- getting

const noSuchKey = 'The specified key does not exist.'

function getObject({ bucket, key, call }: At): Answer {
  const stored = bucket.get(key)
  // Only who may list it learns that an object does not exist. For S3 its key is the prefix then.
  const listed = { resource: bucketArn(bucket.name), context: { 's3:prefix': key } }
  if (!stored)
    throw (
      call.denied?.({ action: 's3:ListBucket', ...listed }) ??
      new AwsError(404, 'NoSuchKey', noSuchKey)
    )
  const match = headerOf(call, 'if-match')
  if (match !== null && match !== stored.etag) throw preconditionFailed()
  if (headerOf(call, 'if-none-match') === stored.etag) {
    return { status: 304, headers: { etag: stored.etag } }
  }
  const headers = { ...headersOf(stored), ...requestedHeaders(call) }
  const wantsSum = headerOf(call, 'x-amz-checksum-mode') === 'ENABLED'
  const sums = wantsSum ? sumsOf(stored) : {}
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headerOf(call, 'range') ?? '') ?? []
  if (from !== undefined) {
    const body = stored.bytes.subarray(Number(from), to ? Number(to) + 1 : undefined)
    const range = `bytes ${from}-${Number(from) + body.length - 1}/${stored.bytes.length}`
    return { status: 206, headers: { ...headers, 'content-range': range }, body }
  }
  return { status: 200, headers: { ...headers, ...sums }, body: stored.bytes }
}

const headersOf = (stored: StoredObject): Record<string, string> => ({
  ...stored.headers,
  ...Object.fromEntries(
    Object.entries(stored.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
  ),
  'content-type': stored.contentType,
  etag: stored.etag,
  'last-modified': new Date(stored.atMs).toUTCString(),
})

/** `response-content-type=…` in a query sets that header of the answer. */
const requestedHeaders = (call: Call): Record<string, string> =>
  Object.fromEntries(
    [...call.query]
      .filter(([name]) => answerParameters.includes(name))
      .map(([name, value]) => [name.slice('response-'.length), value]),
  )

// ---------------------------------------------------------------- deleting many

const mostKeys = 1000

function deleteObjects(bucket: Bucket, body: string, { denied }: Call): string {
  const keys = [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => {
    const key = /<Key>(.*?)<\/Key>/s.exec(object)?.[1]
    if (!key || /<(VersionId|ETag)>/.test(object)) throw malformed()
    return xmlDecoded(key)
  })
  if (!/<Delete[\s>]/.test(body) || keys.length === 0 || keys.length > mostKeys) throw malformed()
  const isQuiet = /<Quiet>true<\/Quiet>/.test(body)
  const results = keys.map((key) => {
    const resource = objectArn(bucket.name, key)
    const error = denied?.({ action: 's3:DeleteObject', resource })
    if (!error) bucket.remove(key)
    const named = `<Key>${xmlText(key)}</Key>`
    if (error) return `<Error>${named}${xmlOf(error)}</Error>`
    return isQuiet ? '' : `<Deleted>${named}</Deleted>`
  })
  return `<DeleteResult xmlns="${namespace}">${results.join('')}</DeleteResult>`
}

const malformed = (): AwsError =>
  new AwsError(400, 'MalformedXML', 'The XML you provided was not well-formed.')

// ---------------------------------------------------------------- format

const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n'

const xmlAnswer = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: xmlHead + body,
})

const xmlOf = ({ code, message }: AwsError): string =>
  `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message>`

const refuse = (error: AwsError): Answer => ({
  status: error.status,
  headers: { 'content-type': 'application/xml' },
  body: `${xmlHead}<Error>${xmlOf(error)}<RequestId>${requestId()}</RequestId></Error>`,
})
