/** The body of an upload: joins its chunks and checks every checksum. */
import { crc32 } from 'node:zlib'
import { AwsError, base64Of, type Call, headerOf } from '../wire.ts'

/** The content itself, without `aws-chunked` framing and trailers. */
export function contentOf(call: Call): Buffer {
  const chunked = (headerOf(call, 'content-encoding') ?? '').split(/,\s*/).includes('aws-chunked')
  const { content, trailers } = chunked
    ? unchunked(call.body)
    : { content: call.body, trailers: new Map<string, string>() }
  const length = headerOf(call, 'x-amz-decoded-content-length')
  if (length !== null && Number(length) !== content.length) throw incomplete()
  const announced = (headerOf(call, 'x-amz-trailer') ?? '').split(/,\s*/).filter(Boolean)
  for (const name of announced) {
    if (!trailers.has(name)) throw new AwsError(400, 'MalformedTrailerError', `${name} is missing.`)
  }
  checkAll(content, call, trailers)
  return content
}

function checkAll(content: Buffer, call: Call, trailers: ReadonlyMap<string, string>): void {
  const headers = Object.keys(call.headers).filter((name) => name.startsWith(prefix))
  for (const name of headers.filter((name) => !aboutChecksums.has(name))) {
    check(content, name, headerOf(call, name) ?? '')
  }
  for (const [name, value] of trailers) {
    if (!name.startsWith(prefix)) throw notKnown(name)
    check(content, name, value)
  }
  const md5 = headerOf(call, 'content-md5')
  if (md5 !== null && md5 !== base64Of('md5', content)) throw mismatch('Content-MD5')
  // With the client's defaults, a presigned URL has the checksum in its query.
  for (const [name, value] of call.query) {
    const lower = name.toLowerCase()
    if (lower.startsWith(prefix) && !aboutChecksums.has(lower)) check(content, lower, value)
  }
}

/** The checksums that came with an upload, by header. They have been checked. */
export function checksumsOf(call: Call): Record<string, string> {
  const chunked = (headerOf(call, 'content-encoding') ?? '').split(/,\s*/).includes('aws-chunked')
  const trailers = chunked ? [...unchunked(call.body).trailers] : []
  const headers = Object.keys(call.headers).map(
    (name) => [name, headerOf(call, name) ?? ''] as const,
  )
  return Object.fromEntries(
    [...headers, ...trailers].filter(
      ([name]) => name.startsWith(prefix) && !aboutChecksums.has(name),
    ),
  )
}

const prefix = 'x-amz-checksum-'
const aboutChecksums = new Set([
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
])

function check(content: Buffer, name: string, claimed: string): void {
  const sum = checksums[name.slice(prefix.length)]
  if (!sum) throw notKnown(name)
  if (sum(content) !== claimed) throw mismatch(name.slice(prefix.length).toUpperCase())
}

export function crc32Of(content: Uint8Array): string {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(content))
  return sum.toString('base64')
}

const checksums: Readonly<Record<string, (content: Buffer) => string>> = {
  crc32: crc32Of,
  sha1: (content) => base64Of('sha1', content),
  sha256: (content) => base64Of('sha256', content),
}

function unchunked(body: Buffer): { content: Buffer; trailers: Map<string, string> } {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = lineEnd < 0 ? '' : body.subarray(at, lineEnd).toString('latin1')
    if (!/^[0-9a-f]+$/i.test(size)) throw incomplete()
    const start = lineEnd + 2
    const end = start + Number.parseInt(size, 16)
    if (end === start) return { content: Buffer.concat(chunks), trailers: trailersOf(body, start) }
    if (body.subarray(end, end + 2).toString('latin1') !== '\r\n') throw incomplete()
    chunks.push(body.subarray(start, end))
    at = end + 2
  }
}

function trailersOf(body: Buffer, start: number): Map<string, string> {
  const lines = body.subarray(start).toString('latin1').split('\r\n').filter(Boolean)
  return new Map(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*?)\s*$/.exec(line) ?? []
      if (name === '') throw incomplete()
      return [name.toLowerCase(), value]
    }),
  )
}

const incomplete = (): AwsError =>
  new AwsError(400, 'IncompleteBody', 'The body does not have the length that was announced.')

const mismatch = (what: string): AwsError =>
  new AwsError(400, 'BadDigest', `The ${what} you specified did not match the calculated checksum.`)

const notKnown = (name: string): AwsError =>
  new AwsError(501, 'NotImplemented', `The stand-in does not know ${name}.`)
