/**
 * Checks Signature Version 4 as AWS does: in the Authorization header, in the query of a presigned
 * URL, and under the policy of a form. It signs nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { AwsError, type Call, headerOf, hexOf } from './wire.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface Verifier {
  readonly credentials: readonly Credentials[]
  readonly region: string
  nowMs(): number
  /** What time it is for callers that live in simulated time, as a steered door does. */
  simulatedNowMs?(): number
}

export interface Scope {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
}

const algorithm = 'AWS4-HMAC-SHA256'
const allowedSkewMs = 15 * 60_000
const longestPresignedSeconds = 7 * 24 * 3600

/** Which service a call was signed for; null when it is not signed at all. */
export function scopeOf(call: Call): Scope | null {
  const header = headerOf(call, 'authorization')
  const credential = header
    ? /Credential=([^,\s]+)/.exec(header)?.[1]
    : call.query.get('X-Amz-Credential')
  return credential ? parseScope(credential) : null
}

export function parseScope(credential: string): Scope | null {
  // An access key may hold slashes, the rest of the scope may not.
  const parts = credential.split('/')
  const [date, region, service, end] = parts.splice(-4)
  if (!date || !region || !service || end !== 'aws4_request' || parts.length === 0) return null
  return { accessKeyId: parts.join('/'), date, region, service }
}

export function verify(call: Call, verifier: Verifier): void {
  if (call.query.has('X-Amz-Signature')) verifyPresigned(call, verifier)
  else verifyHeader(call, verifier)
}

function verifyHeader(call: Call, verifier: Verifier): void {
  const header = headerOf(call, 'authorization') ?? ''
  const scope = scopeOf(call)
  const signed = /SignedHeaders=([^,\s]+)/.exec(header)?.[1]
  const signature = /Signature=([0-9a-f]{64})(?:$|[,\s])/.exec(header)?.[1]
  const date = headerOf(call, 'x-amz-date')
  if (!header.startsWith(`${algorithm} `) || !scope || !signed || !signature || !date) {
    throw new AwsError(403, 'IncompleteSignature', 'The Authorization header is not complete.')
  }
  const sentAtMs = timeOf(date)
  const clocks = [verifier.nowMs(), verifier.simulatedNowMs?.() ?? verifier.nowMs()]
  if (clocks.every((nowMs) => Math.abs(nowMs - sentAtMs) > allowedSkewMs)) {
    throw new AwsError(403, 'RequestTimeTooSkewed', 'The time of the request is too far off.')
  }
  const names = signed.split(';')
  requireSigned(call, names)
  const payload = headerPayload(call, scope)
  const canonical = canonicalRequest(call, names, payload, scope)
  compare({ canonical, date, scope, signature }, verifier)
}

/** S3 says in a header what it signed of the body; the others sign the body's hash always. */
function headerPayload(call: Call, { service }: Scope): string {
  const actual = hexOf('sha256', call.body)
  if (service !== 's3') return actual
  const claimed = headerOf(call, 'x-amz-content-sha256')
  if (!claimed) throw new AwsError(400, 'InvalidRequest', 'x-amz-content-sha256 is missing.')
  if (claimed === 'UNSIGNED-PAYLOAD' || claimed === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    return claimed
  }
  if (claimed.startsWith('STREAMING-')) {
    throw new AwsError(501, 'NotImplemented', 'The stand-in does not know chunks that are signed.')
  }
  if (claimed !== actual) {
    throw new AwsError(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
  }
  return claimed
}

function verifyPresigned(call: Call, verifier: Verifier): void {
  const { query } = call
  const scope = scopeOf(call)
  const date = query.get('X-Amz-Date')
  const signed = query.get('X-Amz-SignedHeaders')
  const seconds = Number(query.get('X-Amz-Expires'))
  const known = query.get('X-Amz-Algorithm') === algorithm
  if (
    !known ||
    !scope ||
    !date ||
    !signed ||
    !(seconds > 0 && seconds <= longestPresignedSeconds)
  ) {
    throw new AwsError(
      400,
      'AuthorizationQueryParametersError',
      'The query parameters of the signature are not complete.',
    )
  }
  const sentAtMs = timeOf(date)
  if (verifier.nowMs() > sentAtMs + seconds * 1000) {
    throw new AwsError(403, 'AccessDenied', 'Request has expired')
  }
  if (sentAtMs > verifier.nowMs() + allowedSkewMs) {
    throw new AwsError(403, 'AccessDenied', 'Request is not valid yet')
  }
  const names = signed.split(';')
  requireSigned(call, names)
  const payload = headerOf(call, 'x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD'
  const canonical = canonicalRequest(call, names, payload, scope)
  const signature = query.get('X-Amz-Signature') ?? ''
  compare({ canonical, date, scope, signature }, verifier)
}

/** A header that changes what a call does and that nobody signed could have been added underway. */
function requireSigned(call: Call, signed: readonly string[]): void {
  const loose = Object.keys(call.headers).filter(
    (name) =>
      name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signed.includes(name),
  )
  if (!signed.includes('host') || loose.length > 0) {
    throw new AwsError(
      403,
      'AccessDenied',
      `There were headers present in the request which were not signed: ${loose.join(', ')}`,
    )
  }
}

function canonicalRequest(
  call: Call,
  names: readonly string[],
  payload: string,
  { service }: Scope,
): string {
  const headers = names.map((name) => {
    const value = (headerOf(call, name) ?? '').trim().replace(/\s+/g, ' ')
    return `${name}:${value}\n`
  })
  const path = service === 's3' ? call.rawPath : call.rawPath.split('/').map(encoded).join('/')
  const query = canonicalQuery(call.rawQuery)
  return [call.method, path, query, headers.join(''), names.join(';'), payload].join('\n')
}

function canonicalQuery(rawQuery: string): string {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [encoded(decoded(name)), encoded(decoded(value.join('=')))] as const
    })
    .sort(([a, av], [b, bv]) => (a === b ? order(av, bv) : order(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsError(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
}

interface Signed {
  readonly canonical: string
  readonly date: string
  readonly scope: Scope
  readonly signature: string
}

function compare({ canonical, date, scope, signature }: Signed, verifier: Verifier): void {
  if (!date.startsWith(scope.date)) {
    throw new AwsError(403, 'SignatureDoesNotMatch', 'The date is not the one of the credential.')
  }
  const { region, service } = scope
  const text = [algorithm, date, `${scope.date}/${region}/${service}/aws4_request`]
  compareSignature([...text, hexOf('sha256', canonical)].join('\n'), scope, signature, verifier)
}

export function compareSignature(
  stringToSign: string,
  scope: Scope,
  signature: string,
  { credentials, region }: Verifier,
): void {
  const known = credentials.find(({ accessKeyId }) => accessKeyId === scope.accessKeyId)
  if (!known) {
    throw new AwsError(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.')
  }
  if (scope.region !== region) {
    const said = `The region '${scope.region}' is wrong; expecting '${region}'`
    throw new AwsError(400, 'AuthorizationHeaderMalformed', said)
  }
  const expected = hmac(signingKey(known.secretAccessKey, scope), stringToSign).toString('hex')
  if (!equal(expected, signature)) {
    throw new AwsError(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
    )
  }
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

const signingKey = (secret: string, { date, region, service }: Scope): string | Buffer =>
  [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** `20260102T030405Z`; what is no time at all is too far off for anything. */
function timeOf(text: string): number {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!found) throw new AwsError(403, 'AccessDenied', 'X-Amz-Date is not a date.')
  const [, year, month, day, hour, minute, second] = found.map(Number)
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
}
