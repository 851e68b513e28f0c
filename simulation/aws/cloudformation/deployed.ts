/**
 * What a stack sets up beyond the services themselves: roles and who may use what, for the judge of
 * calls, and whatever is only recorded.
 */

import * as z from 'zod/mini'
import type { policyDocument } from './resources.ts'

/** A policy as it is in the template, with every reference resolved. */
export type PolicyDocument = z.infer<typeof policyDocument>

interface Role {
  readonly name: string
  readonly arn: string
  readonly trust: PolicyDocument
  /** By name. */
  readonly policies: Map<string, PolicyDocument>
}

/** A resource that no stand-in acts on. */
interface Recorded {
  readonly type: string
  readonly ref: string
  readonly properties: object
}

export interface Deployed {
  /** By name. */
  readonly roles: Map<string, Role>
  /** By the ARN of the resource: a queue, bucket, topic or function. */
  readonly resourcePolicies: Map<string, PolicyDocument[]>
  /** Of certificates of doors, by name. */
  readonly iotPolicies: Map<string, PolicyDocument>
  /** The ARN of each role by its alias. */
  readonly roleAliases: Map<string, string>
  /** By address or domain, the configuration set that mails from it use. */
  readonly mailIdentities: Map<string, string | null>
  /** Headers that CloudFront adds to each request. */
  readonly front: Record<string, string>
  readonly recorded: Recorded[]
  /** Functions, event sources and rules that have done something, by what `Ref` gives. */
  readonly used: Set<string>
}

export const emptyDeployed = (): Deployed => ({
  roles: new Map(),
  resourcePolicies: new Map(),
  iotPolicies: new Map(),
  roleAliases: new Map(),
  mailIdentities: new Map(),
  front: {},
  recorded: [],
  used: new Set(),
})

export function addResourcePolicy(
  { resourcePolicies }: Deployed,
  arn: string,
  policy: PolicyDocument,
): void {
  resourcePolicies.set(arn, [...(resourcePolicies.get(arn) ?? []), policy])
}

/** Whether a service may take on a role. */
export function trusts(
  { roles }: Pick<Deployed, 'roles'>,
  roleArn: string,
  service: string,
): boolean {
  const role = [...roles.values()].find(({ arn }) => arn === roleArn)
  return (role?.trust.Statement ?? []).some(({ Effect, Action, Principal }) => {
    const { Service } = z.parse(principalSchema, Principal)
    return Effect === 'Allow' && Action === 'sts:AssumeRole' && [Service].flat().includes(service)
  })
}

const principalSchema = z.looseObject({
  Service: z.optional(z.union([z.string(), z.array(z.string())])),
})
