/** IoT rules: which messages of devices are passed on, and with what. */

export interface Statement {
  readonly filter: string
  /** The message gets the topic under this name. */
  readonly topicAs: string
  /** A message that has this field already is dropped. */
  readonly absent: string | null
}

/** The one form of statement that is modelled. */
const form = /^SELECT \*, topic\(\) AS (\w+) FROM '([^']+)'(?: WHERE isUndefined\((\w+)\))?$/

export function parseStatement(sql: string): Statement {
  const [, topicAs, filter, absent = null] = form.exec(sql) ?? []
  if (topicAs === undefined || filter === undefined) {
    throw new Error(`The statement has no model here: ${sql}`)
  }
  return { filter, topicAs, absent }
}

/** What the actions of a rule get; null if the message is not for them. */
export function selected(statement: Statement, topic: string, payload: string): object | null {
  const { filter, topicAs, absent } = statement
  const message = matchesFilter(topic, filter) ? objectIn(payload) : null
  if (message === null || (absent !== null && absent in message)) return null
  return { ...message, [topicAs]: topic }
}

/** As MQTT has it: `+` is one level, a last `#` the rest. */
function matchesFilter(topic: string, filter: string): boolean {
  const levels = topic.split('/')
  const wanted = filter.split('/')
  if (wanted.at(-1) === '#') {
    const parent = wanted.slice(0, -1)
    return levels.length >= parent.length && matchesAll(levels.slice(0, parent.length), parent)
  }
  return levels.length === wanted.length && matchesAll(levels, wanted)
}

const matchesAll = (levels: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((one, nth) => one === '+' || one === levels[nth])

/** A payload that is not JSON has nothing to select from. */
function objectIn(payload: string): object | null {
  try {
    const value: unknown = JSON.parse(payload)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
