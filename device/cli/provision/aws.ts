/** AWS IoT's side of a door: thing, certificate, policy; with the AWS credentials of the installer. */
import type { IoT } from '@aws-sdk/client-iot'
import type { NewIdentity } from '../../identity/identity-folder.ts'
import { newRequest } from './certificate-request.ts'
import { CannotProvision, type Say } from './outcome.ts'

/** As the cloud half deploys it. */
const policyName = 'smart-door'

/** What the cloud decides about a door's config file. */
export interface CloudConfig {
  readonly iot: { readonly endpoint: string; readonly credentialsEndpoint: string }
  readonly uploads: { readonly region: string; readonly bucket: string }
  readonly keypad: { readonly pagesOrigin?: string }
}

export class DoorInAws {
  readonly #iot: IoT
  readonly #thingName: string
  readonly #say: Say

  private constructor(iot: IoT, thingName: string, say: Say) {
    this.#iot = iot
    this.#thingName = thingName
    this.#say = say
  }

  static async load(thingName: string, say: Say): Promise<DoorInAws> {
    const { IoT } = await import('@aws-sdk/client-iot')
    return new DoorInAws(new IoT({}), thingName, say)
  }

  /** Throws where the cloud half, or this door, was not deployed. */
  async prepare(roleAlias: string): Promise<CloudConfig> {
    await this.#iot
      .getPolicy({ policyName })
      .catch(ifMissing(() => notDeployed(`policy "${policyName}"`)))
    await this.#iot
      .describeRoleAlias({ roleAlias })
      .catch(ifMissing(() => notDeployed(`role alias "${roleAlias}"`)))
    const { bucket, pagesOrigin } = await this.#places()
    return {
      iot: {
        endpoint: await this.#endpoint('iot:Data-ATS'),
        credentialsEndpoint: await this.#endpoint('iot:CredentialProvider'),
      },
      uploads: { region: await this.#iot.config.region(), bucket },
      keypad: pagesOrigin === undefined ? {} : { pagesOrigin },
    }
  }

  /** A new certificate, active and attached to thing and policy. */
  async certify(): Promise<NewIdentity> {
    const thingName = this.#thingName
    const { key, request: certificateSigningRequest } = newRequest(thingName)
    const { certificateArn, certificatePem, certificateId } =
      await this.#iot.createCertificateFromCsr({ certificateSigningRequest, setAsActive: true })
    if (!certificateArn || !certificatePem || !certificateId) {
      throw new CannotProvision('AWS answered without a certificate.')
    }
    // The thing first: after a power cut now, the next run finds the certificate there and deletes it.
    await this.#iot.attachThingPrincipal({ thingName, principal: certificateArn })
    await this.#iot.attachPolicy({ policyName, target: certificateArn })
    this.#say(`Made a new key; AWS certified it: ${certificateId}.`)
    return { certificate: certificatePem, key, certificateId }
  }

  async hasCertificate(certificateId: string): Promise<boolean> {
    const arns = await this.#certificates()
    return arns.some((arn) => idIn(arn) === certificateId)
  }

  async deleteOtherCertificates(certificateId: string): Promise<void> {
    for (const arn of await this.#certificates()) {
      if (idIn(arn) !== certificateId) await this.#deleteCertificate(arn)
    }
  }

  /** The template writes them into the thing. */
  async #places() {
    const thingName = this.#thingName
    const { attributes = {} } = await this.#iot
      .describeThing({ thingName })
      .catch(ifMissing(() => notDeployed(`door "${thingName}"`, otherDoor)))
    // A deployment of an earlier version does not name its pages.
    const { photosBucket, webOrigin: pagesOrigin } = attributes
    const bucket = photosBucket ?? notDeployed(`bucket named in the thing "${thingName}"`)
    return { bucket, pagesOrigin }
  }

  async #endpoint(endpointType: string): Promise<string> {
    const { endpointAddress } = await this.#iot.describeEndpoint({ endpointType })
    if (!endpointAddress) throw new CannotProvision(`AWS has no endpoint for ${endpointType}.`)
    return endpointAddress
  }

  /** ARNs. */
  async #certificates(): Promise<string[]> {
    const found: string[] = []
    const pages = this.#iot.paginateListThingPrincipals({ thingName: this.#thingName })
    for await (const { principals = [] } of pages) found.push(...principals)
    return found
  }

  async #deleteCertificate(arn: string): Promise<void> {
    const certificateId = idIn(arn)
    await this.#iot.updateCertificate({ certificateId, newStatus: 'INACTIVE' })
    await this.#iot.detachPolicy({ policyName, target: arn })
    await this.#iot.detachThingPrincipal({ thingName: this.#thingName, principal: arn })
    await this.#iot.deleteCertificate({ certificateId })
    this.#say(`Deleted an older certificate of this door: ${certificateId}.`)
  }
}

const idIn = (arn: string): string => arn.split('/').at(-1) ?? ''

const ifMissing =
  <Result>(otherwise: () => Result) =>
  (error: unknown): Result => {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return otherwise()
    throw error
  }

const deployFirst = 'deploy the cloud half first'
const otherDoor = `set doorId to one of the deployment's doors, or ${deployFirst}`

function notDeployed(what: string, remedy = deployFirst): never {
  throw new CannotProvision(`In this AWS account and region there is no ${what}: ${remedy}.`)
}
