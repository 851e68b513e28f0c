/**
 * A new key and the request for its certificate. The key is made here and never leaves; the request
 * (PKCS #10) is put together by hand, since Node makes keys but no requests.
 */
import { generateKeyPairSync, sign } from 'node:crypto'

export interface NewRequest {
  /** PEM. */
  readonly key: string
  readonly request: string
}

const tags = { integer: 0x02, bits: 0x03, objectId: 0x06, text: 0x0c, sequence: 0x30, set: 0x31 }
const noAttributes = Buffer.from([0xa0, 0x00])
const versionOne = Buffer.from([tags.integer, 0x01, 0x00])
const commonName = Buffer.from([tags.objectId, 3, 0x55, 0x04, 0x03])
const ecdsaWithSha256 = Buffer.from([
  ...[tags.objectId, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
])

export function newRequest(name: string): NewRequest {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = der(
    tags.sequence,
    der(tags.set, der(tags.sequence, commonName, der(tags.text, Buffer.from(name)))),
  )
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const asked = der(tags.sequence, versionOne, subject, spki, noAttributes)
  const request = der(
    tags.sequence,
    asked,
    der(tags.sequence, ecdsaWithSha256),
    der(tags.bits, Buffer.from([0]), sign('sha256', asked, privateKey)),
  )
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    request: pem('CERTIFICATE REQUEST', request),
  }
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content])
}

/** In one byte where it fits, else in two behind one that says so. */
const lengthBytes = (length: number): number[] =>
  length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
