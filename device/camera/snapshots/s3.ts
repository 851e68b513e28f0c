/** Uploads snapshots to the cloud's bucket, each with one signed PUT. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { signed } from '../../aws/signature.ts'
import type { AwsCredentials, Clock, SnapshotToUpload, Uploads } from '../../daemon/ports.ts'

export interface S3UploadsDeps {
  readonly region: string
  readonly bucket: string
  /** An S3-compatible service; null for S3 itself. */
  readonly endpoint: string | null
  /** `renew`: the last ones were refused. Rejects when there are none. */
  readonly credentials: (renew: boolean) => Promise<AwsCredentials>
  readonly clock: Pick<Clock, 'wallMs'>
  /** From the first byte to the response. */
  readonly putWithinMs?: number
}

/** Carries only the status and S3's error code, not its message. */
class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(`S3 refused a snapshot: ${status} ${code}`)
    this.status = status
    this.code = code
  }
}

const usualPutMs = 15_000
const longestAnswerBytes = 16 * 1024
/** A visit has several snapshots, seconds apart, which share a connection. */
const keepAliveMs = 20_000

export function s3Uploads(deps: S3UploadsDeps): Uploads {
  const options = { keepAlive: true, maxSockets: 2, timeout: keepAliveMs }
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) }
  const put = async (snapshot: SnapshotToUpload, renew: boolean) => {
    const credentials = await deps.credentials(renew)
    const url = urlOf(deps, snapshot.key)
    const headers = {
      'content-type': 'image/jpeg',
      'content-length': String(snapshot.jpeg.length),
      'x-amz-meta-visit-number': String(snapshot.visitNumber),
    }
    const unsigned = { url, method: 'PUT' as const, headers, body: snapshot.jpeg }
    const toSign = { ...unsigned, service: 's3' as const }
    const signedHeaders = await signed(toSign, credentials, deps.region, deps.clock.wallMs())
    return send({ ...unsigned, headers: signedHeaders }, agents, deps.putWithinMs ?? usualPutMs)
  }
  return {
    async put(snapshot) {
      const first = await put(snapshot, false)
      // Credentials may have been revoked, or the clock may have been set.
      const answer = first.status === 403 ? await put(snapshot, true) : first
      if (answer.status !== 200) throw new SnapshotRefused(answer.status, codeIn(answer.body))
    },
  }
}

/** S3 expects the bucket in the host name. */
function urlOf({ region, bucket, endpoint }: S3UploadsDeps, key: string): URL {
  if (endpoint !== null) return new URL(`/${bucket}/${key}`, endpoint)
  return new URL(`/${key}`, `https://${bucket}.s3.${region}.amazonaws.com`)
}

/** Such as `<Code>AccessDenied</Code>`. */
const codeIn = (body: string): string => /<Code>([A-Za-z]{1,60})<\/Code>/.exec(body)?.[1] ?? ''

interface SignedPut {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

function send(
  { url, headers, body }: SignedPut,
  agents: { readonly http: HttpAgent; readonly https: HttpsAgent },
  withinMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method: 'PUT', headers, signal: AbortSignal.timeout(withinMs) }
    const request =
      url.protocol === 'http:'
        ? httpRequest(url, { ...options, agent: agents.http })
        : httpsRequest(url, { ...options, agent: agents.https })
    request.once('error', reject)
    request.once('response', (response) => {
      let text = ''
      response.setEncoding('latin1')
      response.on('data', (part: string) => {
        text += part
        if (text.length > longestAnswerBytes) request.destroy(new Error('The answer is too long.'))
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    request.end(body)
  })
}
