/** IoT rules: which messages of devices are passed on, and with what. */

export interface Statement {
  readonly filter: string
  /** The names under which the action gets the bytes, in base64, and the topic. */
  readonly bytesAs: string
  readonly topicAs: string
}

/** The one form of statement that is modelled. */
const form = /^SELECT encode\(\*, 'base64'\) AS (\w+), topic\(\) AS (\w+) FROM '([^']+)'$/

export function parseStatement(sql: string): Statement {
  const [, bytesAs, topicAs, filter] = form.exec(sql) ?? []
  if (bytesAs === undefined || topicAs === undefined || filter === undefined) {
    throw new Error(`The statement has no model here: ${sql}`)
  }
  return { filter, bytesAs, topicAs }
}

/** What the actions of a rule get; null if the message is not for them. */
export function selected(statement: Statement, topic: string, payload: string): object | null {
  const { filter, bytesAs, topicAs } = statement
  if (!matchesFilter(topic, filter)) return null
  return { [bytesAs]: Buffer.from(payload).toString('base64'), [topicAs]: topic }
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
