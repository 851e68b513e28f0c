/** The address by which one object can be fetched for a while, by whoever has it and nobody else. */
import { SignatureV4, type SignatureV4Init } from '@smithy/signature-v4'

type Signer = Required<Pick<SignatureV4Init, 'region' | 'credentials' | 'sha256'>>

export async function signedAddress(
  { region, credentials, sha256 }: Signer,
  place: URL,
  expiresIn: number,
): Promise<string> {
  const signer = new SignatureV4({
    ...{ service: 's3', region, credentials, sha256 },
    ...{ uriEscapePath: false, applyChecksum: false },
  })
  const { protocol, hostname, pathname: path, host } = place
  const headers = { host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }
  const asked = { method: 'GET', protocol, hostname, path, query: {}, headers }
  const { query = {} } = await signer.presign(asked, { expiresIn })
  const address = new URL(place)
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value))
  return address.href
}
