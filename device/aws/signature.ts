/**
 * Signature Version 4 for what the door sends to AWS by itself. The signer is loaded with the first
 * signature: it takes memory that a door to which nobody comes need not hold.
 */
import { createHash, createHmac } from 'node:crypto'
import type { AwsCredentials } from '../daemon/ports.ts'

export interface Unsigned {
  readonly url: URL
  readonly method?: 'PUT' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** `null` for a body that goes on and on: the service has it signed as if it were empty. */
  readonly body: string | Uint8Array | null
}

/** The headers to send: those given, and those that prove who sends them. */
export async function signed(
  { url, method = 'POST', headers, body }: Unsigned,
  credentials: AwsCredentials,
  region: string,
  nowMs: number,
  service = 'kinesisvideo',
): Promise<Record<string, string>> {
  const signer = await signerFor(service, region, credentials)
  const request = {
    ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname },
    ...{ query: {}, headers: { host: url.host, ...headers } },
    ...(body === null ? {} : { body }),
  }
  const { headers: all } = await signer.sign(request, { signingDate: new Date(nowMs) })
  return all
}

async function signerFor(service: string, region: string, credentials: AwsCredentials) {
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const isS3 = service === 's3'
  return new SignatureV4({
    ...{ service, region, sha256: NodeSha256 },
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    // S3 alone wants the path as it is sent, and the hash of what is sent in a header.
    ...{ uriEscapePath: !isS3, applyChecksum: isS3 },
  })
}

type Data = string | ArrayBuffer | ArrayBufferView

const bytesOf = (data: Data): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data, 'utf8')
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** The shape that the signer wants of a hash: a class. */
class NodeSha256 {
  readonly #hash
  constructor(secret?: Data) {
    this.#hash = secret ? createHmac('sha256', bytesOf(secret)) : createHash('sha256')
  }
  update(data: Uint8Array): void {
    this.#hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }
  reset(): void {
    throw new Error('A hash is used once.')
  }
}
