import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DoorConfig, openDataFolder } from '../../simulation/home/data-folder.ts'

const program = new URL('../../simulation/home/data-folder.ts', import.meta.url).href
const config: DoorConfig = {
  ...{ doorId: 'door', doorName: 'Door', hardware: 'gpio', link: 'none', clock: 'host' },
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-folder-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('nothing is written, changed or removed in a folder that holds other things', () => {
  const theirs = join(folder, 'config.json')
  writeFileSync(theirs, '{"my":1}', { mode: 0o644 })
  const before = statSync(folder)
  expect(() => openDataFolder(folder)).toThrow('holds other things')
  expect([readdirSync(folder), readFileSync(theirs, 'utf8')]).toEqual([['config.json'], '{"my":1}'])
  expect(statSync(folder).mode).toBe(before.mode)
})

test('says in a sentence why it cannot be made', () => {
  expect(() => openDataFolder('/proc/nowhere/door')).toThrow(
    'The folder /proc/nowhere/door cannot be made (ENOENT). Give one whose parent exists and may be written to.',
  )
})

test('what others put into it later outlives being asked to forget everything', () => {
  const home = openDataFolder(folder)
  home.storeDoorKey('0a'.repeat(32))
  home.writeConfig(config)
  mkdirSync(join(folder, 'photos-of-mine'))
  for (const name of ['door', 'tables', 'photos']) mkdirSync(join(folder, name))
  home.clear()
  expect(readdirSync(folder).sort()).toEqual(
    ['door-key', 'in-use', 'photos-of-mine', 'smart-door-home.txt'].sort(),
  )
  home.leave()
  expect(existsSync(join(folder, 'door-key'))).toBe(true)
})

test('is a home again the next time, with the same key', () => {
  const first = openDataFolder(folder)
  expect(first.doorKey).toBeNull()
  first.storeDoorKey('0a'.repeat(32))
  first.leave()
  const second = openDataFolder(folder)
  expect(second.doorKey).toBe('0a'.repeat(32))
  second.leave()
})

test('its config file, which holds a secret, is for its owner only', () => {
  const home = openDataFolder(folder)
  home.writeConfig(config)
  expect(statSync(home.configFile).mode & 0o777).toBe(0o600)
  home.leave()
})

test('is taken by one program at a time, and free again when that was killed', async () => {
  const code = `const { openDataFolder } = await import(${JSON.stringify(program)})
    openDataFolder(${JSON.stringify(folder)}); console.log('taken'); setInterval(() => {}, 1e6)`
  const other = spawn(process.execPath, ['--input-type=module', '-e', code])
  await once(other.stdout, 'data')
  expect(() => openDataFolder(folder)).toThrow(`Another smart-door is running in ${folder}`)
  other.kill('SIGKILL')
  await once(other, 'close')
  // What an older copy left there says nothing, though a process with this number runs.
  writeFileSync(join(folder, 'in-use-by'), String(process.ppid))
  openDataFolder(folder).leave()
})
