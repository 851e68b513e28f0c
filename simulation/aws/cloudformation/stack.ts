/** Creates the resources of a template, in order, and remembers what became of each. */
import { createHash } from 'node:crypto'
import { noValue, resolve, resolveCondition, type Scope } from './intrinsics.ts'
import { creationOrder } from './order.ts'
import type { Created, NewResource, ResourceTypes } from './resources.ts'
import { pathOf, type Template, TemplateError, type TemplateResource } from './template.ts'

export interface StackOptions {
  readonly region: string
  readonly account: string
  readonly types: ResourceTypes
  /** Values of template parameters by name, and of SSM parameters by path. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Applied to every text in a property. */
  readonly rewritten?: (text: string) => string
}

export interface Stack {
  /** What `Ref` gives, by the resource's path in the CDK's tree, such as `Queues/Snapshots`. */
  ref(path: string): string
  /** What `Fn::GetAtt` gives. */
  attribute(path: string, name: string): string
  readonly outputs: Readonly<Record<string, string>>
  readonly resources: readonly StackResource[]
}

interface StackResource {
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  /** In the CDK's tree, such as `Queues/Snapshots`. */
  readonly path: string
  /** What AWS calls it: names, ids, addresses and ARNs. */
  readonly names: readonly string[]
}

const stackName = 'SmartDoor'

/** A resource as it was made last. */
interface Made extends Created {
  /** In JSON. */
  readonly properties: string
  readonly wanted: TemplateResource
}
export type MadeResources = Map<string, Made>

/** Makes what is not made yet, or has changed, and removes what the template does not have any more. */
export async function createStack(
  template: Template,
  options: StackOptions,
  created: MadeResources = new Map(),
): Promise<Stack> {
  const scope = scopeOf(template, created, options)
  checkRules(template, scope)
  for (const id of creationOrder(template)) {
    const resource = template.Resources[id]
    if (!resource || (resource.Condition && !scope.condition(resource.Condition))) continue
    const create = options.types[resource.Type]
    await naming(id, resource, async () => {
      if (!create) throw new TemplateError('The simulated AWS does not know this type.')
      const properties: object = Object(rewritten(resolve(resource.Properties, scope), options))
      const json = JSON.stringify(properties)
      if (created.get(id)?.properties === json) return
      const made = await create(properties, newResource(id, options))
      created.set(id, { ...made, properties: json, wanted: resource })
    })
  }
  const gone = [...created].filter(([id]) => !(id in template.Resources)).reverse()
  for (const [id, made] of gone) {
    await naming(id, made.wanted, async () => remove(made))
    created.delete(id)
  }
  return stackOf(template, created, scope, options)
}

/** What is retained is forgotten only. */
function remove({ wanted, remove: removed }: Made): void {
  if (wanted.DeletionPolicy?.startsWith('Retain')) return
  if (!removed) throw new TemplateError('The simulated AWS cannot remove this type.')
  removed()
}

async function naming(id: string, resource: TemplateResource, work: () => Promise<void>) {
  try {
    await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const sentence = `${pathOf(id, resource)} (${resource.Type}): ${reason}`
    throw new TemplateError(sentence, { cause: error })
  }
}

function stackOf(
  template: Template,
  created: ReadonlyMap<string, Made>,
  scope: Scope,
  options: StackOptions,
): Stack {
  const ids = new Map(
    Object.entries(template.Resources).map(([id, one]) => [pathOf(id, one), id] as const),
  )
  const idOf = (path: string): string => {
    const id = ids.get(path)
    if (id === undefined || !created.has(id)) throw new TemplateError(`There is no ${path}.`)
    return id
  }
  const outputs = Object.entries(template.Outputs)
    .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
    .map(([name, { Value }]) => [name, String(rewritten(resolve(Value, scope), options))])
  return {
    ref: (path) => String(scope.ref(idOf(path))),
    attribute: (path, name) => String(scope.getAtt(idOf(path), name)),
    outputs: Object.fromEntries(outputs),
    resources: [...created].map(([logicalId, { ref, attributes = {}, wanted }]) => ({
      ...{ logicalId, physicalId: ref, type: wanted.Type, path: pathOf(logicalId, wanted) },
      names: [ref, ...Object.values(attributes)],
    })),
  }
}

// ---------------------------------------------------------------- what values refer to

function scopeOf(
  { Parameters, Conditions, Mappings }: Template,
  created: ReadonlyMap<string, Created>,
  { region, account, parameters = {} }: StackOptions,
): Scope {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': account,
    'AWS::NoValue': noValue,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/1`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  }
  const parameter = (name: string): unknown => {
    const { Type = '', Default } = Parameters[name] ?? {}
    const given = parameters[name] ?? Default
    const value = Type.startsWith('AWS::SSM::Parameter') ? parameters[String(given)] : given
    if (value === undefined) throw new TemplateError(`The parameter ${name} has no value.`)
    return value
  }
  const scope: Scope = {
    mappings: Mappings,
    ref(name) {
      if (name in pseudo) return pseudo[name]
      if (name in Parameters) return parameter(name)
      return found(created.get(name)?.ref, `${name} was not created.`)
    },
    getAtt(id, name) {
      const resource = found(created.get(id), `${id} was not created.`)
      return found(resource.attributes?.[name], `${id} has no attribute ${name} here.`)
    },
    condition: (name) =>
      resolveCondition(found(Conditions[name], `There is no condition ${name}.`), scope),
  }
  return scope
}

function found<T>(value: T | undefined, sentence: string): T {
  if (value === undefined) throw new TemplateError(sentence)
  return value
}

function checkRules({ Rules }: Template, scope: Scope): void {
  for (const [name, { Assertions }] of Object.entries(Rules)) {
    for (const { Assert, AssertDescription = 'an assertion does not hold.' } of Assertions) {
      if (!resolveCondition(Assert, scope)) throw new TemplateError(`${name}: ${AssertDescription}`)
    }
  }
}

function rewritten(value: unknown, options: StackOptions): unknown {
  if (typeof value === 'string') return options.rewritten?.(value) ?? value
  if (Array.isArray(value)) return value.map((one) => rewritten(one, options))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, rewritten(one, options)]),
  )
}

const newResource = (id: string, { region, account }: StackOptions): NewResource => ({
  ...{ region, account, stackName },
  uniqueName: () => `${stackName}-${id.slice(0, 40)}-${suffixOf(id)}`,
  arn: (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`,
})

/** CloudFormation's is random. Here a restarted home must find its tables again. */
const suffixOf = (id: string): string =>
  createHash('sha256').update(id).digest('hex').slice(0, 12).toUpperCase()
