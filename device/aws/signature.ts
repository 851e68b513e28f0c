/**
 * Signature Version 4 for the door's own requests to AWS. The signer is loaded with the first
 * signature, because it takes memory that an idle door does not need.
 */
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
  const { Sha256 } = await import('@smithy/core/checksum')
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
