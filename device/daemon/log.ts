/**
 * The log of the process: JSON on standard output, stored by systemd. Each entry has a constant text and
 * ids, which identify no person by themselves.
 */
import { type DestinationStream, pino } from 'pino'
import type { Log } from './ports.ts'

/** Fields that could hold a secret or personal data by mistake. */
const secret = ['passcode', 'doorKey', 'key', 'tag', 'phone', 'email', 'visitorName']
/** Allowed inside an error, redacted at the top level. */
const secretAtTheTop = ['code', 'name']

/**
 * Asynchronous, because the reader of the log may be stuck, and a visitor must not wait for it. Unread
 * output beyond the limit is dropped; the door's own log in the store is complete.
 */
const standardOutput = () =>
  // Without `minLength`, `flush` calls back before everything is written.
  pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: unreadBytes })

const unreadBytes = 1 << 20

export interface ProcessLog extends Log {
  /** Calls back when all entries so far are written. */
  flush(done: () => void): void
}

export function createLog(level: string, destination?: DestinationStream): ProcessLog {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [...secretAtTheTop, ...secret.flatMap((name) => [name, `*.${name}`])],
      censor: '[redacted]',
    },
  }
  return pino(options, destination ?? standardOutput())
}
