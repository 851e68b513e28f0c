/**
 * IoT Core's control plane, for provisioning a door: things, certificates, attachments and endpoints.
 * The caller supplies the function that signs certificate requests.
 */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { jsonAnswer, jsonBody, jsonRefusal, parsed } from '../json-services.ts'
import { AwsError, type AwsService, type Call, decoded, headerOf } from '../wire.ts'

export interface IotControlOptions {
  readonly region: string
  readonly policies?: readonly string[]
  readonly roleAliases?: readonly string[]
  readonly endpoints?: Readonly<Record<string, string>>
  /** PEM of a request to PEM of a certificate; throws for an invalid request. */
  readonly sign?: (request: string) => string
}

interface IotCertificate {
  readonly certificateId: string
  readonly pem: string
  status: 'ACTIVE' | 'INACTIVE' | 'REVOKED'
  readonly policies: Set<string>
}

export interface IotControl extends AwsService {
  readonly certificates: ReadonlyMap<string, IotCertificate>
  /** By thing: the ARNs of its certificates. */
  readonly things: ReadonlyMap<string, ReadonlySet<string>>
  createThing(name: string, attributes?: Readonly<Record<string, string>>): void
  deleteThing(name: string): void
  createPolicy(name: string): void
  createRoleAlias(name: string): void
}

interface Route {
  readonly operation: string
  readonly method: string
  readonly path: RegExp
}

const routes: readonly Route[] = [
  ['DescribeEndpoint', 'GET', /^\/endpoint$/],
  ['DescribeThing', 'GET', /^\/things\/([^/]+)$/],
  ['CreateThing', 'POST', /^\/things\/([^/]+)$/],
  ['ListThingPrincipals', 'GET', /^\/things\/([^/]+)\/principals$/],
  ['AttachThingPrincipal', 'PUT', /^\/things\/([^/]+)\/principals$/],
  ['DetachThingPrincipal', 'DELETE', /^\/things\/([^/]+)\/principals$/],
  ['GetPolicy', 'GET', /^\/policies\/([^/]+)$/],
  ['AttachPolicy', 'PUT', /^\/target-policies\/([^/]+)$/],
  ['DetachPolicy', 'POST', /^\/target-policies\/([^/]+)$/],
  ['CreateCertificateFromCsr', 'POST', /^\/certificates$/],
  ['UpdateCertificate', 'PUT', /^\/certificates\/([^/]+)$/],
  ['DeleteCertificate', 'DELETE', /^\/certificates\/([^/]+)$/],
  ['DescribeRoleAlias', 'GET', /^\/role-aliases\/([^/]+)$/],
].map(([operation, method, path]) => ({ operation, method, path }) as Route)

const routeOf = ({ method, rawPath }: Call): Route | null =>
  routes.find((route) => route.method === method && route.path.test(rawPath)) ?? null

const requestInput = z.object({ certificateSigningRequest: z.string() })
const targetInput = z.object({ target: z.string() })
const endpointTypes = ['iot:Data', 'iot:Data-ATS', 'iot:CredentialProvider', 'iot:Jobs']
const thingName = /^[a-zA-Z0-9:_-]{1,128}$/
const statuses = z.enum(['ACTIVE', 'INACTIVE', 'REVOKED'])

