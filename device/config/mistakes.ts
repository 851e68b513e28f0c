/** What is wrong with a config file, in sentences that say where. */
import type * as z from 'zod/mini'

export function sentencesFor(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String).join('.') || 'the file'
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(
        (key) => `${[...issue.path, key].join('.')} is not a setting. A typing mistake?`,
      )
    case 'invalid_type':
      return [wrongType(issue, at)]
    case 'too_small':
      return [
        issue.origin === 'string'
          ? `${at} must not be empty.`
          : `${at} must be at least ${issue.minimum}.`,
      ]
    case 'too_big':
      return [
        issue.origin === 'string'
          ? `${at} must have at most ${issue.maximum} characters.`
          : `${at} must be at most ${issue.maximum}.`,
      ]
    case 'invalid_value':
      return [
        issue.input === undefined
          ? `${at} is missing.`
          : `${at} must be one of: ${issue.values.join(', ')}.`,
      ]
    case 'invalid_format':
      return [`${at} must be ${formats[issue.format] ?? 'written as in config.example.json'}.`]
    case 'custom':
      return [`${at} ${issue.message}`]
    default:
      return [`${at} is not understood. See config.example.json for its form.`]
  }
}

const formats: Readonly<Record<string, string>> = {
  url: 'a web address, such as http://127.0.0.1:4000',
}

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

// ---------------------------------------------------------------- not even JSON

/** What the parser has to say, which may quote the file and so is shown to nobody. */
function complaintAbout(json: string): string | null {
  try {
    JSON.parse(json)
    return null
  } catch (error) {
    return String(error)
  }
}

/** The parser names the line, but not for an unexpected word: that is where it first stumbles. */
export function brokenLine(json: string): number | null {
  const complaint = complaintAbout(json)
  if (complaint === null) return null
  const [, named] = /\(line (\d+) column/.exec(complaint) ?? []
  if (named !== undefined) return Number(named)
  const lines = json.split('\n')
  const at = lines.findIndex((_, last) =>
    complaintAbout(lines.slice(0, last + 1).join('\n'))?.includes('Unexpected token'),
  )
  return at < 0 ? lines.length : at + 1
}
