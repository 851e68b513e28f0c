/** Describes in words where a value does not fit its schema, and what would fit. */
import * as z from 'zod/mini'

const wantedSchema = z.object({
  description: z.optional(z.string()),
  type: z.optional(z.string()),
  const: z.optional(z.unknown()),
  enum: z.optional(z.array(z.unknown())),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  properties: z.optional(z.record(z.string(), z.unknown())),
  anyOf: z.optional(z.array(z.unknown())),
})
type Wanted = z.infer<typeof wantedSchema>

export interface Unfit {
  /** A path such as `code`; empty for the whole value. */
  readonly at: string
  /** What is expected there, in words. */
  readonly wanted: string
}

export function unfit(schema: z.core.$ZodType, error: z.core.$ZodError): Unfit {
  const whole = wantedSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  const [issue] = error.issues
  const path = (issue?.path ?? []).map(String)
  const inner = path.reduce<Wanted>((found, key) => part(found, key), whole)
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  return { at: [...path, ...unknown].join('.'), wanted: wordsFor(inner) }
}

const part = ({ properties = {} }: Wanted, key: string): Wanted =>
  wantedSchema.safeParse(properties[key]).data ?? {}

function wordsFor(wanted: Wanted): string {
  const { description, type, properties, enum: choices, anyOf, minimum, maximum } = wanted
  if (description !== undefined) return description
  if (wanted.const !== undefined) return JSON.stringify(wanted.const)
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(' or ')
  if (anyOf) return anyOf.map((one) => wordsFor(wantedSchema.parse(one))).join(' or ')
  if (properties) return fieldsOf(properties)
  if (type === 'boolean') return 'true or false'
  if (type === 'array') return 'a list that is not empty'
  if (type !== 'integer' && type !== 'number')
    return type === 'string' ? 'a text' : 'something else'
  return `a ${type === 'integer' ? 'whole number' : 'number'} from ${minimum} to ${maximum}`
}

function fieldsOf(properties: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(properties).map(
    ([name, wanted]) => `"${name}" (${wordsFor(wantedSchema.parse(wanted))})`,
  )
  return fields.length === 0 ? 'nothing, or {}' : `an object with ${fields.join(', ')}`
}
