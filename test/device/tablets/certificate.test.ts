/** The door's certificate for tablets, verified by openssl. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ensureCertificate,
  fingerprintOf,
  readCertificate,
} from '../../../device/tablets/certificate.ts'

const openssl = (input: string, ...args: string[]) =>
  execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString()

const dayMs = 24 * 60 * 60_000
const nowMs = Date.now()
const names = ['door.local', 'door', '192.168.1.20', 'fd00::20']

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tablets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the certificate', () => {
  test('is one that openssl accepts for each name, for TLS servers, and as no authority', () => {
    const { certificate } = ensureCertificate(folder, names, nowMs)
    const path = join(folder, 'one.pem')
    writeFileSync(path, certificate.cert)
    const verify = (...more: string[]) =>
      openssl(
        '',
        'verify',
        '-x509_strict',
        '-check_ss_sig',
        '-purpose',
        'sslserver',
        '-CAfile',
        path,
        ...more,
        path,
      )
    for (const name of names) {
      const check = /^[\d.]+$|:/.test(name) ? '-verify_ip' : '-verify_hostname'
      expect(verify(check, name)).toContain('OK')
    }
    expect(() => verify('-verify_hostname', 'evil.example')).toThrow(/mismatch/)
    const text = openssl(certificate.cert, 'x509', '-noout', '-text')
    expect(text).toContain('CA:FALSE')
    expect(text).toContain('Version: 3')
    expect(text).toContain('ASN1 OID: prime256v1')
    expect(openssl(certificate.key, 'pkey', '-pubout')).toBe(
      openssl(certificate.cert, 'x509', '-noout', '-pubkey'),
    )
    expect(openssl(certificate.cert, 'x509', '-noout', '-fingerprint', '-sha256')).toContain(
      fingerprintOf(certificate),
    )
  })

  test.each([
    ['now', nowMs],
    ['in 2049', Date.UTC(2049, 11, 31)],
    ['in 2050', Date.UTC(2050, 0, 1)],
  ])('made %s is valid from then for 800 days', (_when, madeAtMs) => {
    const { certificate } = ensureCertificate(folder, names, madeAtMs)
    const [, from = '', to = ''] =
      /notBefore=(.*)\nnotAfter=(.*)/.exec(openssl(certificate.cert, 'x509', '-noout', '-dates')) ??
      []
    expect(Math.abs(Date.parse(from) - madeAtMs)).toBeLessThan(2 * 60_000)
    expect(Math.abs(Date.parse(to) - madeAtMs - 800 * dayMs)).toBeLessThan(2 * 60_000)
  })

  test('stays the same until thirty days before its end', () => {
    const made = ensureCertificate(folder, names, nowMs)
    expect(made.isNew).toBe(true)
    for (const ms of [nowMs, nowMs + 769 * dayMs, nowMs - 5_000 * dayMs]) {
      expect(ensureCertificate(folder, names, ms)).toEqual({ ...made, isNew: false })
    }
    const renewed = ensureCertificate(folder, names, nowMs + 771 * dayMs)
    expect(renewed.isNew).toBe(true)
    expect(renewed.certificate).not.toEqual(made.certificate)
  })

  test('is replaced when the door gets another name', () => {
    ensureCertificate(folder, names, nowMs)
    expect(ensureCertificate(folder, ['door.local'], nowMs).isNew).toBe(false)
    expect(ensureCertificate(folder, [...names, 'fd00::21'], nowMs).isNew).toBe(true)
    expect(ensureCertificate(folder, [...names, 'hall.local'], nowMs).isNew).toBe(true)
  })

  test('is readable by its owner only, and leaves nothing else behind', () => {
    ensureCertificate(folder, names, nowMs)
    expect(readdirSync(folder)).toEqual(['certificate.pem'])
    expect(statSync(join(folder, 'certificate.pem')).mode & 0o777).toBe(0o600)
  })

  test.each(['', 'half of it', 'another certificate', 'garbage'])(
    'is made anew when the file holds %o',
    (kind) => {
      ensureCertificate(folder, names, nowMs)
      const path = join(folder, 'certificate.pem')
      const good = readFileSync(path, 'utf8')
      const damaged = new Map([
        ['half of it', good.slice(0, 500)],
        ['another certificate', good.replace(/(CERTIFICATE-----\n)..../, '$1AAAA')],
      ])
      writeFileSync(path, damaged.get(kind) ?? kind)
      expect(readCertificate(folder)).toBeNull()
      expect(ensureCertificate(folder, names, nowMs).isNew).toBe(true)
      expect(readCertificate(folder)).not.toBeNull()
    },
  )
})
