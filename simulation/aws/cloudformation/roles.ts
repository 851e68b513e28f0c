/** Roles of a template with their policies. They are recorded for the judge of calls. */
import * as z from 'zod/mini'
import type { Deployed } from './deployed.ts'
import { policyDocument, type ResourceTypes, resourceType } from './resources.ts'
import { TemplateError } from './template.ts'

const roleSchema = z.strictObject({
  RoleName: z.optional(z.string()),
  AssumeRolePolicyDocument: policyDocument,
})

const policySchema = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()),
})

export const roleTypes = ({ roles }: Deployed): ResourceTypes => ({
  'AWS::IAM::Role': resourceType(
    roleSchema,
    { MaxSessionDuration: 'Access keys do not expire here.' },
    ({ RoleName, AssumeRolePolicyDocument: trust }, at) => {
      const name = RoleName ?? at.uniqueName()
      const arn = `arn:aws:iam::${at.account}:role/${name}`
      roles.set(name, { name, arn, trust, policies: new Map() })
      return { ref: name, attributes: { Arn: arn } }
    },
  ),
  'AWS::IAM::Policy': resourceType(
    policySchema,
    {},
    ({ PolicyName, PolicyDocument, Roles }, at) => {
      for (const name of Roles) {
        const role = roles.get(name)
        if (!role) throw new TemplateError(`There is no role ${name}.`)
        role.policies.set(PolicyName, PolicyDocument)
      }
      return { ref: at.uniqueName() }
    },
  ),
})