export function iotControl(options: IotControlOptions): IotControl {
  const things = new Map<string, Set<string>>()
  const attributesOf = new Map<string, Readonly<Record<string, string>>>()
  const certificates = new Map<string, IotCertificate>()
  const policies = new Set(options.policies)
  const roleAliases = new Set(options.roleAliases)
  const arn = (what: string) => `arn:aws:iot:${options.region}:000000000000:${what}`
  const arnOf = (certificateId: string) => arn(`cert/${certificateId}`)

  const thing = (name: string) => there(things.get(name), `Thing ${name}`)
  const certificate = (id: string) => there(certificates.get(id), `Certificate ${id}`)
  const certificateAt = (target: string | null) =>
    there(
      [...certificates.values()].find(({ certificateId }) => arnOf(certificateId) === target),
      'The principal',
    )
  const policy = (name: string) => there(policies.has(name) ? name : undefined, `Policy ${name}`)

  function sign(call: Call): object {
    const { certificateSigningRequest } = parsed(requestInput, jsonBody(call))
    let pem: string
    try {
      pem = options.sign?.(certificateSigningRequest) ?? ''
    } catch {
      throw new AwsError(400, 'InvalidRequestException', 'The CSR is not valid.')
    }
    const certificateId = createHash('sha256').update(pem).digest('hex')
    const status = call.query.get('setAsActive') === 'true' ? 'ACTIVE' : 'INACTIVE'
    certificates.set(certificateId, { certificateId, pem, status, policies: new Set() })
    return { certificateArn: arnOf(certificateId), certificateId, certificatePem: pem }
  }

  /** `forces` also detaches its policies, but not its thing. */
  function remove(id: string, forces: boolean): object {
    const { status, policies } = certificate(id)
    const attached = [...things.values()].some((principals) => principals.has(arnOf(id)))
    if (status === 'ACTIVE') {
      throw new AwsError(406, 'CertificateStateException', 'The certificate is active.')
    }
    if (attached || (policies.size > 0 && !forces)) {
      throw new AwsError(409, 'DeleteConflictException', 'Something is attached to it.')
    }
    certificates.delete(id)
    return {}
  }

  const createThing: IotControl['createThing'] = (name, attributes = {}) => {
    things.set(name, things.get(name) ?? new Set())
    attributesOf.set(name, attributes)
  }

  const described = (name: string) => ({
    thingName: name,
    thingArn: arn(`thing/${name}`),
    // The same thing has the same id, however often it is asked for.
    thingId: uuidOf(name),
  })

  const operations: Readonly<Record<string, (name: string, call: Call) => object>> = {
    DescribeEndpoint(_, { query }) {
      const type = query.get('endpointType') ?? 'iot:Data'
      if (!endpointTypes.includes(type)) throw invalid('The endpoint type is not known.')
      const endpointAddress = there(options.endpoints?.[type], `Endpoint ${type}`)
      return { endpointAddress }
    },
    DescribeThing(name) {
      thing(name)
      return { ...described(name), version: 1, attributes: attributesOf.get(name) ?? {} }
    },
    CreateThing(name) {
      if (!thingName.test(name)) throw invalid(`The name ${name} is not valid.`)
      createThing(name)
      return described(name)
    },
    ListThingPrincipals: (name) => ({ principals: [...thing(name)] }),
    AttachThingPrincipal(name, call) {
      const { certificateId } = certificateAt(headerOf(call, 'x-amzn-principal'))
      thing(name).add(arnOf(certificateId))
      return {}
    },
    DetachThingPrincipal(name, call) {
      thing(name).delete(headerOf(call, 'x-amzn-principal') ?? '')
      return {}
    },
    GetPolicy: (name) => ({ policyName: policy(name), policyArn: arn(`policy/${name}`) }),
    AttachPolicy(name, call) {
      certificateAt(parsed(targetInput, jsonBody(call)).target).policies.add(policy(name))
      return {}
    },
    DetachPolicy(name, call) {
      certificateAt(parsed(targetInput, jsonBody(call)).target).policies.delete(name)
      return {}
    },
    CreateCertificateFromCsr: (_, call) => sign(call),
    UpdateCertificate(id, { query }) {
      certificate(id).status = parsed(statuses, query.get('newStatus'), 'InvalidRequestException')
      return {}
    },
    DeleteCertificate: (id, { query }) => remove(id, query.get('forceDelete') === 'true'),
    DescribeRoleAlias(name) {
      const roleAlias = there(roleAliases.has(name) ? name : undefined, `Role alias ${name}`)
      return { roleAliasDescription: { roleAlias, roleAliasArn: arn(`rolealias/${name}`) } }
    },
  }

  return {
    name: 'iot',
    things,
    certificates,
    createThing,
    deleteThing(name) {
      if (thing(name).size > 0) {
        throw invalid(`Cannot delete: Thing ${name} is still attached to one or more principals`)
      }
      things.delete(name)
      attributesOf.delete(name)
    },
    createPolicy: (name) => void policies.add(name),
    createRoleAlias: (name) => void roleAliases.add(name),
    throttled: { status: 400, code: 'ThrottlingException' },
    operationOf: (call) => routeOf(call)?.operation ?? null,
    answer(operation, call) {
      const name = decoded(routeOf(call)?.path.exec(call.rawPath)?.[1] ?? '')
      return jsonAnswer(operations[operation]?.(name, call) ?? {})
    },
    refuse: (error) => jsonRefusal(error, 'application/json'),
  }
}

const invalid = (message: string): AwsError => new AwsError(400, 'InvalidRequestException', message)

const uuidOf = (name: string): string =>
  createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

function there<T>(found: T | undefined, what: string): T {
  if (found !== undefined) return found
  throw new AwsError(404, 'ResourceNotFoundException', `${what} does not exist.`)
}
