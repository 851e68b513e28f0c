/**
 * systemd, which starts the daemon and starts it again when it hangs. Node cannot write to systemd's
 * socket itself (it knows no datagrams there), so a small program of systemd's own does.
 */
import { execFile } from 'node:child_process'
import type { Watchdog } from '../daemon/ports.ts'

export interface SystemdDeps {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly failed: (error: Error) => void
}

/** Often enough that one that gets lost, or comes late on a busy machine, does no harm. */
const timesPerLimit = 3
const sendWithinMs = 5_000

export function systemdWatchdog({ env, pid, failed }: SystemdDeps): Watchdog {
  const listens = Boolean(env['NOTIFY_SOCKET'])
  const limitUs = Number(env['WATCHDOG_USEC'])
  // Inherited from somebody else's start it would be about that process, not about this one.
  const isOurs = [undefined, String(pid)].includes(env['WATCHDOG_PID'])
  const tell = (...words: string[]) => {
    if (!listens) return
    execFile('systemd-notify', words, { timeout: sendWithinMs }, (error) => {
      if (error) failed(error)
    })
  }
  return {
    everyMs: listens && isOurs && limitUs > 0 ? Math.floor(limitUs / 1_000 / timesPerLimit) : null,
    ready: () => tell('READY=1'),
    alive: () => tell('WATCHDOG=1'),
    stopping: () => tell('STOPPING=1'),
  }
}
