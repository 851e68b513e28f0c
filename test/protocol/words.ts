/** The words that a field may hold where the choice is limited. */
import * as z from 'zod/mini'

/** As much of a JSON schema as it takes to find limited choices. */
const nodeSchema = z.object({
  enum: z.optional(z.array(z.unknown())),
  const: z.optional(z.unknown()),
  anyOf: z.optional(z.array(z.unknown())),
  properties: z.optional(z.record(z.string(), z.unknown())),
  items: z.optional(z.unknown()),
})
type Words = readonly (readonly [path: string, choices: readonly unknown[]])[]

export function wordsIn(schema: unknown, path: string): Words {
  const node = z.parse(nodeSchema, schema)
  if (node.enum) return [[path, node.enum]]
  if (node.const !== undefined) return [[path, [node.const]]]
  const options = (node.anyOf ?? []).flatMap((option) => wordsIn(option, path))
  const ofItself = options.filter(([at]) => at === path).flatMap(([, choices]) => choices)
  return [
    ...(ofItself.length > 0 ? [[path, ofItself] as const] : []),
    ...options.filter(([at]) => at !== path),
    ...Object.entries(node.properties ?? {}).flatMap(([key, one]) =>
      wordsIn(one, `${path}.${key}`),
    ),
    ...(node.items === undefined ? [] : wordsIn(node.items, `${path}[]`)),
  ]
}

export const wordsOf = (bodies: Record<string, z.core.$ZodShape>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(bodies).flatMap(([type, body]) =>
      wordsIn(z.toJSONSchema(z.strictObject(body)), type),
    ),
  )
