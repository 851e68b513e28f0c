/** A CloudFormation template, as far as it is read here. What is not known is refused. */
import * as z from 'zod/mini'

const text = z.optional(z.string())
const anything = z.record(z.string(), z.unknown())
const oneOrMore = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((names: string | string[]) => [names].flat()),
)

const resourceSchema = z.strictObject({
  Type: z.string(),
  Properties: z._default(anything, {}),
  DependsOn: z._default(oneOrMore, []),
  Condition: text,
  Metadata: z.optional(anything),
  // For updates and deletions, which are not simulated.
  DeletionPolicy: text,
  UpdateReplacePolicy: text,
})

const parameterSchema = z.looseObject({ Type: z.string(), Default: z.optional(z.unknown()) })
const assertion = z.strictObject({ Assert: z.unknown(), AssertDescription: text })

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.optional(z.literal('2010-09-09')),
  Description: text,
  Metadata: z.optional(anything),
  Parameters: z._default(z.record(z.string(), parameterSchema), {}),
  Rules: z._default(z.record(z.string(), z.strictObject({ Assertions: z.array(assertion) })), {}),
  Mappings: z._default(z.record(z.string(), z.record(z.string(), anything)), {}),
  Conditions: z._default(anything, {}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z._default(
    z.record(z.string(), z.looseObject({ Value: z.unknown(), Condition: text })),
    {},
  ),
})

export type Template = z.infer<typeof templateSchema>
export type TemplateResource = Template['Resources'][string]

/** A template that cannot be deployed here, with the resource at fault in the message. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
}

export function parseTemplate(value: unknown): Template {
  const parsed = templateSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new TemplateError(`${issue?.path.join('.')}: ${issue?.message}`)
}

/** Where the CDK says that a resource is defined, such as `Queues/Snapshots`, or its logical id. */
export function pathOf(id: string, { Metadata }: TemplateResource): string {
  const path = Metadata?.['aws:cdk:path']
  if (typeof path !== 'string') return id
  return path.replace(/^[^/]+\//, '').replace(/\/Resource$/, '')
}
