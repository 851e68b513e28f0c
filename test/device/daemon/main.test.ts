/** How the daemon begins and ends as a process, when its surroundings are not as they should be. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../simulation/door/free-port.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'

const program = fileURLToPath(new URL('../../../device/cli/smart-door.ts', import.meta.url))
let door: RunningDoor
afterEach(() => door.close())

describe('the data folder', () => {
  const dataFolder = () => join(door.folder, 'data')
  const modes = () =>
    ['.', ...readdirSync(dataFolder())].map(
      (name) => statSync(join(dataFolder(), name)).mode & 0o77,
    )

  it('is closed to others, with all that is in it, even if it was open to everybody', async () => {
    door = await runDoor({ startNow: false, config: { link: 'none' } })
    mkdirSync(dataFolder())
    chmodSync(dataFolder(), 0o777)
    await door.start()
    expect(new Set(modes())).toEqual(new Set([0]))
    await door.end('SIGKILL')
    for (const name of readdirSync(dataFolder())) chmodSync(join(dataFolder(), name), 0o666)
    await door.start()
    expect(new Set(modes())).toEqual(new Set([0]))
  })
})

describe('a log that nobody reads', () => {
  let stuck: ChildProcess | undefined
  afterEach(() => stuck?.kill('SIGKILL'))

  it('does not keep the daemon from ending', async () => {
    const port = await freePort(0)
    door = await runDoor({ startNow: false, config: { link: 'none', keypad: { port } } })
    const pipe = fullPipe(join(door.folder, 'pipe'))
    stuck = spawn(process.execPath, [program, 'run', '--config', door.configPath], {
      stdio: ['ignore', pipe, 'inherit'],
    })
    await expect
      .poll(() =>
        fetch(`http://127.0.0.1:${port}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
    const ended = once(stuck, 'exit')
    stuck.kill('SIGTERM')
    expect(await ended).toEqual([null, 'SIGKILL'])
    closeSync(pipe)
    const wal = readFileSync(`${door.databasePath}-wal`, { flag: 'a+' }).toString('latin1')
    expect(wal + readFileSync(door.databasePath, 'latin1')).toContain('door-stopped')
  })
})

/** A pipe with a reader that has stopped reading. */
function fullPipe(path: string): number {
  spawnSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const fill = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  for (const bytes of [4_096, 1]) {
    try {
      for (;;) writeSync(fill, Buffer.alloc(bytes))
    } catch {
      // Full.
    }
  }
  closeSync(fill)
  const writer = openSync(path, constants.O_WRONLY)
  void reader
  return writer
}
