/**
 * Logs are JSON lines on standard output, which systemd keeps. One line per thing that happened:
 * a constant text, and beside it ids that mean nothing to a stranger.
 */
import { type DestinationStream, pino } from 'pino'
import type { Log } from './ports.ts'

/** Names under which something secret or personal could be handed in by mistake. */
const secret = ['passcode', 'doorKey', 'key', 'tag', 'phone', 'email', 'visitorName']
/** An error may have these; what is logged directly may not. */
const secretAtTheTop = ['code', 'name']

/**
 * Written beside the daemon's work, never within it: whoever should read the log may have stopped,
 * and no visitor waits for them. What nobody reads is dropped; the door's own log has it all.
 */
const standardOutput = () =>
  // With no least length `flush` would call back at once, whatever is still to be written.
  pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: unreadBytes })

const unreadBytes = 1 << 20

export interface ProcessLog extends Log {
  /** Calls back when what was logged until now has been handed over. */
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
