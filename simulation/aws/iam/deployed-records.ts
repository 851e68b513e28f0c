/** The records of a deployed template: its roles, the keys that were made for them, and its policies. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import type { Deployed, PolicyDocument } from '../cloudformation/deployed.ts'
import { policyDocument } from '../cloudformation/resources.ts'
import type { AssumedRole, Credentials } from '../sigv4.ts'
import {
  type IamRecords,
  identityPolicy,
  type Need,
  type Policy,
  resourcePolicy,
  type Session,
} from './records.ts'

interface Account {
  readonly region: string
  readonly account: string
  readonly credentials: readonly Credentials[]
  readonly secrets: { arnOf(id: string): string | null }
}

/** Why AWS may not do something in the name of a role; null if it may. */
export type RefusedRole = (roleArn: string, need: Need) => string | null

interface DeployedRecords extends IamRecords {
  /** What AWS does in the name of a role. */
  sessionOf(role: AssumedRole): Session
}

export function deployedRecords(
  deployed: Deployed,
  { region, account, credentials, secrets }: Account,
): DeployedRecords {
  const owner = personWith(account, ownerRole, ownersPolicies)
  const administrator = personWith(account, 'administrator', administratorPolicies)
  const sessions = new Map<string, Session>()
  const policies = new WeakMap<readonly PolicyDocument[], Policy>()
  const roleAt = (arn: string) => [...deployed.roles.values()].find((role) => role.arn === arn)

  /** The same object as long as the role has the same policies. */
  function sessionOf({ roleArn, thingName }: AssumedRole): Session {
    const key = `${roleArn} ${thingName}`
    const documents = [...(roleAt(roleArn)?.policies ?? [])]
    const before = sessions.get(key)
    if (before?.policies.length === documents.length) return before
    const session = {
      roleArn,
      sessionName: thingName ?? roleArn.slice(roleArn.lastIndexOf('/') + 1),
      policies: documents.map(([name, document]) => identityPolicy(name, document)),
      ...(thingName !== undefined && { context: { 'credentials-iot:ThingName': thingName } }),
    }
    sessions.set(key, session)
    return session
  }

  return {
    ...{ region, account, sessionOf, secretArn: secrets.arnOf },
    mailIdentities: deployed.mailIdentities,
    session(accessKeyId) {
      const keys = credentials.find((one) => one.accessKeyId === accessKeyId)
      if (!keys) return null
      const { assumed } = keys
      if (assumed?.roleArn === owner.roleArn) return owner
      return assumed && !isBootstrapped(assumed) ? sessionOf(assumed) : administrator
    },
    resourcePolicy(arn) {
      const documents = deployed.resourcePolicies.get(arn)
      if (!documents) return null
      const known = policies.get(documents)
      const Statement = documents.flatMap((one) => one.Statement)
      const policy = known ?? resourcePolicy(arn, { Version: '2012-10-17', Statement })
      policies.set(documents, policy)
      return policy
    },
  }
}

/** The CDK's own roles, which are there before the template. */
const isBootstrapped = ({ roleArn }: AssumedRole): boolean => roleArn.includes(':role/cdk-')

/** Of a person who deploys and provisions, but is no administrator. */
export const ownerRole = 'owner'

const docs = fileURLToPath(new URL('../../../docs', import.meta.url))

/** What docs/cloud.md says is enough for them. */
const ownersPolicies = ['owner-policy.json', 'provisioning-policy.json'].map((name) =>
  identityPolicy(name, z.parse(policyDocument, JSON.parse(readFileSync(join(docs, name), 'utf8')))),
)

const administratorPolicies = [
  identityPolicy('AdministratorAccess', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  }),
]

const personWith = (account: string, name: string, policies: readonly Policy[]): Session => ({
  roleArn: `arn:aws:iam::${account}:role/${name}`,
  sessionName: name,
  policies,
})
