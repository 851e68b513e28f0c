/** CloudFormation's intrinsic functions, its parameters, conditions and mappings. */
import { type Template, TemplateError } from './template.ts'

/** What a value may refer to. */
export interface Scope {
  readonly mappings: Template['Mappings']
  /** A parameter, a pseudo parameter or the id of a resource. */
  ref(name: string): unknown
  getAtt(resource: string, attribute: string): unknown
  condition(name: string): boolean
}

/** `AWS::NoValue`: what has this value is left out. */
export const noValue = Symbol('AWS::NoValue')

/** The value with every function replaced by its result. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => resolve(one, scope)).filter((one) => one !== noValue)
  }
  if (typeof value !== 'object' || value === null) return value
  const call = callIn(value)
  if (call) return call.evaluate(call.argument, scope)
  const fields = Object.entries(value).map(([name, one]) => [name, resolve(one, scope)] as const)
  return Object.fromEntries(fields.filter(([, one]) => one !== noValue))
}

export function resolveCondition(value: unknown, scope: Scope): boolean {
  const result = resolve(value, scope)
  if (typeof result === 'boolean') return result
  throw new TemplateError(`This is not a condition: ${JSON.stringify(value)}.`)
}

/** The function that an object calls, which then has no other field. */
function callIn(value: object): { evaluate: Evaluate; argument: unknown } | null {
  const [[name = '', argument] = [], ...more] = Object.entries(value)
  const evaluate = functions[name]
  if (more.length > 0 || (!evaluate && !name.startsWith('Fn::'))) return null
  // In policies `Condition` is a field like any other; its argument is an object there.
  if (name === 'Condition' && typeof argument !== 'string') return null
  if (!evaluate) throw new TemplateError(`${name} is not supported.`)
  return { evaluate, argument }
}

type Evaluate = (argument: unknown, scope: Scope) => unknown

const functions: Readonly<Record<string, Evaluate>> = {
  Ref: (name, scope) => scope.ref(text(name)),
  Condition: (name, scope) => scope.condition(text(name)),
  'Fn::GetAtt'(argument, scope) {
    const [resource = '', ...attribute] =
      typeof argument === 'string' ? argument.split('.') : texts(argument, scope)
    return scope.getAtt(resource, attribute.join('.'))
  },
  'Fn::Join'(argument, scope) {
    const [separator, parts] = list(argument, 2)
    return texts(parts, scope).join(text(separator))
  },
  'Fn::Split'(argument, scope) {
    const [separator, whole] = list(argument, 2)
    return text(resolve(whole, scope)).split(text(separator))
  },
  'Fn::Select'(argument, scope) {
    const [index, from] = list(argument, 2)
    const all = list(resolve(from, scope))
    const at = Number(resolve(index, scope))
    if (at in all) return all[at]
    throw new TemplateError(`Fn::Select has no item ${at} among ${all.length}.`)
  },
  'Fn::Sub': substitute,
  'Fn::Base64': (whole, scope) =>
    Buffer.from(text(resolve(whole, scope)), 'utf8').toString('base64'),
  'Fn::FindInMap'(argument, scope) {
    const [map = '', first = '', second = ''] = texts(argument, scope)
    const found = scope.mappings[map]?.[first]?.[second]
    if (found === undefined) throw new TemplateError(`No ${map}.${first}.${second} is mapped.`)
    return found
  },
  'Fn::If'(argument, scope) {
    const [name, yes, no] = list(argument, 3)
    return resolve(scope.condition(text(name)) ? yes : no, scope)
  },
  'Fn::Equals'(argument, scope) {
    const [one, other] = list(argument, 2).map((value) => JSON.stringify(resolve(value, scope)))
    return one === other
  },
  'Fn::Not': (argument, scope) => !resolveCondition(list(argument, 1)[0], scope),
  'Fn::And': (argument, scope) => list(argument).every((one) => resolveCondition(one, scope)),
  'Fn::Or': (argument, scope) => list(argument).some((one) => resolveCondition(one, scope)),
  'Fn::Contains'(argument, scope) {
    const [all, one] = list(argument, 2)
    return texts(all, scope).includes(text(resolve(one, scope)))
  },
  'Fn::ImportValue'() {
    throw new TemplateError('Fn::ImportValue: the deployment has no other stack to import from.')
  },
}

function substitute(argument: unknown, scope: Scope): string {
  const [pattern, more] = typeof argument === 'string' ? [argument, {}] : list(argument, 2)
  const variables = Object(resolve(more, scope))
  return text(pattern).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `$\{${name.slice(1)}}`
    if (name in variables) return text(variables[name])
    const [resource = '', ...attribute] = name.trim().split('.')
    if (attribute.length === 0) return text(scope.ref(resource))
    return text(scope.getAtt(resource, attribute.join('.')))
  })
}

// ---------------------------------------------------------------- what a value refers to

/** The names that a value refers to by Ref, Fn::GetAtt or Fn::Sub. */
export function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === 'Ref' && typeof argument === 'string') return [argument]
    if (name === 'Fn::GetAtt') return [String([argument].flat()[0]).split('.')[0] ?? '']
    if (name !== 'Fn::Sub') return namesIn(argument)
    const [pattern, more] = [argument].flat()
    const inside = [...String(pattern).matchAll(/\$\{([^!}][^}]*)\}/g)]
    return [...inside.map(([, one = '']) => one.split('.')[0] ?? ''), ...namesIn(more)]
  })
}

// ---------------------------------------------------------------- arguments

function list(value: unknown, length?: number): readonly unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value
  const wanted = length === undefined ? 'a list' : `a list of ${length}`
  throw new TemplateError(`Expected ${wanted}, found ${JSON.stringify(value)}.`)
}

function text(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value)
  }
  throw new TemplateError(`Expected a text, found ${JSON.stringify(value)}.`)
}

const texts = (value: unknown, scope: Scope): readonly string[] =>
  list(resolve(value, scope)).map(text)
