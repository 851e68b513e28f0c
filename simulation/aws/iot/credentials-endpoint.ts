/**
 * The credentials provider of AWS IoT: for the certificate of a device it gives temporary keys of the
 * role behind a role alias. It asks for the certificate in the TLS handshake.
 */
import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Deployed, trusts } from '../cloudformation/deployed.ts'
import type { AssumedRole, Credentials } from '../sigv4.ts'
import type { Device, Devices } from './devices.ts'

/** What is deployed by now. */
interface Deployment extends Pick<Deployed, 'roles' | 'roleAliases'> {
  readonly devices: Devices
  assumeRole(role: AssumedRole): Credentials
}

export interface CredentialsEndpointOptions {
  /** Files: its own certificate and key, and the authority of the devices' certificates. */
  readonly certificate: string
  readonly key: string
  readonly authority: string
  readonly host: string
  nowMs(): number
  /** Null before the first deployment. */
  deployed(): Deployment | null
  /** AWS says only that access is denied; this says why. */
  readonly refused?: (sentence: string) => void
}

export interface CredentialsEndpoint {
  readonly port: number
  close(): Promise<void>
}

const lifeMs = 3_600_000

export async function startCredentialsEndpoint(
  options: CredentialsEndpointOptions,
): Promise<CredentialsEndpoint> {
  const server = createServer(
    {
      cert: readFileSync(options.certificate),
      key: readFileSync(options.key),
      ca: readFileSync(options.authority),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { status, body } = answerTo(request, options)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    },
  )
  server.listen(0, options.host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Answer {
  readonly status: number
  readonly body: object
}

function answerTo(request: IncomingMessage, options: CredentialsEndpointOptions): Answer {
  const [, encoded = ''] = /^\/role-aliases\/([^/]+)\/credentials$/.exec(request.url ?? '') ?? []
  const alias = decodeURIComponent(encoded)
  const deployed = options.deployed()
  const roleArn = deployed?.roleAliases.get(alias)
  if (!deployed || roleArn === undefined) {
    return { status: 404, body: { message: 'Role alias does not exist' } }
  }
  const thingName = String(request.headers['x-amzn-iot-thingname'])
  const device = deviceOf(request, deployed, thingName)
  const reason = reasonAgainst(device, { deployed, alias, roleArn, thingName })
  if (reason !== null) {
    options.refused?.(reason)
    return { status: 403, body: { message: 'Access Denied' } }
  }
  const { accessKeyId, secretAccessKey } = deployed.assumeRole({ roleArn, thingName })
  const sessionToken = randomBytes(32).toString('base64')
  const expiration = new Date(options.nowMs() + lifeMs).toISOString()
  const credentials = { accessKeyId, secretAccessKey, sessionToken, expiration }
  return { status: 200, body: { credentials } }
}

function deviceOf({ socket }: IncomingMessage, { devices }: Deployment, name: string) {
  if (!(socket instanceof TLSSocket)) return null
  return devices.byCertificate(new X509Certificate(socket.getPeerCertificate().raw), name)
}

interface Asked {
  readonly deployed: Deployment
  readonly alias: string
  readonly roleArn: string
  readonly thingName: string
}

function reasonAgainst(
  device: Device | null,
  { deployed, alias, roleArn, thingName }: Asked,
): string | null {
  if (!device || device.thing === null) return `This certificate does not belong to ${thingName}.`
  if (!device.may('AssumeRoleWithCertificate', alias)) {
    return `${device.policies.join(', ')} does not allow ${thingName} iot:AssumeRoleWithCertificate on rolealias/${alias}.`
  }
  if (trusts(deployed, roleArn, service)) return null
  return `${roleArn} does not trust ${service}.`
}

const service = 'credentials.iot.amazonaws.com'
