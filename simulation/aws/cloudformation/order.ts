/** The order in which resources are created: each after those that it refers to or depends on. */
import { namesIn } from './intrinsics.ts'
import { type Template, TemplateError } from './template.ts'

type Resources = Template['Resources']

const known = new WeakMap<Resources, readonly string[]>()

export function creationOrder({ Resources }: Pick<Template, 'Resources'>): readonly string[] {
  const order = known.get(Resources) ?? orderOf(Resources)
  known.set(Resources, order)
  return order
}

function orderOf(Resources: Resources): readonly string[] {
  const ordered = new Set<string>()
  const visit = (id: string, path: readonly string[]): void => {
    if (ordered.has(id)) return
    if (path.includes(id)) {
      throw new TemplateError(`Resources depend on each other: ${[...path, id].join(' → ')}.`)
    }
    const resource = Resources[id]
    if (!resource) throw new TemplateError(`${path.at(-1)} depends on ${id}, which is not there.`)
    const referred = namesIn(resource.Properties).filter((name) => name in Resources)
    for (const before of [...resource.DependsOn, ...referred]) visit(before, [...path, id])
    ordered.add(id)
  }
  for (const id of Object.keys(Resources)) visit(id, [])
  return [...ordered]
}
