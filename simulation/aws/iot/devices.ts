/** What devices may do: by their certificates, the things these belong to, and their policies. */
import { X509Certificate } from 'node:crypto'
import * as z from 'zod/mini'
import type { Deployed } from '../cloudformation/deployed.ts'
import type { IotControl } from './control-plane.ts'
import { type IotAction, iotAllows, iotStatementSchema } from './policy.ts'

export interface Devices {
  /** Null for a certificate that AWS does not know, or does not accept any more. */
  byCertificate(certificate: X509Certificate, clientId: string): Device | null
}

/** A client with a certificate. */
export interface Device {
  /** Of the thing with the client's name, if the certificate belongs to it. */
  readonly thing: string | null
  /** ARNs of the policies of its certificate. */
  readonly policies: readonly string[]
  /** `what` is a client id, topic, topic filter or role alias. */
  may(action: IotAction, what: string): boolean
}

interface Options {
  readonly region: string
  readonly account: string
  readonly iotControl: IotControl
  readonly deployed: Pick<Deployed, 'iotPolicies'>
}

const statements = z.array(iotStatementSchema)

export const devicesOf = ({ iotControl, deployed, ...place }: Options): Devices => ({
  byCertificate(certificate, clientId) {
    const known = [...iotControl.certificates.values()].find(
      ({ pem, status }) =>
        status === 'ACTIVE' && new X509Certificate(pem).raw.equals(certificate.raw),
    )
    if (!known) return null
    const arn = (what: string) => `arn:aws:iot:${place.region}:${place.account}:${what}`
    const principals = iotControl.things.get(clientId)
    const attached = principals?.has(arn(`cert/${known.certificateId}`)) ?? false
    const thing = attached ? clientId : null
    const connection = { ...place, clientId, thing, attached }
    return {
      thing,
      policies: [...known.policies].map((name) => arn(`policy/${name}`)),
      may: (action, what) =>
        iotAllows(
          [...known.policies].flatMap((name) =>
            z.parse(statements, deployed.iotPolicies.get(name)?.Statement ?? []),
          ),
          connection,
          action,
          what,
        ),
    }
  },
})
