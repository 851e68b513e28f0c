/** How a service of the simulated AWS creates the resources of a template. */
import * as z from 'zod/mini'
import { TemplateError } from './template.ts'

/** A resource that is being created. */
export interface NewResource {
  readonly region: string
  readonly account: string
  readonly stackName: string
  /** A name as CloudFormation makes it for a resource without one; always the same for a resource. */
  uniqueName(): string
  arn(service: string, resource: string): string
}

export interface Created {
  readonly ref: string
  readonly attributes?: Readonly<Record<string, string>>
  /** For a resource that a newer template does not have any more. Throws when AWS would refuse. */
  readonly remove?: () => void
}

export type ResourceType = (properties: object, at: NewResource) => Created | Promise<Created>
export type ResourceTypes = Readonly<Record<string, ResourceType>>

export const policyDocument = z.strictObject({
  Version: z.optional(z.string()),
  Statement: z.array(z.looseObject({})),
})

/** Why properties that have no model here do no harm, by name. */
type Reasons = Readonly<Record<string, string>>

/** A property outside of the schema and of the reasons is an error. */
export const resourceType =
  <Schema extends z.ZodMiniType>(
    schema: Schema,
    notModelled: Reasons,
    create: (properties: z.infer<Schema>, at: NewResource) => Created | Promise<Created>,
  ): ResourceType =>
  (properties, at) => {
    const modelled = Object.entries(properties).filter(([name]) => !(name in notModelled))
    const parsed = schema.safeParse(Object.fromEntries(modelled))
    if (!parsed.success) throw new TemplateError(sentenceOf(parsed.error))
    return create(parsed.data, at)
  }

function sentenceOf({ issues: [issue] }: z.core.$ZodError): string {
  if (!issue) return 'Its properties are wrong.'
  const path = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`
  const names = issue.keys.map((key) => (path === '' ? key : `${path}.${key}`))
  return `The simulated AWS has no model of ${names.join(', ')}.`
}
