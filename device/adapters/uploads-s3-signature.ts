/** Signature Version 4 for `s3`. */
import { createHash, createHmac } from 'node:crypto'
import type { AwsCredentials } from '../ports.ts'

export interface Put {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface SignedPut extends Put {}

export interface Signing {
  readonly credentials: AwsCredentials
  readonly region: string
  readonly nowMs: number
}

export async function signedPut({ url, headers, body }: Put, signing: Signing): Promise<SignedPut> {
  const signer = await signerFor(signing)
  const { headers: all } = await signer.sign(
    {
      method: 'PUT',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: {},
      headers: { host: url.host, 'content-length': String(body.length), ...headers },
      body,
    },
    { signingDate: new Date(signing.nowMs) },
  )
  return { url, headers: all, body }
}

/** Loaded with the first still: it takes memory that a door to which nobody comes need not hold. */
async function signerFor({ region, credentials }: Signing) {
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return new SignatureV4({
    service: 's3',
    region,
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    sha256: NodeSha256,
    // S3 wants the path as it is sent, and the hash of what is sent in a header.
    uriEscapePath: false,
    applyChecksum: true,
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
