/**
 * Why the line does not come up, in a sentence for whoever has to mend it. The SDK says little, and
 * that late: its TLS waits 10 to 30 seconds after a failure, so that nobody can measure how it
 * failed. So the papers are read here, and the same handshake is tried with Node's own TLS.
 */
import { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import type { Identity } from '../../daemon/ports.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface LinkTrouble {
  readonly reason: TroubleReason
  readonly sentence: string
}

const sentences = {
  'certificate-expired':
    'The certificate of this door has expired. Run: smart-door provision --rotate',
  'certificate-too-new':
    'The certificate of this door is not valid yet: is the clock of this computer right?',
  'certificate-unreadable':
    'The certificate or key of this door cannot be read. Run: smart-door provision',
  'certificate-revoked':
    'The cloud has revoked the certificate of this door. Run: smart-door provision',
  'certificate-unknown':
    'The cloud does not know the certificate of this door. Run: smart-door provision',
  'certificate-refused':
    'The cloud refused the certificate of this door. Run: smart-door provision',
  'cloud-not-trusted':
    'What answers in the name of the cloud has a certificate from nobody that this door trusts: a wrong authority file, or somebody in between.',
  'cloud-certificate-expired':
    'The certificate of the cloud is not valid now: is the clock of this computer right?',
  'cloud-has-other-name':
    'What answers in the name of the cloud has a certificate for another name: is the endpoint right?',
  'name-not-found':
    'The endpoint of the cloud has no address: is its name right, and is there a network?',
  'cloud-not-reached': 'The cloud cannot be reached: is there a network?',
  'cloud-silent': 'The cloud takes calls but does not answer as one.',
  'not-allowed':
    'The cloud knows this door but does not let it in: is its thing attached to the certificate, and the policy too?',
  'message-refused':
    'The cloud refuses what this door says, so it goes on waiting on the disk: is the policy of the certificate the one that was deployed?',
  'taken-over':
    'Somebody else has called the cloud in the name of this door. If that was not you, revoke its certificate.',
  'dropped-again':
    'The cloud drops the line again and again right after taking it: does another computer use the name of this door, or does the policy forbid what the door does?',
  'sdk-missing':
    'The line to AWS IoT needs aws-iot-device-sdk-v2, which is not installed or has no program for this computer: it needs a 64-bit system.',
} as const
export type TroubleReason = keyof typeof sentences

export const trouble = (reason: TroubleReason): LinkTrouble => ({
  reason,
  sentence: sentences[reason],
})

/** What can be told from the papers alone. */
export function troubleWithPapers({ certificate }: Identity, nowMs: number): LinkTrouble | null {
  let paper: X509Certificate
  try {
    paper = new X509Certificate(certificate)
  } catch {
    return trouble('certificate-unreadable')
  }
  if (paper.validToDate.getTime() < nowMs) return trouble('certificate-expired')
  return paper.validFromDate.getTime() > nowMs ? trouble('certificate-too-new') : null
}

const handshakeWithinMs = 5_000
/** In TLS 1.3 the server looks at a client's certificate only after the client is content. */
const alertWithinMs = 1_000

/** Null when the handshake succeeds. */
export function troubleWithHandshake(
  to: Endpoint,
  identity: Identity,
): Promise<LinkTrouble | null> {
  let socket: TLSSocket
  try {
    socket = call(to, identity)
  } catch {
    return Promise.resolve(trouble('certificate-unreadable'))
  }
  return new Promise((resolve) => {
    const end = (found: TroubleReason | null) => {
      clearTimeout(impatience)
      socket.destroy()
      resolve(found && trouble(found))
    }
    let impatience = setTimeout(() => end('cloud-not-reached'), handshakeWithinMs)
    socket.once('secureConnect', () => {
      clearTimeout(impatience)
      impatience = setTimeout(() => end(null), alertWithinMs)
    })
    socket.on('error', (error) => end(reasonFor(error)))
    socket.once('close', () => end('certificate-refused'))
    socket.resume()
  })
}

function call({ host, port }: Endpoint, { certificate, key, authority }: Identity): TLSSocket {
  return connect({
    ...{ host, port, cert: certificate, key },
    ...(authority !== null && { ca: authority }),
    // On the port of the web, AWS tells by this word that MQTT is meant.
    ...(port === 443 && { ALPNProtocols: ['x-amzn-mqtt-ca'] }),
    ...(/[a-z]/i.test(host) && { servername: host }),
  })
}

const reasons: readonly (readonly [RegExp, TroubleReason])[] = [
  [/ALERT_CERTIFICATE_EXPIRED/, 'certificate-expired'],
  [/ALERT_CERTIFICATE_REVOKED/, 'certificate-revoked'],
  [/ALERT_UNKNOWN_CA|ALERT_CERTIFICATE_UNKNOWN/, 'certificate-unknown'],
  [/ALERT/, 'certificate-refused'],
  [/KEY_VALUES_MISMATCH|OSSL_|PEM/, 'certificate-unreadable'],
  [/^CERT_HAS_EXPIRED|^CERT_NOT_YET_VALID/, 'cloud-certificate-expired'],
  [/ALTNAME/, 'cloud-has-other-name'],
  [/SELF_SIGNED|UNABLE_TO_|CERT_|ISSUER/, 'cloud-not-trusted'],
  [/ENOTFOUND|EAI_/, 'name-not-found'],
  [/ERR_SSL/, 'cloud-silent'],
]

function reasonFor(error: Error): TroubleReason {
  const code = 'code' in error ? String(error.code) : ''
  return reasons.find(([pattern]) => pattern.test(code))?.[1] ?? 'cloud-not-reached'
}
