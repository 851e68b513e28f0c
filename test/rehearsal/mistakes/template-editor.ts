/** Changes a template by the paths of its resources. */
import * as z from 'zod/mini'
import { pathOf, type Template } from '../../../simulation/aws/cloudformation/template.ts'

const statementSchema = z.looseObject({
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.optional(z.unknown()),
})
const policySchema = z.looseObject({
  PolicyDocument: z.looseObject({ Statement: z.array(statementSchema) }),
})
type Statement = z.infer<typeof statementSchema>

export interface TemplateEditor {
  /** Changes the properties of a resource. The path may be cut where it becomes unreadable. */
  edit(path: string, change: (properties: Properties) => Properties): void
  /** Puts a property at a place such as `Environment.Variables.MAIL_FROM`; without a value it is removed. */
  set(path: string, place: string, value?: unknown): void
  remove(path: string): void
  removeOutput(name: string): void
  /** Takes an action from the statements of a policy. */
  forbid(path: string, action: string): void
  /** Changes the statements of a policy. */
  statements(path: string, change: (statements: readonly Statement[]) => readonly Statement[]): void
}

type Properties = Record<string, unknown>

export function editorOf(template: Template): TemplateEditor {
  const idOf = (path: string): string => {
    const all = Object.entries(template.Resources)
    const [found] =
      all.find(([id, one]) => pathOf(id, one) === path) ??
      all.find(([id, one]) => pathOf(id, one).startsWith(path)) ??
      []
    if (found === undefined) throw new Error(`The template has no ${path}.`)
    return found
  }
  const edit: TemplateEditor['edit'] = (path, change) => {
    const resource = template.Resources[idOf(path)]
    if (resource) resource.Properties = change(resource.Properties)
  }
  const statements: TemplateEditor['statements'] = (path, change) =>
    edit(path, (properties) => {
      const { PolicyDocument: document, ...more } = z.parse(policySchema, properties)
      const changed = change(document.Statement)
      if (JSON.stringify(changed) === JSON.stringify(document.Statement)) {
        throw new Error(`${path} has no such statement.`)
      }
      return { ...more, PolicyDocument: { ...document, Statement: changed } }
    })
  return {
    edit,
    set: (path, place, value) =>
      edit(path, (properties) => withValue(properties, place.split('.'), value)),
    remove(path) {
      const id = idOf(path)
      delete template.Resources[id]
      for (const one of Object.values(template.Resources)) {
        one.DependsOn = one.DependsOn.filter((other) => other !== id)
      }
    },
    removeOutput(name) {
      if (!(name in template.Outputs)) throw new Error(`The template has no output ${name}.`)
      delete template.Outputs[name]
    },
    statements,
    forbid: (path, action) =>
      statements(path, (all) =>
        all.flatMap((one) => {
          const Action = [one.Action].flat().filter((name) => name !== action)
          return Action.length > 0 ? [{ ...one, Action }] : []
        }),
      ),
  }
}

/** Numbers in a place are positions in lists. */
function withValue(
  within: unknown,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): Properties {
  const before: Properties = Object(within)
  if (!(first in before) && (value === undefined || rest.length > 0)) {
    throw new Error(`There is no property ${first}.`)
  }
  const changed = rest.length === 0 ? value : withValue(before[first], rest, value)
  if (Array.isArray(within)) {
    const list = [...within]
    if (changed === undefined) list.splice(Number(first), 1)
    else list[Number(first)] = changed
    return Object(list)
  }
  const { [first]: _, ...others } = before
  return changed === undefined ? others : { ...before, [first]: changed }
}
