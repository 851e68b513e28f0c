/** The few parts of DER in which a certificate, or a request for one, is written. Node only reads it. */

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  objectId: 0x06,
  text: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Context-specific, as in `[3]`. */
export const tagged = {
  plain: (number: number) => 0x80 | number,
  holding: (number: number) => 0xa0 | number,
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content])
}

/** DER writes a length in one byte if it fits, else in one or two after a byte that counts them. */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

/** As in `2.5.4.3`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return der(tags.objectId, Buffer.from([40 * first + second, ...others.flatMap(base128)]))
}

function base128(number: number): number[] {
  const digits = [number & 0x7f]
  for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

export const bits = (bytes: Uint8Array): Buffer => der(tags.bits, Buffer.from([0]), bytes)

/** A name that consists of a common name only. */
export const commonName = (name: string): Buffer =>
  der(
    tags.sequence,
    der(tags.set, der(tags.sequence, objectId('2.5.4.3'), der(tags.text, Buffer.from(name)))),
  )

export const ecdsaWithSha256 = der(tags.sequence, objectId('1.2.840.10045.4.3.2'))

export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
