/** A certificate authority of the test's own, made with openssl, that can do what no honest one does. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths of what a program is given to show who it is. */
export interface Papers {
  readonly certificate: string
  readonly key: string
}

interface IssueOptions {
  /** For whom a client takes a server. */
  readonly host?: string
  readonly validFor?: 'now' | 'the past' | 'the future'
}

export interface TestCa {
  readonly folder: string
  /** The certificate that everybody has to believe in. */
  readonly certificate: string
  /** What has been taken back; a broker has to be started anew to learn of it. */
  readonly revocations: string
  issue(name: string, options?: IssueOptions): Papers
  /** For a request that somebody else has made; the text of a certificate. */
  sign(request: string): string
  revoke(certificate: string): void
  remove(): void
}

const configText = (folder: string) => `
[ca]
default_ca = here
[here]
dir = ${folder}
database = ${folder}/index.txt
new_certs_dir = ${folder}/issued
serial = ${folder}/serial
crlnumber = ${folder}/crlnumber
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = anything
unique_subject = no
copy_extensions = copy
[anything]
commonName = supplied
organizationName = optional
[req]
distinguished_name = nobody
[nobody]
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[one]
basicConstraints = CA:false
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`

const validity = {
  now: [],
  'the past': ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'],
  'the future': ['-startdate', '20990101000000Z', '-enddate', '20990201000000Z'],
} as const

export function makeCa(name = 'Test CA'): TestCa {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-ca-'))
  const at = (file: string) => join(folder, file)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const ca = (...args: string[]) => openssl('ca', '-batch', '-config', at('ca.conf'), ...args)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

  mkdirSync(at('issued'))
  writeFileSync(at('index.txt'), '')
  writeFileSync(at('serial'), '1000\n')
  writeFileSync(at('crlnumber'), '1000\n')
  writeFileSync(at('ca.conf'), configText(folder))
  openssl(
    ...['req', '-x509', '-config', at('ca.conf'), '-extensions', 'authority', ...newKey],
    ...['-subj', `/CN=${name}`, '-days', '30', '-keyout', at('ca.key'), '-out', at('ca.pem')],
  )
  publishRevocations()
  let issued = 0

  function publishRevocations(): void {
    ca('-gencrl', '-out', at('revoked.pem'))
  }

  function signed(request: string, validFor: keyof typeof validity): string {
    const out = at('signed.pem')
    ca('-notext', '-extensions', 'one', ...validity[validFor], '-in', request, '-out', out)
    return readFileSync(out, 'utf8')
  }

  return {
    folder,
    certificate: at('ca.pem'),
    revocations: at('revoked.pem'),

    issue(subject, { host, validFor = 'now' } = {}) {
      issued += 1
      const certificate = at(`${subject}-${issued}.pem`)
      const key = at(`${subject}-${issued}.key`)
      const wanted = ['req', '-config', at('ca.conf'), '-subj', `/CN=${subject}`, ...newKey]
      if (host) wanted.push('-addext', `subjectAltName=${altName(host)}`)
      if (validFor === 'now') {
        const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-days', '30']
        const one = ['-x509', '-extensions', 'one', ...signer]
        openssl(...wanted, ...one, '-keyout', key, '-out', certificate)
      } else {
        // `req` cannot choose the dates.
        openssl(...wanted, '-keyout', key, '-out', at('request.pem'))
        writeFileSync(certificate, signed(at('request.pem'), validFor))
      }
      return { certificate, key }
    },

    sign(request) {
      writeFileSync(at('request.pem'), request)
      return signed(at('request.pem'), 'now')
    },

    revoke(certificate) {
      ca('-revoke', certificate)
      publishRevocations()
    },

    remove() {
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
    },
  }
}

const altName = (host: string): string => (isIP(host) ? `IP:${host}` : `DNS:${host}`)
