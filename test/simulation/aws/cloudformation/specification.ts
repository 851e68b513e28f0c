/**
 * Checks a template against CloudFormation's own resource specification: that every resource type,
 * property and attribute exists, that values have the right type, and that nothing required is
 * missing.
 */
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec'
import type {
  Attribute,
  Property,
  PropertyType,
  Resource,
  SpecDatabase,
} from '@aws-cdk/service-spec-types'
import {
  pathOf,
  type Template,
  type TemplateResource,
} from '../../../../simulation/aws/cloudformation/template.ts'

type Properties = Readonly<Record<string, Property>>
type Find = (where: string, sentence: string) => void

/** Loading takes a second. */
let spec: SpecDatabase | undefined

/** A sentence for each mistake, with the resource in it. */
export async function specificationBreaches(template: Template): Promise<readonly string[]> {
  spec ??= await loadAwsServiceSpec()
  const breaches: string[] = []
  const specs = new Map<string, Resource>()
  for (const [id, { Type }] of Object.entries(template.Resources)) {
    const found = spec.lookup('resource', 'cloudFormationType', 'equals', Type)[0]
    if (found) specs.set(id, found)
  }
  for (const [id, resource] of Object.entries(template.Resources)) {
    const find: Find = (where, sentence) =>
      void breaches.push(`${nameOf(id, resource)}: ${where} ${sentence}`)
    const known = specs.get(id)
    if (!known) {
      find(resource.Type, 'is not a type of resource.')
      continue
    }
    checkFields(resource.Properties, known.properties, { spec, find, where: 'Properties' })
    checkAttributes(resource, specs, find)
  }
  return breaches
}

const nameOf = (id: string, resource: TemplateResource): string =>
  `${pathOf(id, resource)} (${resource.Type})`

interface At {
  readonly spec: SpecDatabase
  readonly find: Find
  readonly where: string
}

function checkFields(value: object, properties: Properties, at: At): void {
  for (const [name, one] of Object.entries(value)) {
    const where = `${at.where}.${name}`
    const property = properties[name]
    if (property) checkValue(one, property, { ...at, where })
    else at.find(where, 'does not exist.')
  }
  for (const [name, { required }] of Object.entries(properties)) {
    if (required && !(name in value)) at.find(`${at.where}.${name}`, 'is missing.')
  }
}

function checkValue(value: unknown, { type, previousTypes = [] }: Property, at: At): void {
  const mistakes = [type, ...previousTypes].map((one) => mistakesIn(value, one, at))
  const [first = []] = mistakes
  if (mistakes.every((found) => found.length > 0)) {
    for (const [where, sentence] of first) at.find(where, sentence)
  }
}

type Mistake = readonly [where: string, sentence: string]

function mistakesIn(value: unknown, type: PropertyType, at: At): readonly Mistake[] {
  const mistakes: Mistake[] = []
  const inside: At = {
    ...at,
    find: (where, sentence) => void mistakes.push([where, sentence]),
  }
  if (isCall(value)) return []
  switch (type.type) {
    case 'array':
      if (!Array.isArray(value)) return [[at.where, 'is not a list.']]
      return value.flatMap((one, nth) =>
        mistakesIn(one, type.element, { ...at, where: `${at.where}.${nth}` }),
      )
    case 'map':
      if (!isObject(value)) return [[at.where, 'is not a map.']]
      return Object.entries(value).flatMap(([name, one]) =>
        mistakesIn(one, type.element, { ...at, where: `${at.where}.${name}` }),
      )
    case 'ref':
      if (!isObject(value)) return [[at.where, 'is not an object.']]
      checkFields(value, at.spec.get('typeDefinition', type.reference.$ref).properties, inside)
      return mistakes
    case 'union': {
      const each = type.types.map((one) => mistakesIn(value, one, at))
      return each.some((found) => found.length === 0) ? [] : (each[0] ?? [])
    }
    default:
      return isScalar(value, type.type) ? [] : [[at.where, `is not of the type ${type.type}.`]]
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The result of an intrinsic function has a type that only its deployment knows. */
const isCall = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).every((name) => name === 'Ref' || name.startsWith('Fn::'))

/** CloudFormation turns numbers and truth values into texts, and back. */
function isScalar(value: unknown, type: string): boolean {
  if (type === 'json') return isObject(value) || typeof value === 'string'
  if (type === 'tag') return isObject(value)
  if (isObject(value)) return false
  if (type === 'boolean') return ['true', 'false'].includes(String(value))
  if (type === 'integer') return Number.isInteger(Number(value))
  return type !== 'number' || Number.isFinite(Number(value))
}

function checkAttributes(value: unknown, specs: ReadonlyMap<string, Resource>, find: Find): void {
  if (!isObject(value)) return
  for (const [name, one] of Object.entries(value)) {
    const [id, attribute] = name === 'Fn::GetAtt' && Array.isArray(one) ? one : []
    const attributes: Readonly<Record<string, Attribute>> = specs.get(id)?.attributes ?? {}
    if (id !== undefined && !(attribute in attributes)) {
      find(`${id}.${attribute}`, 'is not an attribute.')
    }
    checkAttributes(one, specs, find)
  }
}
