/** One signed call to Kinesis Video over HTTPS, and as much of its answer as is wanted. */
import { SignatureV4, type SignatureV4Init } from '@smithy/signature-v4'

export interface AwsCaller {
  readonly region: () => Promise<string>
  readonly credentials: () => Promise<AwsIdentity>
  /** As a client of the SDK has it. */
  readonly sha256: NonNullable<SignatureV4Init['sha256']>
  readonly patienceMs?: number
}

export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Keeps the name of a refusal, never its words: they may repeat what was asked. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal'
  readonly code: string
  constructor(code: string) {
    super('Kinesis Video refused a call.')
    this.code = code
  }
}

/** A clip is put together while one waits for it, and has to be put away within the same answer. */
const usualPatienceMs = 15_000

export async function askedOf(
  caller: AwsCaller,
  url: URL,
  body: object,
  mostBytes: number,
): Promise<Uint8Array<ArrayBuffer> | 'too-long'> {
  const text = JSON.stringify(body)
  const signal = AbortSignal.timeout(caller.patienceMs ?? usualPatienceMs)
  const headers = await signedHeaders(caller, url, text)
  const response = await fetch(url, { method: 'POST', headers, body: text, signal })
  if (!response.ok) {
    await response.body?.cancel()
    throw new ServiceRefusal(codeOf(response))
  }
  return gathered(response, mostBytes)
}

/** Some of the services put more behind a colon. */
const codeOf = ({ headers, status }: Response): string =>
  headers.get('x-amzn-errortype')?.split(':')[0] ?? `Http${status}`

async function gathered(
  { body }: Response,
  mostBytes: number,
): Promise<Uint8Array<ArrayBuffer> | 'too-long'> {
  const parts: Uint8Array[] = []
  let bytes = 0
  // To leave the loop hangs up.
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > mostBytes) return 'too-long'
    parts.push(part)
  }
  return Buffer.concat(parts)
}

// ---------------------------------------------------------------- signing

async function signedHeaders(
  { region, credentials, sha256 }: AwsCaller,
  url: URL,
  body: string,
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
  const signer = new SignatureV4({
    ...{ service: 'kinesisvideo', region: await region(), sha256 },
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    applyChecksum: false,
  })
  const { headers } = await signer.sign({
    method: 'POST',
    ...{ protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: {}, body },
    headers: { host: url.host, 'content-type': 'application/json' },
  })
  return headers
}
