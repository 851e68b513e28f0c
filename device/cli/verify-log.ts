/** `smart-door verify-log`: finds the first row of the log that is not what was written. */
import { type Flaw, firstFlaw, type LogHead } from '../core/log/log-chain.ts'
import type { LogReader } from '../daemon/ports.ts'
import { openLog } from './open-log.ts'

export function verifyLog(configPath: string, keptElsewhere: string | undefined): number {
  const reader = openLog(configPath)
  try {
    const head = reader.head()
    const other = keptElsewhere === undefined ? head : parseHead(keptElsewhere)
    if (!other) {
      process.stderr.write('--head takes a sequence number and a hash: 12:0a1b…\n')
      return 64
    }
    const flaw = firstFlaw(reader.rows(), head) ?? rowAfterHead(reader)
    const unlike = flaw ? null : firstFlaw(reader.rows(), other)
    process.stdout.write(`${flaw ? problemOf(flaw) : unlike ? differs(unlike) : whole(head)}\n`)
    return flaw || unlike ? 1 : 0
  } finally {
    reader.close()
  }
}

/** The head is read last: a daemon that runs meanwhile moves both. */
function rowAfterHead(reader: LogReader): Flaw | null {
  let lastSeq = 0
  for (const row of reader.rows()) lastSeq = row.seq
  const { seq } = reader.head()
  return lastSeq > seq ? { seq: seq + 1, problem: 'added' } : null
}

function parseHead(text: string): LogHead | null {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  return seq === undefined || hash === undefined ? null : { seq: Number(seq), hash }
}

const problems = {
  missing: 'is missing',
  altered: 'was altered',
  'out-of-place': 'was moved from elsewhere',
  added: 'was not written by this door',
  'cut-off': 'is missing, and whatever came after it',
} satisfies Record<Flaw['problem'], string>

const problemOf = ({ seq, problem }: Flaw): string =>
  `The log was changed: row ${seq} ${problems[problem]}. What comes after it proves nothing.`

/** Somebody who could rewrite the whole log could make it whole; only what was kept can tell. */
const differs = ({ seq, problem }: Flaw): string =>
  `The log is whole in itself, but does not fit --head: row ${seq} ${problems[problem]}. ` +
  'Either the log was changed or --head is not from this log.'

const whole = ({ seq, hash }: LogHead): string =>
  `The log is whole: ${seq} rows.\nTo compare later, keep this elsewhere: --head ${seq}:${hash}`
