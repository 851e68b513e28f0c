/**
 * Checks Signature Version 4 as AWS does, by signing again with the SDK's own signer and comparing:
 * in the Authorization header, in the query of a presigned URL, and under the policy of a form.
 */
import { timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Iam } from './iam/iam.ts'
import { AwsError, type Call, headerOf, hexOf } from './wire.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** The role that these keys were made for; the account itself without one. */
  readonly assumed?: AssumedRole
}

export interface AssumedRole {
  readonly roleArn: string
  /** The door that has the role through AWS IoT's role alias. */
  readonly thingName?: string
}

export interface Verifier {
  readonly credentials: readonly Credentials[]
  readonly region: string
  nowMs(): number
  /** The time for callers that live in simulated time, such as a steered door. */
  simulatedNowMs?(): number
  /** Evaluates the callers' policies; without it, every call with a valid signature is allowed. */
  iam?: Iam | undefined
}

interface Scope {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
}

const algorithm = 'AWS4-HMAC-SHA256'
const allowedSkewMs = 15 * 60_000
const longestPresignedSeconds = 7 * 24 * 3600

/** What a call was signed for; null when it is not signed. */
export function scopeOf(call: Call): Scope | null {
  const header = headerOf(call, 'authorization')
  const credential = header
    ? /Credential=([^,\s]+)/.exec(header)?.[1]
    : call.query.get('X-Amz-Credential')
  return credential ? parseScope(credential) : null
}

export function parseScope(credential: string): Scope | null {
  // An access key may contain slashes, the rest of the scope may not.
  const parts = credential.split('/')
  const [date, region, service, end] = parts.splice(-4)
  if (!date || !region || !service || end !== 'aws4_request' || parts.length === 0) return null
  return { accessKeyId: parts.join('/'), date, region, service }
}

export function verify(call: Call, verifier: Verifier): Promise<void> {
  return call.query.has('X-Amz-Signature')
    ? verifyPresigned(call, verifier)
    : verifyHeader(call, verifier)
}

/** Throws for a caller who may not do this. Returns the call with the caller's other permissions. */
export function authorize(call: Call, service: string, operation: string, { iam }: Verifier): Call {
  const scope = scopeOf(call)
  if (!iam || !scope) return call
  const { accessKeyId } = scope
  const denial = iam.authorize({ accessKeyId, service, operation, call })
  if (denial) throw denial
  return { ...call, denied: iam.deniedFor(accessKeyId, service) }
}

async function verifyHeader(call: Call, verifier: Verifier): Promise<void> {
  const header = headerOf(call, 'authorization') ?? ''
  const scope = scopeOf(call)
  const names = /SignedHeaders=([^,\s]+)/.exec(header)?.[1]?.split(';')
  const signature = /Signature=([0-9a-f]{64})(?:$|[,\s])/.exec(header)?.[1]
  const date = headerOf(call, 'x-amz-date')
  if (!header.startsWith(`${algorithm} `) || !scope || !names || !signature || !date) {
    throw new AwsError(403, 'IncompleteSignature', 'The Authorization header is not complete.')
  }
  const sentAtMs = timeOf(date)
  const clocks = [verifier.nowMs(), verifier.simulatedNowMs?.() ?? verifier.nowMs()]
  if (clocks.every((nowMs) => Math.abs(nowMs - sentAtMs) > allowedSkewMs)) {
    throw new AwsError(403, 'RequestTimeTooSkewed', 'The time of the request is too far off.')
  }
  requireSigned(call, names)
  if (scope.service === 's3') requirePayloadHash(call)
  const again = await signerFor(scope, verifier).sign(requestOf(call, names, call.body), {
    signingDate: new Date(sentAtMs),
    signableHeaders: new Set(names),
  })
  requireSame(/Signature=(.*)/.exec(again.headers['authorization'] ?? '')?.[1], signature)
}

