/** Filters of event sources: which records a function gets. */

/** A record passes if it fits one of the patterns. No pattern lets everything pass. */
export const passes = (record: unknown, patterns: readonly unknown[]): boolean =>
  patterns.length === 0 || patterns.some((pattern) => fits(record, pattern))

/** Each field of the pattern is either a list of allowed values or a pattern again. */
function fits(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((rule) => allows(rule, value))
  return Object.entries(Object(pattern)).every(([name, inside]) =>
    fits(Object(value)[name], inside),
  )
}

function allows(rule: unknown, value: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return rule === value
  const [[kind, wanted] = []] = Object.entries(rule)
  return kind === 'prefix' && typeof value === 'string' && value.startsWith(String(wanted))
}

/** The text of a pattern. What is not modelled is an error. */
export function parsePattern(text: string): unknown {
  const pattern: unknown = JSON.parse(text)
  check(pattern)
  return pattern
}

function check(pattern: unknown): void {
  if (Array.isArray(pattern)) {
    for (const rule of pattern) {
      const isKnown = typeof rule !== 'object' || rule === null || Object.keys(rule)[0] === 'prefix'
      if (!isKnown) throw new Error(`The filter rule ${JSON.stringify(rule)} has no model here.`)
    }
    return
  }
  for (const inside of Object.values(Object(pattern))) check(inside)
}
