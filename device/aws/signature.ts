/**
 * Signature Version 4 for the door's own requests to AWS. The signer is loaded with the first
 * signature, because it takes memory that an idle door does not need.
 */
import { createHash, createHmac } from 'node:crypto'
import type { AwsCredentials } from '../daemon/ports.ts'

export interface UnsignedRequest {
  readonly url: URL
  readonly method?: 'PUT' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  /** Null for an endless body, which the service expects to be signed as an empty one. */
  readonly body: string | Uint8Array | null
  readonly service?: 'kinesisvideo' | 's3' | 'sns'
}

/** Returns the headers to send, the signature among them. */
export async function signed(
  request: UnsignedRequest,
  credentials: AwsCredentials,
  region: string,
  nowMs: number,
): Promise<Record<string, string>> {
  const { url, method = 'POST', headers, body, service = 'kinesisvideo' } = request
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const isS3 = service === 's3'
  const signer = new SignatureV4({
    service,
    region,
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    // Only S3 expects the path unescaped, and the hash of the body in a header.
    uriEscapePath: !isS3,
    applyChecksum: isS3,
  })
  const { headers: signedHeaders } = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: {},
      headers: { host: url.host, ...headers },
      ...(body === null ? {} : { body }),
    },
    { signingDate: new Date(nowMs) },
  )
  return signedHeaders
}

type Data = string | ArrayBuffer | ArrayBufferView

function bytesOf(data: Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8')
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** The interface that the signer requires of a hash. */
class Sha256 {
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
    throw new Error('A hash can be used once only.')
  }
}
