/** What systemd is told, through its own program and a socket such as systemd's. */
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
  // Passes a socket of datagrams to what it starts, as soon as there is one to be read.
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
  test('is told when the daemon is ready, alive, and about to stop', async () => {
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
    ['three times as often as it says', { WATCHDOG_USEC: '12000000', WATCHDOG_PID: '12' }, 4_000],
    [
      'not when it is about another process',
      { WATCHDOG_USEC: '12000000', WATCHDOG_PID: '13' },
      null,
    ],
    ['not when it watches nobody', {}, null],
  ])('wants to hear: %s', (_, env, everyMs) => {
    expect(watchdog({ NOTIFY_SOCKET: socket, ...env }).everyMs).toBe(everyMs)
  })

  test('is told nothing where there is none', () => {
    const alone = watchdog({ WATCHDOG_USEC: '12000000' })
    alone.ready()
    expect(alone.everyMs).toBeNull()
    expect(failures).toEqual([])
  })

  test('that does not answer is noticed', async () => {
    watchdog({ NOTIFY_SOCKET: join(folder, 'nobody') }).ready()
    await expect.poll(() => failures).toHaveLength(1)
  })
})
