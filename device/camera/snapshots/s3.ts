/** Stills into the cloud's bucket for pictures, each with one signed PUT. */
import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent, request } from 'node:https'
import { signed } from '../../aws/signature.ts'
import type { AwsCredentials, Clock, SnapshotToUpload, Uploads } from '../../daemon/ports.ts'

export interface S3UploadsDeps {
  readonly region: string
  readonly bucket: string
  /** Something that speaks as S3 does; null for S3 itself. */
  readonly endpoint: string | null
  /** `renew`: those given last were refused. Rejects when there are none. */
  readonly credentials: (renew: boolean) => Promise<AwsCredentials>
  readonly clock: Pick<Clock, 'wallMs'>
  /** From the first byte to the answer. */
  readonly putWithinMs?: number
}

/** Ours is the sentence; of what S3 answered only the status and its one word for it are kept. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(`The cloud did not take a still: ${status} ${code}`)
    this.status = status
    this.code = code
  }
}

const usualPutMs = 15_000
const longestAnswerBytes = 16 * 1024
/** A visit has several stills, seconds apart: the line stays for the next. */
const lineKeptMs = 20_000

export function s3Uploads(deps: S3UploadsDeps): Uploads {
  const lines = { keepAlive: true, maxSockets: 2, timeout: lineKeptMs }
  const agents = { plain: new PlainAgent(lines), tls: new Agent(lines) }
  const put = async (snapshot: SnapshotToUpload, renew: boolean) => {
    const credentials = await deps.credentials(renew)
    const url = urlOf(deps, snapshot.key)
    const headers = {
      'content-type': 'image/jpeg',
      'content-length': String(snapshot.jpeg.length),
      'x-amz-meta-visit-number': String(snapshot.visitNumber),
    }
    const unsigned = { url, method: 'PUT' as const, headers, body: snapshot.jpeg }
    const proven = await signed(unsigned, credentials, deps.region, deps.clock.wallMs(), 's3')
    return send({ ...unsigned, headers: proven }, agents, deps.putWithinMs ?? usualPutMs)
  }
  return {
    async put(snapshot) {
      const first = await put(snapshot, false)
      // Credentials may have been taken back, or be of an hour that the clock has left.
      const answer = first.status === 403 ? await put(snapshot, true) : first
      if (answer.status !== 200) throw new SnapshotRefused(answer.status, codeIn(answer.body))
    },
  }
}

/** S3 itself by the bucket's own host name, as it wants to be called. */
function urlOf({ region, bucket, endpoint }: S3UploadsDeps, key: string): URL {
  if (endpoint !== null) return new URL(`/${bucket}/${key}`, endpoint)
  return new URL(`/${key}`, `https://${bucket}.s3.${region}.amazonaws.com`)
}

/** `<Code>AccessDenied</Code>`: a word, whatever else the answer says. */
const codeIn = (body: string): string => /<Code>([A-Za-z]{1,60})<\/Code>/.exec(body)?.[1] ?? ''

interface Answer {
  readonly status: number
  readonly body: string
}

interface SignedPut {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

interface Agents {
  readonly plain: PlainAgent
  readonly tls: Agent
}

function send({ url, headers, body }: SignedPut, agents: Agents, withinMs: number) {
  return new Promise<Answer>((resolve, reject) => {
    const options = { method: 'PUT', headers, signal: AbortSignal.timeout(withinMs) }
    const asked =
      url.protocol === 'http:'
        ? plainRequest(url, { ...options, agent: agents.plain })
        : request(url, { ...options, agent: agents.tls })
    asked.once('error', reject)
    asked.once('response', (response) => {
      let text = ''
      response.setEncoding('latin1')
      response.on('data', (part: string) => {
        text += part
        if (text.length > longestAnswerBytes) asked.destroy(new Error('The answer is too long.'))
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    asked.end(body)
  })
}
