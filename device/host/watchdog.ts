/**
 * systemd's watchdog, which restarts a daemon that hangs. Node has no datagram sockets of Unix, so
 * the program `systemd-notify` sends the messages.
 */
import { execFile } from 'node:child_process'
import type { Watchdog } from '../daemon/ports.ts'

interface SystemdOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  readonly failed: (error: Error) => void
}

/** One message may get lost, or be late on a busy machine. */
const messagesPerLimit = 3
const timeoutMs = 5_000

export function systemdWatchdog({ env, pid, failed }: SystemdOptions): Watchdog {
  const hasSystemd = Boolean(env['NOTIFY_SOCKET'])
  const limitUs = Number(env['WATCHDOG_USEC'])
  // Inherited variables can be meant for another process.
  const isForUs = [undefined, String(pid)].includes(env['WATCHDOG_PID'])
  const isWatched = hasSystemd && isForUs && limitUs > 0
  const notify = (message: string) => {
    if (!hasSystemd) return
    execFile('systemd-notify', [message], { timeout: timeoutMs }, (error) => {
      if (error) failed(error)
    })
  }
  return {
    everyMs: isWatched ? Math.floor(limitUs / 1_000 / messagesPerLimit) : null,
    ready: () => notify('READY=1'),
    alive: () => notify('WATCHDOG=1'),
    stopping: () => notify('STOPPING=1'),
  }
}
