/** Mistakes of a config file, in sentences that say where they are. */
import type * as z from 'zod/mini'
import { closestTo, didYouMean } from '../../terminal/did-you-mean.ts'
import { allSettings } from './settings.ts'

export const sentencesFor = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => notASetting([...issue.path.map(String), key]))
    : [sentenceFor(issue, issue.path.map(String).join('.') || 'the file')]

function sentenceFor(issue: z.core.$ZodIssue, at: string): string {
  const isText = 'origin' in issue && issue.origin === 'string'
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue, at)
    case 'too_small':
      return isText ? `${at} must not be empty.` : `${at} must be at least ${issue.minimum}.`
    case 'too_big':
      return `${at} must ${isText ? 'have' : 'be'} at most ${issue.maximum}${isText ? ' characters' : ''}.`
    case 'invalid_value':
      return issue.input === undefined
        ? `${at} is missing.`
        : `${at} must be one of: ${issue.values.join(', ')}.`
    case 'invalid_format':
      return issue.format === 'url'
        ? `${at} must be a web address, such as http://127.0.0.1:4000.`
        : `${at} must be written as in: smart-door config example`
    case 'custom':
      return `${at} ${issue.message}`
    default:
      return `${at} is not understood. See: smart-door config show`
  }
}

const mostPlaces = 3

function notASetting(path: readonly string[]): string {
  const name = path.join('.')
  const places = settingsNamed(path.at(-1) ?? '')
  const isElsewhere = places.length > 0 && places.length <= mostPlaces
  const advice = isElsewhere
    ? `It belongs in another section: ${places.join(' or ')}.`
    : didYouMean(similarTo(path))
  return `${name} is not a setting. ${advice || 'See: smart-door config show'}`
}

/** In the same section first. */
function similarTo(path: readonly string[]): string | null {
  const [key = '', section] = [path.at(-1), path.slice(0, -1).join('.')]
  const siblings = settingNames().filter((name) => sectionOf(name) === section)
  const sibling = closestTo(key, siblings.map(keyOf))
  if (sibling !== null) return [...path.slice(0, -1), sibling].join('.')
  const [first = null] = settingsNamed(closestTo(key, settingNames().map(keyOf)))
  return first
}

const settingsNamed = (key: string | null) => settingNames().filter((name) => keyOf(name) === key)
const keyOf = (name: string): string => name.split('.').at(-1) ?? ''
const sectionOf = (name: string): string => name.split('.').slice(0, -1).join('.')

/** Sections are names too. */
const settingNames = (): string[] => [
  ...new Set(
    allSettings().flatMap(({ path }) => path.map((_, at) => path.slice(0, at + 1).join('.'))),
  ),
]

function wrongType({ input, expected }: z.core.$ZodIssueInvalidType, at: string): string {
  if (at === 'the file') return 'the file must hold one section { … } with the settings.'
  if (input === undefined) return `${at} is missing.`
  const wanted = typeNames[expected] ?? `a ${expected}`
  const found = typeNames[typeOf(input)]
  return found === wanted ? `${at} must be ${wanted}.` : `${at} must be ${wanted}, not ${found}.`
}

const typeOf = (input: unknown): string =>
  input === null ? 'null' : Array.isArray(input) ? 'array' : typeof input

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section { … }',
  null: 'null',
}
