/** `smart-door explain` and `smart-door verify-log`: they read the door's log. */
import { type DoorMessage, parseDoorMessage } from '../../protocol/messages/door.ts'
import { type Io, Misuse } from '../../terminal/command-line.ts'
import { databasePath, readConfig } from '../config/config.ts'
import { sentenceFor } from '../core/log/explain.ts'
import { type Flaw, firstFlaw, type LogHead } from '../core/log/log-chain.ts'
import { type LogReader, StoreFault } from '../daemon/ports.ts'
import { openLogReader } from '../store/sqlite/store.ts'

function readLog<Result>(configPath: string, read: (log: LogReader) => Result): Result {
  const config = readConfig(configPath)
  const log = openLog(databasePath(config), config.dataDir)
  try {
    return read(log)
  } finally {
    log.close()
  }
}

function openLog(path: string, dataDir: string): LogReader {
  try {
    return openLogReader(path)
  } catch (fault) {
    if (!(fault instanceof StoreFault) || !['no-folder', 'no-store'].includes(fault.code)) {
      throw fault
    }
    const sentence = `There is no log in ${dataDir} yet: this door has never been started.`
    throw new StoreFault(fault.code, sentence, { cause: fault })
  }
}

// ---------------------------------------------------------------- explain

export function explain(configPath: string, wanted: string, { stdout, stderr }: Io): number {
  return readLog(configPath, (log) => {
    const all = [...messagesIn(log)]
    const messages = chosen(all, wanted)
    for (const message of messages) {
      const sentence = sentenceFor(message, (visitorId) => log.visitorName(visitorId))
      stdout.write(`#${message.seq}  ${timeOf(message)}  ${sentence}\n`)
    }
    if (messages.length > 0) return 0
    stderr.write(`There is no visit or event "${wanted}" in the log. ${contentsOf(all)}\n`)
    return 1
  })
}

/** Rows that do not parse are left to `verify-log`. */
function* messagesIn(log: LogReader): Generator<DoorMessage> {
  for (const { text } of log.rows()) {
    const parsed = parseDoorMessage(text)
    if (parsed.ok) yield parsed.message
  }
}

/** One event, or a visit from its beginning to its end; after an entry, until the lock has closed. */
function chosen(messages: readonly DoorMessage[], wanted: string): readonly DoorMessage[] {
  const event = messages.find(({ id, seq }) => id === wanted || `#${seq}` === wanted)
  if (event) return [event]
  // Of visits with the same number the latest.
  const start = messages.findLastIndex(
    (message) =>
      message.type === 'visit-started' &&
      (message.visitId === wanted || String(message.visitNumber) === wanted),
  )
  if (start < 0) return []
  const ended = messages.findIndex(({ type }, at) => at > start && type === 'visit-ended')
  const hasEntered = messages[ended - 1]?.type === 'entry-accepted'
  const last = hasEntered
    ? messages.findIndex(({ type }, at) => at > ended && type === 'lock-closed')
    : ended
  return messages.slice(start, last < 0 ? undefined : last + 1)
}

function contentsOf(messages: readonly DoorMessage[]): string {
  const visits = messages.flatMap((one) => (one.type === 'visit-started' ? [one.visitNumber] : []))
  const events = rangeOf(
    messages.map(({ seq }) => seq),
    '#',
  )
  return visits.length > 0
    ? `It has the visits ${rangeOf(visits)} and the events ${events}.`
    : `It has no visits yet, and the events ${events}.`
}

const rangeOf = (numbers: readonly number[], prefix = ''): string =>
  [...new Set([Math.min(...numbers), Math.max(...numbers)])]
    .map((number) => `${prefix}${number}`)
    .join(' to ')

const timeOf = ({ atMs, timeKnown }: DoorMessage): string => {
  // Sweden's format is that of ISO 8601.
  const time = new Date(atMs).toLocaleString('sv-SE')
  return timeKnown ? time : `${time} or later`
}

// ---------------------------------------------------------------- verify-log

/** `earlier`: what an earlier run printed, as SEQ:HASH. */
export function verifyLog(configPath: string, earlier: string | undefined, { stdout }: Io): number {
  return readLog(configPath, (log) => {
    const head = log.head()
    const other = earlier === undefined ? head : parseHead(earlier)
    const changed = firstFlaw(log.rows(), head) ?? rowAfterHead(log)
    const differs = changed ? null : firstFlaw(log.rows(), other)
    stdout.write(changed ? changedBy(changed) : differs ? differsBy(differs) : intactUpTo(head))
    return changed || differs ? 1 : 0
  })
}

/** The head is read last: a running daemon moves both. */
function rowAfterHead(log: LogReader): Flaw | null {
  let lastSeq = 0
  for (const row of log.rows()) lastSeq = row.seq
  const { seq } = log.head()
  return lastSeq > seq ? { seq: seq + 1, problem: 'added' } : null
}

function parseHead(text: string): LogHead {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash }
  throw new Misuse('--head takes a sequence number and a hash: 12:0a1b…', 'verify-log')
}

const problems = {
  missing: 'is missing',
  altered: 'was altered',
  'out-of-place': 'was moved from another place',
  added: 'was not written by this door',
  'cut-off': 'is missing, and everything after it',
} satisfies Record<Flaw['problem'], string>

const changedBy = ({ seq, problem }: Flaw): string =>
  `The log was changed: row ${seq} ${problems[problem]}. The rows after it prove nothing.\n`

const differsBy = ({ seq, problem }: Flaw): string =>
  `The log is intact in itself, but does not fit --head: row ${seq} ${problems[problem]}. ` +
  'Either the whole log was rewritten, or --head is from another log.\n'

const intactUpTo = ({ seq, hash }: LogHead): string =>
  `The log is intact: ${seq} rows.\nKeep this elsewhere to compare later: --head ${seq}:${hash}\n`
