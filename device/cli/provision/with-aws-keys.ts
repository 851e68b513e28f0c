/** Getting a certificate with the AWS credentials of whoever installs the door. */
import type { IoTClient } from '@aws-sdk/client-iot'
import type { NewIdentity } from '../../identity/identity-folder.ts'
import { newRequest } from './certificate-request.ts'

/** As the cloud half names them when it is deployed. */
export const doorPolicyName = 'smart-door'

export type Say = (sentence: string) => void

/** What stands in the way, for whoever types the command. */
export class CannotProvision extends Error {
  override readonly name = 'CannotProvision'
}

export interface DoorInAws {
  /** Throws a sentence where the cloud half is not there. */
  check(): Promise<Endpoints>
  /** A certificate that works from now on. */
  certify(): Promise<NewIdentity>
  /** Whether the thing has this certificate. */
  has(certificateId: string): Promise<boolean>
  /** Ends every other certificate of this thing. */
  endOthers(certificateId: string): Promise<void>
}

export interface Endpoints {
  readonly endpoint: string
  readonly credentialsEndpoint: string
}

interface Deps {
  readonly thingName: string
  readonly roleAlias: string
  readonly say: Say
}

type Sdk = typeof import('@aws-sdk/client-iot')

export async function doorInAws(deps: Deps): Promise<DoorInAws> {
  const sdk = await import('@aws-sdk/client-iot')
  const client = new sdk.IoTClient({})
  const { thingName } = deps
  return {
    async check() {
      await checkCloud(sdk, client, deps)
      await ensureThing(sdk, client, deps)
      return {
        endpoint: await endpoint(sdk, client, 'iot:Data-ATS'),
        credentialsEndpoint: await endpoint(sdk, client, 'iot:CredentialProvider'),
      }
    },

    async certify() {
      const { key, request } = newRequest(thingName)
      const made = await client.send(
        new sdk.CreateCertificateFromCsrCommand({
          certificateSigningRequest: request,
          setAsActive: true,
        }),
      )
      const { certificateArn: principal, certificatePem, certificateId } = made
      if (!principal || !certificatePem || !certificateId) {
        throw new CannotProvision('AWS answered without a certificate.')
      }
      // To the thing first: should the power fail now, the next run finds it there and ends it.
      await client.send(new sdk.AttachThingPrincipalCommand({ thingName, principal }))
      await client.send(
        new sdk.AttachPolicyCommand({ policyName: doorPolicyName, target: principal }),
      )
      deps.say(`A new key was made here, and AWS has certified it: ${certificateId}.`)
      return { certificate: certificatePem, key, certificateId }
    },

    async has(certificateId) {
      const all = await principals(sdk, client, thingName)
      return all.some((principal) => principal.endsWith(`/${certificateId}`))
    },

    async endOthers(certificateId) {
      for (const principal of await principals(sdk, client, thingName)) {
        if (!principal.endsWith(`/${certificateId}`)) await end(sdk, client, deps, principal)
      }
    },
  }
}

async function checkCloud(sdk: Sdk, client: IoTClient, { roleAlias }: Deps): Promise<void> {
  const missing = (what: string) => (error: unknown) => {
    if (!(error instanceof sdk.ResourceNotFoundException)) throw error
    throw new CannotProvision(
      `In this AWS account and region there is no ${what}: deploy the cloud half first.`,
    )
  }
  await client
    .send(new sdk.GetPolicyCommand({ policyName: doorPolicyName }))
    .catch(missing(`policy "${doorPolicyName}"`))
  await client
    .send(new sdk.DescribeRoleAliasCommand({ roleAlias }))
    .catch(missing(`role alias "${roleAlias}"`))
}

async function ensureThing(sdk: Sdk, client: IoTClient, { thingName, say }: Deps): Promise<void> {
  try {
    await client.send(new sdk.DescribeThingCommand({ thingName }))
  } catch (error) {
    if (!(error instanceof sdk.ResourceNotFoundException)) throw error
    await client.send(new sdk.CreateThingCommand({ thingName }))
    say(`AWS knows this door now, as "${thingName}".`)
  }
}

async function endpoint(sdk: Sdk, client: IoTClient, endpointType: string): Promise<string> {
  const { endpointAddress } = await client.send(new sdk.DescribeEndpointCommand({ endpointType }))
  if (!endpointAddress) throw new CannotProvision(`AWS names no endpoint for ${endpointType}.`)
  return endpointAddress
}

async function principals(sdk: Sdk, client: IoTClient, thingName: string): Promise<string[]> {
  const found: string[] = []
  let nextToken: string | undefined
  do {
    const page = await client.send(
      new sdk.ListThingPrincipalsCommand({ thingName, ...(nextToken && { nextToken }) }),
    )
    found.push(...(page.principals ?? []))
    nextToken = page.nextToken
  } while (nextToken)
  return found
}

async function end(sdk: Sdk, client: IoTClient, deps: Deps, principal: string): Promise<void> {
  const certificateId = principal.split('/').at(-1) ?? ''
  const { thingName } = deps
  await client.send(new sdk.UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }))
  await client.send(new sdk.DetachPolicyCommand({ policyName: doorPolicyName, target: principal }))
  await client.send(new sdk.DetachThingPrincipalCommand({ thingName, principal }))
  await client.send(new sdk.DeleteCertificateCommand({ certificateId }))
  deps.say(`An older certificate of this door was ended: ${certificateId}.`)
}
