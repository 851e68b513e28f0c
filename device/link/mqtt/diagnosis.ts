/**
 * Finds out why the connection to AWS IoT fails. The SDK reports little, and late: after a failed
 * handshake its TLS waits 10 to 30 s, so that the time reveals nothing. So the certificate is read
 * here, and the same handshake is tried with Node's own TLS.
 */
import { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import type { Identity } from '../../daemon/ports.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface Diagnosis {
  readonly reason: FailureReason
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
    'The certificate of the cloud is from an authority that this door does not trust: the authority file is wrong, or another computer intercepts the connection.',
  'cloud-certificate-expired':
    'The certificate of the cloud is not valid now: is the clock of this computer right?',
  'cloud-has-other-name':
    'The certificate of the cloud is for another host name: is the endpoint right?',
  'name-not-found':
    'The endpoint of the cloud has no address: is its name right, and is there a network?',
  'cloud-not-reached': 'The cloud cannot be reached: is there a network?',
  'cloud-silent':
    'The endpoint accepts connections, but does not speak TLS: is it right, and its port?',
  'not-allowed':
    'The cloud refuses to connect this door: are its thing and the policy attached to its certificate?',
  'message-refused':
    'The cloud refuses messages of this door, which stay on its disk: does its certificate have the deployed policy?',
  'taken-over':
    'Another client connected with the name of this door. If it is not yours, revoke its certificate.',
  'dropped-again':
    'The cloud drops every connection soon after accepting it: does another computer use the name of this door, or does the policy forbid what the door does?',
  'sdk-missing':
    'The connection to AWS IoT needs aws-iot-device-sdk-v2, which is not installed or does not support this computer: it needs a 64-bit system.',
} as const
export type FailureReason = keyof typeof sentences

export const diagnosis = (reason: FailureReason): Diagnosis => ({
  reason,
  sentence: sentences[reason],
})

/** Null when the certificate can be read and is valid now. */
export function diagnoseCertificate({ certificate }: Identity, nowMs: number): Diagnosis | null {
  let parsed: X509Certificate
  try {
    parsed = new X509Certificate(certificate)
  } catch {
    return diagnosis('certificate-unreadable')
  }
  if (parsed.validToDate.getTime() < nowMs) return diagnosis('certificate-expired')
  return parsed.validFromDate.getTime() > nowMs ? diagnosis('certificate-too-new') : null
}

const handshakeTimeoutMs = 5_000
/** In TLS 1.3 the server checks the client's certificate after the client has finished. */
const alertTimeoutMs = 1_000

/** Null when the handshake succeeds. */
export function diagnoseHandshake(
  endpoint: Endpoint,
  identity: Identity,
): Promise<Diagnosis | null> {
  let socket: TLSSocket
  try {
    socket = startHandshake(endpoint, identity)
  } catch {
    return Promise.resolve(diagnosis('certificate-unreadable'))
  }
  return new Promise((resolve) => {
    const end = (reason: FailureReason | null) => {
      clearTimeout(timeout)
      socket.destroy()
      resolve(reason && diagnosis(reason))
    }
    let timeout = setTimeout(() => end('cloud-not-reached'), handshakeTimeoutMs)
    socket.once('secureConnect', () => {
      clearTimeout(timeout)
      timeout = setTimeout(() => end(null), alertTimeoutMs)
    })
    socket.on('error', (error) => end(reasonFor(error)))
    socket.once('close', () => end('certificate-refused'))
    socket.resume()
  })
}

function startHandshake({ host, port }: Endpoint, identity: Identity): TLSSocket {
  const { certificate, key, authority } = identity
  return connect({
    host,
    port,
    cert: certificate,
    key,
    ...(authority !== null && { ca: authority }),
    // On port 443, AWS tells MQTT from HTTP by this name.
    ...(port === 443 && { ALPNProtocols: ['x-amzn-mqtt-ca'] }),
    ...(/[a-z]/i.test(host) && { servername: host }),
  })
}

/** Codes of TLS errors; the first match counts. */
const reasons: readonly (readonly [RegExp, FailureReason])[] = [
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

function reasonFor(error: Error): FailureReason {
  const code = 'code' in error ? String(error.code) : ''
  return reasons.find(([pattern]) => pattern.test(code))?.[1] ?? 'cloud-not-reached'
}
