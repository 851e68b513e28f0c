/** The messages to systemd, through its own program and a socket like systemd's. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemdWatchdog } from '../../../device/host/watchdog.ts'

const folder = mkdtempSync(join(tmpdir(), 'notify-'))
const socket = join(folder, 'notify')
const failures: Error[] = []
let listener: ChildProcess
let heard: string

beforeEach(async () => {
  heard = ''
  failures.length = 0
  // Starts the command with the datagram socket as soon as a message arrives.
  listener = spawn('systemd-socket-activate', ['-d', '-l', socket, 'sh', '-c', 'exec cat <&3'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  listener.stdout?.on('data', (data) => {
    heard += data
  })
  await expect.poll(() => existsSync(socket)).toBe(true)
})
afterEach(async () => {
  listener.kill('SIGKILL')
  if (listener.exitCode === null && listener.signalCode === null) await once(listener, 'exit')
  rmSync(socket, { force: true })
})

const watchdog = (env: Record<string, string>) => {
  process.env['NOTIFY_SOCKET'] = env['NOTIFY_SOCKET'] ?? ''
  return systemdWatchdog({ env, pid: 12, failed: (error) => failures.push(error) })
}

describe('systemd', () => {
  test('is notified that the daemon is ready, alive, and stopping', async () => {
    const { ready, alive, stopping } = watchdog({ NOTIFY_SOCKET: socket })
    ready()
    await expect.poll(() => heard).toContain('READY=1')
    alive()
    await expect.poll(() => heard).toContain('WATCHDOG=1')
    stopping()
    await expect.poll(() => heard).toContain('STOPPING=1')
    expect(failures).toEqual([])
  })

  test.each([
    ['three times within its limit', { WATCHDOG_USEC: '12000000', WATCHDOG_PID: '12' }, 4_000],
    [
      'never, when the limit is for another process',
      { WATCHDOG_USEC: '12000000', WATCHDOG_PID: '13' },
      null,
    ],
    ['never, without a limit', {}, null],
  ])('expects a message: %s', (_, env, everyMs) => {
    expect(watchdog({ NOTIFY_SOCKET: socket, ...env }).everyMs).toBe(everyMs)
  })

  test('is not notified where there is none', () => {
    const alone = watchdog({ WATCHDOG_USEC: '12000000' })
    alone.ready()
    expect(alone.everyMs).toBeNull()
    expect(failures).toEqual([])
  })

  test('that does not answer is reported', async () => {
    watchdog({ NOTIFY_SOCKET: join(folder, 'missing') }).ready()
    await expect.poll(() => failures).toHaveLength(1)
  })
})
