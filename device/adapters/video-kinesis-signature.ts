/** Signature Version 4 for `kinesisvideo`. */
import { createHash, createHmac } from 'node:crypto'
import type { VideoCredentials } from '../video-ports.ts'

export interface Unsigned {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** `null` for a body that goes on and on: the service has it signed as if it were empty. */
  readonly body: string | null
}

/** The headers to send: those given, and those that prove who sends them. */
export async function signed(
  { url, headers, body }: Unsigned,
  credentials: VideoCredentials,
  region: string,
  nowMs: number,
): Promise<Record<string, string>> {
  const signer = await signerFor(region, credentials)
  const { headers: all } = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: {},
      headers: { host: url.host, ...headers },
      ...(body === null ? {} : { body }),
    },
    { signingDate: new Date(nowMs) },
  )
  return all
}

/** Loaded with the first signature: it takes memory that a door to which nobody comes need not hold. */
async function signerFor(region: string, credentials: VideoCredentials) {
  const { SignatureV4 } = await import('@smithy/signature-v4')
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return new SignatureV4({
    service: 'kinesisvideo',
    region,
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    sha256: NodeSha256,
    applyChecksum: false,
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
