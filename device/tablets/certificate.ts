/**
 * The certificate with which the door speaks TLS to tablets. No authority vouches for it: the owner
 * compares its fingerprint, once for each tablet.
 */
import {
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { isIP, isIPv6, SocketAddress } from 'node:net'
import { join } from 'node:path'
import {
  bits,
  commonName,
  der,
  ecdsaWithSha256,
  objectId,
  pem,
  tagged,
  tags,
} from '../identity/der.ts'
import { syncFolder, writeDurably } from '../identity/identity-folder.ts'

export interface TabletCertificate {
  /** Both in PEM. */
  readonly key: string
  readonly cert: string
}

const dayMs = 24 * 60 * 60_000
/** Apple's devices refuse more than 825 days. */
const validMs = 800 * dayMs
const renewedMs = 30 * dayMs
const minuteMs = 60_000

/** Key and certificate in one file, so that they are replaced in one step. */
const pathIn = (folder: string): string => join(folder, 'certificate.pem')

/** The one in the folder, or a new one if there is none, it ends soon or lacks a name. */
export function ensureCertificate(
  folder: string,
  names: readonly string[],
  nowMs: number,
): { readonly certificate: TabletCertificate; readonly isNew: boolean } {
  const existing = readCertificate(folder)
  if (existing && isGood(existing, names, nowMs)) return { certificate: existing, isNew: false }
  const certificate = newCertificate(names, nowMs)
  const path = pathIn(folder)
  writeDurably(`${path}.new`, certificate.key + certificate.cert, null)
  renameSync(`${path}.new`, path)
  syncFolder(folder)
  return { certificate, isNew: true }
}

/** Null where there is none that can be used. */
export function readCertificate(folder: string): TabletCertificate | null {
  const path = pathIn(folder)
  if (!existsSync(path)) return null
  const [, key, cert] = twoBlocks.exec(readFileSync(path, 'utf8')) ?? []
  return key && cert && isReadable(cert) ? { key, cert } : null
}

function isReadable(cert: string): boolean {
  try {
    return new X509Certificate(cert).subject !== ''
  } catch {
    return false
  }
}

const twoBlocks =
  /^(-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n)(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n)$/

/** SHA-256, as browsers show it: `AB:CD:…`. */
export const fingerprintOf = ({ cert }: TabletCertificate): string =>
  new X509Certificate(cert).fingerprint256

function isGood({ cert }: TabletCertificate, names: readonly string[], nowMs: number): boolean {
  const { validToDate, subjectAltName = '' } = new X509Certificate(cert)
  const named = subjectAltName.split(', ').map((name) => name.replace(/^[^:]*:/, ''))
  const missing = names.filter((name) => !named.includes(isIPv6(name) ? longForm(name) : name))
  return missing.length === 0 && validToDate.getTime() - nowMs > renewedMs
}

/** As OpenSSL prints it. */
const longForm = (address: string): string =>
  groupsOf(address)
    .map((group) => group.toString(16).toUpperCase())
    .join(':')

// ---------------------------------------------------------------- X.509 (RFC 5280)

const versionThree = der(tagged.holding(0), der(tags.integer, Buffer.from([2])))

function newCertificate(names: readonly string[], nowMs: number): TabletCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = commonName('smart-door')
  const info = der(
    tags.sequence,
    versionThree,
    // Positive, and never the same twice.
    der(tags.integer, Buffer.from([0x40]), randomBytes(15)),
    ecdsaWithSha256,
    name,
    der(tags.sequence, time(nowMs - minuteMs), time(nowMs + validMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(tagged.holding(3), der(tags.sequence, ...extensions(names))),
  )
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', der(tags.sequence, info, ecdsaWithSha256, signed(info, privateKey))),
  }
}

const signed = (info: Buffer, key: KeyObject): Buffer => bits(sign('sha256', info, key))

/** UTCTime, which has two digits for the year, until 2049. */
function time(ms: number): Buffer {
  const digits = `${new Date(ms).toISOString().replace(/\.\d+Z$|[^\d]/g, '')}Z`
  return digits < '2050'
    ? der(tags.utcTime, Buffer.from(digits.slice(2)))
    : der(tags.generalizedTime, Buffer.from(digits))
}

const critical = der(tags.boolean, Buffer.from([0xff]))

const extension = (id: string, content: Buffer, ...flags: readonly Buffer[]): Buffer =>
  der(tags.sequence, objectId(id), ...flags, der(tags.octets, content))

const extensions = (names: readonly string[]): readonly Buffer[] => [
  // Basic constraints: this certificate vouches for no other.
  extension('2.5.29.19', der(tags.sequence), critical),
  // Key usage: digital signature, the first of the bits.
  extension('2.5.29.15', der(tags.bits, Buffer.from([7, 0x80])), critical),
  // Extended key usage: TLS server.
  extension('2.5.29.37', der(tags.sequence, objectId('1.3.6.1.5.5.7.3.1'))),
  // Subject alternative names.
  extension('2.5.29.17', der(tags.sequence, ...names.map(alternativeName))),
]

const alternativeName = (name: string): Buffer =>
  isIP(name) === 0
    ? der(tagged.plain(2), Buffer.from(name))
    : der(tagged.plain(7), addressBytes(name))

const addressBytes = (address: string): Buffer =>
  isIPv6(address)
    ? Buffer.from(groupsOf(address).flatMap((group) => [group >> 8, group & 0xff]))
    : Buffer.from(address.split('.').map(Number))

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [left = '', right] = new SocketAddress({ address, family: 'ipv6' }).address.split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [groups(left), groups(right ?? '')]
  const zeros = right === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array<number>(zeros).fill(0), ...after]
}
