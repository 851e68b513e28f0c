/** AWS IoT's side of a door: thing, certificate, policy; with the AWS credentials of the installer. */
import type { IoTClient } from '@aws-sdk/client-iot'
import type { NewIdentity } from '../../identity/identity-folder.ts'
import { newRequest } from './certificate-request.ts'
import { CannotProvision, type Say } from './outcome.ts'

/** As the cloud half deploys it. */
const policyName = 'smart-door'

export interface Endpoints {
  readonly endpoint: string
  readonly credentialsEndpoint: string
}

type Sdk = typeof import('@aws-sdk/client-iot')

interface Names {
  readonly thingName: string
  readonly roleAlias: string
}

export class DoorInAws {
  readonly #sdk: Sdk
  readonly #client: IoTClient
  readonly #names: Names
  readonly #say: Say

  private constructor(sdk: Sdk, names: Names, say: Say) {
    this.#sdk = sdk
    this.#client = new sdk.IoTClient({})
    this.#names = names
    this.#say = say
  }

  static async load(names: Names, say: Say): Promise<DoorInAws> {
    return new DoorInAws(await import('@aws-sdk/client-iot'), names, say)
  }

  /** Throws where the cloud half was not deployed. Creates the thing if it is missing. */
  async prepare(): Promise<Endpoints> {
    const { GetPolicyCommand, DescribeRoleAliasCommand } = this.#sdk
    const { roleAlias } = this.#names
    await this.#client
      .send(new GetPolicyCommand({ policyName }))
      .catch(this.#ifMissing(() => notDeployed(`policy "${policyName}"`)))
    await this.#client
      .send(new DescribeRoleAliasCommand({ roleAlias }))
      .catch(this.#ifMissing(() => notDeployed(`role alias "${roleAlias}"`)))
    await this.#ensureThing()
    return {
      endpoint: await this.#endpoint('iot:Data-ATS'),
      credentialsEndpoint: await this.#endpoint('iot:CredentialProvider'),
    }
  }

  /** A new certificate, active and attached to thing and policy. */
  async certify(): Promise<NewIdentity> {
    const { CreateCertificateFromCsrCommand, AttachThingPrincipalCommand, AttachPolicyCommand } =
      this.#sdk
    const { thingName } = this.#names
    const { key, request } = newRequest(thingName)
    const { certificateArn, certificatePem, certificateId } = await this.#client.send(
      new CreateCertificateFromCsrCommand({
        certificateSigningRequest: request,
        setAsActive: true,
      }),
    )
    if (!certificateArn || !certificatePem || !certificateId) {
      throw new CannotProvision('AWS answered without a certificate.')
    }
    // The thing first: after a power cut now, the next run finds the certificate there and deletes it.
    await this.#client.send(
      new AttachThingPrincipalCommand({ thingName, principal: certificateArn }),
    )
    await this.#client.send(new AttachPolicyCommand({ policyName, target: certificateArn }))
    this.#say(`Made a new key; AWS certified it: ${certificateId}.`)
    return { certificate: certificatePem, key, certificateId }
  }

  async hasCertificate(certificateId: string): Promise<boolean> {
    const principals = await this.#principals()
    return principals.some((principal) => idIn(principal) === certificateId)
  }

  async deleteOtherCertificates(certificateId: string): Promise<void> {
    for (const principal of await this.#principals()) {
      if (idIn(principal) !== certificateId) await this.#deleteCertificate(principal)
    }
  }

  async #ensureThing(): Promise<void> {
    const { DescribeThingCommand, CreateThingCommand } = this.#sdk
    const { thingName } = this.#names
    await this.#client.send(new DescribeThingCommand({ thingName })).catch(
      this.#ifMissing(async () => {
        await this.#client.send(new CreateThingCommand({ thingName }))
        this.#say(`Created the thing "${thingName}" in AWS IoT.`)
      }),
    )
  }

  async #endpoint(endpointType: string): Promise<string> {
    const command = new this.#sdk.DescribeEndpointCommand({ endpointType })
    const { endpointAddress } = await this.#client.send(command)
    if (!endpointAddress) throw new CannotProvision(`AWS has no endpoint for ${endpointType}.`)
    return endpointAddress
  }

  /** ARNs of the thing's certificates. */
  async #principals(): Promise<string[]> {
    const { paginateListThingPrincipals } = this.#sdk
    const { thingName } = this.#names
    const found: string[] = []
    for await (const page of paginateListThingPrincipals({ client: this.#client }, { thingName })) {
      found.push(...(page.principals ?? []))
    }
    return found
  }

  async #deleteCertificate(principal: string): Promise<void> {
    const sdk = this.#sdk
    const { thingName } = this.#names
    const certificateId = idIn(principal)
    const client = this.#client
    await client.send(new sdk.UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }))
    await client.send(new sdk.DetachPolicyCommand({ policyName, target: principal }))
    await client.send(new sdk.DetachThingPrincipalCommand({ thingName, principal }))
    await client.send(new sdk.DeleteCertificateCommand({ certificateId }))
    this.#say(`Deleted an older certificate of this door: ${certificateId}.`)
  }

  #ifMissing<Result>(otherwise: () => Result) {
    return (error: unknown): Result => {
      if (error instanceof this.#sdk.ResourceNotFoundException) return otherwise()
      throw error
    }
  }
}

const idIn = (principal: string): string => principal.split('/').at(-1) ?? ''

function notDeployed(what: string): never {
  throw new CannotProvision(
    `In this AWS account and region there is no ${what}: deploy the cloud half first.`,
  )
}
