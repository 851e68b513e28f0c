/** A new private key and a certificate request (PKCS #10) for it. Node makes keys but no requests. */
import { generateKeyPairSync, sign } from 'node:crypto'

const tags = { integer: 0x02, bits: 0x03, objectId: 0x06, text: 0x0c, sequence: 0x30, set: 0x31 }
const noAttributes = Buffer.from([0xa0, 0x00])
const versionOne = der(tags.integer, Buffer.from([0]))
const commonName = der(tags.objectId, Buffer.from([0x55, 0x04, 0x03]))
const ecdsaWithSha256 = der(
  tags.objectId,
  Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
)

/** Both in PEM. */
export function newRequest(name: string): { readonly key: string; readonly request: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const nameText = der(tags.text, Buffer.from(name))
  const subject = der(tags.sequence, der(tags.set, der(tags.sequence, commonName, nameText)))
  const publicInfo = publicKey.export({ type: 'spki', format: 'der' })
  const info = der(tags.sequence, versionOne, subject, publicInfo, noAttributes)
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', info, privateKey)])
  const algorithm = der(tags.sequence, ecdsaWithSha256)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    request: pem(der(tags.sequence, info, algorithm, der(tags.bits, signature))),
  }
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content])
}

/** DER writes a length in one byte if it fits, else in one or two after a byte that counts them. */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  const label = 'CERTIFICATE REQUEST'
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