/** S3 requires a header that says how the body was signed. */
function requirePayloadHash(call: Call): void {
  const claimed = headerOf(call, 'x-amz-content-sha256')
  if (!claimed) throw new AwsError(400, 'InvalidRequest', 'x-amz-content-sha256 is missing.')
  if (claimed === 'UNSIGNED-PAYLOAD' || claimed === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return
  if (claimed.startsWith('STREAMING-')) {
    throw new AwsError(501, 'NotImplemented', 'The stand-in does not know chunks that are signed.')
  }
  if (claimed === hexOf('sha256', call.body)) return
  const message = "The 'x-amz-content-sha256' header does not match what was computed."
  throw new AwsError(400, 'XAmzContentSHA256Mismatch', message)
}

async function verifyPresigned(call: Call, verifier: Verifier): Promise<void> {
  const { query } = call
  const scope = scopeOf(call)
  const date = query.get('X-Amz-Date')
  const names = query.get('X-Amz-SignedHeaders')?.split(';')
  const expiresIn = Number(query.get('X-Amz-Expires'))
  const isValid = expiresIn > 0 && expiresIn <= longestPresignedSeconds
  if (query.get('X-Amz-Algorithm') !== algorithm || !scope || !date || !names || !isValid) {
    const message = 'The query parameters of the signature are not complete.'
    throw new AwsError(400, 'AuthorizationQueryParametersError', message)
  }
  const sentAtMs = timeOf(date)
  if (verifier.nowMs() > sentAtMs + expiresIn * 1000) {
    throw new AwsError(403, 'AccessDenied', 'Request has expired')
  }
  if (sentAtMs > verifier.nowMs() + allowedSkewMs) {
    throw new AwsError(403, 'AccessDenied', 'Request is not valid yet')
  }
  requireSigned(call, names)
  // The signer takes a body that it cannot read for an unsigned one.
  const again = await signerFor(scope, verifier).presign(requestOf(call, names, {}), {
    signingDate: new Date(sentAtMs),
    expiresIn,
    signableHeaders: new Set(names),
    unhoistableHeaders: new Set(names),
  })
  requireSame(again.query?.['X-Amz-Signature'], query.get('X-Amz-Signature'))
}

export async function verifyPolicy(
  policy: string,
  scope: Scope,
  signature: string,
  verifier: Verifier,
): Promise<void> {
  const signingDate = new Date(timeOf(`${scope.date}T000000Z`))
  requireSame(await signerFor(scope, verifier).sign(policy, { signingDate }), signature)
}

/** An unsigned header that changes what a call does could have been added on the way. */
function requireSigned(call: Call, signed: readonly string[]): void {
  const unsigned = Object.keys(call.headers).filter(
    (name) =>
      name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signed.includes(name),
  )
  if (signed.includes('host') && unsigned.length === 0) return
  const message = `There were headers present in the request which were not signed: ${unsigned}`
  throw new AwsError(403, 'AccessDenied', message)
}

/** What was signed: the headers that were named, and the query without the signature. */
function requestOf(call: Call, names: readonly string[], body: unknown) {
  const query: Record<string, string[]> = {}
  for (const [name, value] of call.query) {
    if (!signatureParameters.has(name)) query[name] = [...(query[name] ?? []), value]
  }
  return {
    method: call.method,
    protocol: 'http:',
    hostname: headerOf(call, 'host') ?? '',
    path: call.rawPath,
    query,
    headers: Object.fromEntries(names.map((name) => [name, headerOf(call, name) ?? ''])),
    body,
  }
}

const signatureParameters = new Set(
  ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'].map(
    (name) => `X-Amz-${name}`,
  ),
)

function signerFor({ accessKeyId, region, service }: Scope, verifier: Verifier): SignatureV4 {
  const known = verifier.credentials.find((one) => one.accessKeyId === accessKeyId)
  if (!known) {
    throw new AwsError(403, 'InvalidAccessKeyId', 'The access key does not exist in our records.')
  }
  if (region !== verifier.region) {
    const message = `The region '${region}' is wrong; expecting '${verifier.region}'`
    throw new AwsError(400, 'AuthorizationHeaderMalformed', message)
  }
  const isS3 = service === 's3'
  return new SignatureV4({
    service,
    region,
    credentials: known,
    sha256: Sha256,
    uriEscapePath: !isS3,
    applyChecksum: false,
  })
}

function requireSame(expected: unknown, actual: string | null): void {
  const [a, b] = [Buffer.from(String(expected)), Buffer.from(actual ?? '')]
  if (a.length === b.length && timingSafeEqual(a, b)) return
  const message = 'The request signature we calculated does not match the one you provided.'
  throw new AwsError(403, 'SignatureDoesNotMatch', message)
}

/** `20260102T030405Z`. */
function timeOf(text: string): number {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const atMs = Date.parse(iso)
  if (iso === text || Number.isNaN(atMs)) {
    throw new AwsError(403, 'AccessDenied', 'X-Amz-Date is not a date.')
  }
  return atMs
}
