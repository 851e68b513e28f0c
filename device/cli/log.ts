/** `smart-door explain` and `smart-door verify-log`: they read the door's log. */
import { type LogSigner, logSigner, type SignedPlace } from '../../protocol/log-signature.ts'
import { type DoorMessage, parseDoorMessage } from '../../protocol/messages/door.ts'
import { type Io, Misuse } from '../../terminal/command-line.ts'
import { databasePath, readConfig, readConfigAndSecrets } from '../config/config.ts'
import type { Config } from '../config/settings.ts'
import { sentenceFor } from '../core/log/explain.ts'
import { type Flaw, firstFlaw, type LogHead } from '../core/log/log-chain.ts'
import { type LogReader, StoreFault } from '../daemon/ports.ts'
import { otherKeys } from '../identity/door-key-file.ts'
import { openLogReader } from '../store/sqlite/store.ts'

export function readLog<Result>(config: Config, read: (log: LogReader) => Result): Result {
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
  const config = readConfig(configPath)
  return readLog(config, (log) => {
    const known = {
      nameOf: (visitorId: string) => log.visitorName(visitorId),
      grantOf: (grantId: string) => log.grant(grantId),
      timeZone: log.settings()?.timeZone ?? config.timeZone,
    }
    const all = [...messagesIn(log)]
    const messages = chosen(all, wanted)
    for (const message of messages) {
      stdout.write(`#${message.seq}  ${timeOf(message)}  ${sentenceFor(message, known)}\n`)
    }
    if (messages.length > 0) return 0
    stderr.write(`There is no visit or event "${wanted}" in the log. ${contentsOf(all)}\n`)
    return 1
  })
}

/** Rows that do not parse are left to `verify-log`. */
export function* messagesIn(log: LogReader): Generator<DoorMessage> {
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

export const timeOf = ({ atMs, timeKnown }: DoorMessage): string => {
  // Sweden's format is that of ISO 8601.
  const time = new Date(atMs).toLocaleString('sv-SE')
  return timeKnown ? time : `${time} or later`
}

// ---------------------------------------------------------------- verify-log

/** `earlier`: what an earlier run printed, as SEQ:HASH. */
export function verifyLog(configPath: string, earlier: string | undefined, { stdout }: Io): number {
  const { config, secrets } = readConfigAndSecrets(configPath, process.env)
  const others = config.doorKeyFile ? otherKeys(config.doorKeyFile, secrets.doorKey) : []
  const own = logSigner(config.doorId, secrets.doorKey)
  const signers = [own, ...others.map((key) => logSigner(config.doorId, key))]
  return readLog(config, (log) => {
    const known = earlier === undefined ? null : parseHead(earlier)
    const changed = whatChanged(log, signers)
    const differs = changed === null && known ? whatDiffers(log, known) : null
    stdout.write(changed ?? differs ?? `${intact(log)}Public key: ${own.publicKey}\n`)
    return changed === null && differs === null ? 0 : 1
  })
}

/** The head is read before the rows and once more after them: a running daemon moves both. */
function whatChanged(log: LogReader, signers: readonly LogSigner[]): string | null {
  const [start, head, signed] = [log.start(), log.head(), log.signedHead()]
  const isSigned = (place: 'head' | 'start', at: SignedPlace) =>
    at.seq === 0 || signers.some((signer) => signer.isOwn(place, at))
  if (!isSigned('start', start)) return unsignedStart(start)
  const flaw = firstFlaw(log.rows(), head, start) ?? rowAfterHead(log)
  // A running daemon has just deleted old rows.
  if (log.start().seq !== start.seq) return whatChanged(log, signers)
  if (flaw) return changedBy(flaw)
  // The door signs what it wrote within a minute, and everything when it stops.
  const isRewritten = firstFlaw(log.rows(), signed, start) !== null || signed.seq < start.seq
  const lacksSignature = head.seq > 0 && signed.seq === 0
  return lacksSignature || isRewritten || !isSigned('head', signed) ? rewritten : null
}

function whatDiffers(log: LogReader, known: LogHead): string | null {
  const start = log.start()
  if (known.seq < start.seq) return tooOld(known, start)
  if (known.seq === start.seq && known.hash !== start.hash) {
    return differsBy({ seq: known.seq, problem: 'altered' })
  }
  const flaw = firstFlaw(log.rows(), known, start)
  return flaw ? differsBy(flaw) : null
}

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

const rewritten =
  'The log was changed: it is not the one that the door signed. Any row may have been replaced.\n'

const unsignedStart = ({ seq }: LogHead): string =>
  `The log was changed: the rows up to ${seq} are missing, and the door has not signed that it deleted them.\n`

const tooOld = (known: LogHead, start: LogHead): string =>
  `The log is intact in itself, but cannot be compared: row ${known.seq} is old, the door has deleted its rows up to ${start.seq}.\n`

function intact(log: LogReader): string {
  const [start, head, signed] = [log.start(), log.head(), log.signedHead()]
  const deleted = start.seq > 0 ? `Older rows, up to ${start.seq}, were deleted by the door.\n` : ''
  const unsigned = Math.max(0, head.seq - signed.seq)
  const tail = unsigned > 0 ? `The door has not signed the last ${unsigned} yet.\n` : ''
  return `The log is intact: ${head.seq - start.seq} rows.
${deleted}${tail}Keep this elsewhere to compare later: --head ${head.seq}:${head.hash}
`
}
