/** Whether the deployed policies allow a call to the stand-ins, or a call between services. */
import { AwsError, type Call, type DeniedFor } from '../wire.ts'
import { denial } from './denials.ts'
import { evaluate, type Refusal } from './evaluate.ts'
import { needsOf } from './needs/needs.ts'
import type { IamRecords, Need, Session } from './records.ts'

interface SignedCall {
  readonly accessKeyId: string
  readonly service: string
  readonly operation: string
  readonly call: Call
}

/** A service that calls another by itself, such as S3 for its notifications. */
export interface ServiceCall extends Need {
  /** Such as `s3.amazonaws.com`. */
  readonly service: string
  /** The resource for which it calls. */
  readonly sourceArn: string
}

export interface Iam {
  /** What was denied so far, each once, in sentences. */
  readonly denied: ReadonlySet<string>
  /** ARNs of what a call is about; none for a call that is malformed or unknown. */
  resourcesOf(call: Omit<SignedCall, 'accessKeyId'>): readonly string[]
  /** The answer to a call that the caller may not make; null if it may. */
  authorize(signed: SignedCall): AwsError | null
  /** Asks for one more permission of a caller, for what only a stand-in knows. */
  deniedFor(accessKeyId: string, service: string): DeniedFor
  /** Why AWS may not do something in the name of a role; null if it may. */
  refusedRole(session: Session, need: Need): string | null
  /** Why a service may not call another; null if it may. */
  refusedService(call: ServiceCall): string | null
}

export function iam(records: IamRecords): Iam {
  const { account, region } = records
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${region}:${account}:${resource}`
  const refusalOf = refusing(records)
  const all = new Set<string>()
  const sentence = (user: string, need: Need, refusal: NonNullable<Refusal>): string => {
    const { message } = denial('', { user, need, refusal })
    all.add(message)
    return message
  }

  const deniedFor =
    (accessKeyId: string, service: string): DeniedFor =>
    (need) => {
      const session = records.session(accessKeyId)
      if (!session) return new AwsError(403, 'AccessDenied', `${accessKeyId} belongs to no role.`)
      const refusal = refusalOf(session, need)
      if (refusal) sentence(userOf(session), need, refusal)
      return refusal && denial(service, { user: userOf(session), need, refusal })
    }

  const resourcesOf: Iam['resourcesOf'] = ({ service, operation, call }) =>
    needsOf(service, operation, { call, records, arn }).map(({ resource }) => resource)

  return {
    denied: all,
    deniedFor,
    resourcesOf(call) {
      try {
        return resourcesOf(call)
      } catch {
        return []
      }
    },
    authorize({ accessKeyId, service, operation, call }) {
      const denied = deniedFor(accessKeyId, service)
      for (const need of needsOf(service, operation, { call, records, arn })) {
        const answer = denied(need)
        if (answer) return answer
      }
      return null
    },
    refusedRole(session, need) {
      const refusal = refusalOf(session, need)
      return refusal && sentence(userOf(session), need, refusal)
    },
    refusedService({ service, sourceArn, ...need }) {
      const context = {
        'aws:SourceArn': sourceArn,
        'aws:SourceAccount': account,
        'aws:SourceOwner': account,
      }
      const resourcePolicy = records.resourcePolicy(need.resource)
      const from = { principal: service, account, identityPolicies: [], resourcePolicy }
      const refusal = evaluate({ ...need, ...from, context: { ...context, ...need.context } })
      return refusal && sentence(service, need, refusal)
    },
  }
}

/** `arn:aws:iam::<account>:role/<name>` acts as `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
const userOf = ({ roleArn, sessionName }: Session): string =>
  `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`

/** The policy of an object is its bucket's. */
const holderOf = (arn: string): string =>
  arn.startsWith('arn:aws:s3:::') ? (arn.split('/')[0] ?? arn) : arn

function refusing({ account, resourcePolicy }: IamRecords) {
  return (session: Session, need: Need): Refusal =>
    evaluate({
      ...need,
      principal: userOf(session),
      account,
      context: { ...session.context, ...need.context },
      identityPolicies: session.policies,
      resourcePolicy: resourcePolicy(holderOf(need.resource)),
    })
}
