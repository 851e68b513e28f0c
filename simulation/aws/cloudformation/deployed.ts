/**
 * What a stack sets up beyond the services themselves: roles and who may use what, for the judge of
 * calls, and whatever is only recorded.
 */

import type * as z from 'zod/mini'
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
}

export const emptyDeployed = (): Deployed => ({
  roles: new Map(),
  resourcePolicies: new Map(),
  iotPolicies: new Map(),
  roleAliases: new Map(),
  mailIdentities: new Map(),
  front: {},
  recorded: [],
})

export function addResourcePolicy(
  { resourcePolicies }: Deployed,
  arn: string,
  policy: PolicyDocument,
): void {
  resourcePolicies.set(arn, [...(resourcePolicies.get(arn) ?? []), policy])
}
