/** `smart-door backup` of a running door, and `smart-door restore` on another computer. */
import { spawnSync } from 'node:child_process'
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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readKeys } from '../../../device/identity/door-key-file.ts'
import { readIdentity, saveIdentity } from '../../../device/identity/identity-folder.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { testProof } from '../../support/effort.ts'

let folder: string
let old: RunningDoor
let other: RunningDoor
/** Granted before the backup: used before it, used after it, never used. */
let codes: readonly string[]
const at = (name: string) => join(folder, name)
const identity = { certificate: 'a certificate', key: 'a private key', certificateId: 'abc' }
const canary = 'Ada Canary'

const text = () => old.home.cloud.grantCode({ visitorName: canary, language: 'en' })
const linked = () => vi.waitFor(() => expect(old.home.linkUp()).toBe(true), 60_000)
const backup = (file: string, passphrase = at('passphrase')) =>
  smartDoor('backup', file, '--passphrase-file', passphrase, '--config', old.configPath)
const restore = (file: string, ...more: string[]) =>
  smartDoor(
    ...['restore', file, '--config', other.configPath, '--passphrase-file', at('passphrase')],
    ...more,
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'))
  writeFileSync(at('passphrase'), 'correct horse battery\n')
  writeFileSync(at('wrong'), 'incorrect horse battery\n')
  const iot = { identityDir: join(folder, 'old-identity') }
  old = await runDoor({ config: { iot, doorName: 'Old door' } })
  saveIdentity(iot.identityDir, identity)
  await linked()
  const texts = [await text(), await text(), await text()]
  codes = texts.map(({ code }) => code)
  await old.enter(codes[0] ?? '')
  expect(await backup(at('good'))).toMatchObject({ code: 0, stderr: '' })
  expect(await old.enter(codes[1] ?? '')).toMatchObject({ outcome: 'accepted' })
  await old.end('SIGKILL')
})
afterAll(async () => {
  await old.close()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  const iot = { identityDir: join(folder, 'new-identity') }
  other = await runDoor({ startNow: false, config: { iot, doorId: 'new-door', link: 'none' } })
})
afterEach(async () => {
  await other.close()
  rmSync(join(folder, 'new-identity'), { recursive: true, force: true })
})

describe('a backup', () => {
  test('is readable by its owner only, and shows nothing without the passphrase', () => {
    expect(statSync(at('good')).mode & 0o777).toBe(0o600)
    const bytes = readFileSync(at('good'))
    const key = old.doorKey.toString('hex')
    for (const secret of [key, canary, 'test-door', identity.key, 'Old door']) {
      expect(bytes.includes(secret)).toBe(false)
    }
    expect(readdirSync(join(old.folder, 'data')).filter((name) => /backup/.test(name))).toEqual([])
  })

  test('replaces no file, and takes no short passphrase', async () => {
    expect((await backup(at('good'))).stderr).toMatch(/good exists already/)
    writeFileSync(at('short'), 'eleven chars'.slice(1))
    expect((await backup(at('none'), at('short'))).stderr).toContain('must have 12 characters')
    expect((await backup(at('none'), at('no-file'))).stderr).toMatch(/cannot be read \(ENOENT\)/)
    expect((await backup('/nowhere/backup')).stderr).toMatch(/ENOENT.*Correct this/)
    expect(existsSync(at('none'))).toBe(false)
  })

  test('asks for the passphrase at a terminal, without showing it', () => {
    const program = join(import.meta.dirname, '../../../scripts/smart-door')
    const run = `${program} backup ${at('asked')} --config ${old.configPath}`
    const input = 'typed in the dark\rtyped in the dark\r'
    const { stdout } = spawnSync('script', ['-qec', run, '/dev/null'], {
      encoding: 'utf8',
      input,
      timeout: 30_000,
    })
    expect(stdout).toMatch(/Passphrase: [\s\S]*Once more: [\s\S]*Wrote a backup of Old door/)
    expect(existsSync(at('asked'))).toBe(true)
  })
})

describe('restoring', () => {
  test('on a new computer: used and open codes are refused, new ones work', async () => {
    const { code, stdout } = await restore(at('good'))
    expect([code, stdout]).toEqual([0, expect.stringMatching(/door Old door.*2 codes.*closed/)])
    await other.start()
    await linked()
    for (const used of codes) expect(await other.enter(used)).toMatchObject({ outcome: 'denied' })
    const fresh = await text()
    expect(await other.enter(fresh.code)).toMatchObject({
      outcome: 'accepted',
      visitorName: canary,
    })
    expect(readIdentity(at('new-identity'), null)).toMatchObject({ key: identity.key })
    expect(readKeys(join(other.folder, 'door-key'))?.own).toBe(old.doorKey.toString('hex'))
    await other.end('SIGTERM')
    const verified = await smartDoor('verify-log', '--config', other.configPath)
    expect(verified.stdout).toMatch(/^The log is intact/)
    const explained = await smartDoor('explain', '1', '--config', other.configPath)
    expect(explained.stdout).toContain(canary)
  })

  testProof('keeps where the files of this computer are', async () => {
    await restore(at('good'))
    const config = JSON.parse(readFileSync(other.configPath, 'utf8'))
    expect(config).toMatchObject({
      doorId: 'test-door',
      doorName: 'Old door',
      dataDir: join(other.folder, 'data'),
      iot: { identityDir: at('new-identity') },
    })
  })

  testProof('replaces a damaged database, and can be repeated', async () => {
    await restore(at('good'))
    writeFileSync(other.databasePath, 'damaged'.repeat(1_000))
    writeFileSync(`${other.databasePath}-wal`, 'damaged too')
    expect(await restore(at('good'))).toMatchObject({ code: 0 })
    expect(existsSync(`${other.databasePath}-wal`)).toBe(false)
    await other.start()
    expect(await other.enter(codes[2] ?? '')).toMatchObject({ outcome: 'denied' })
  })

  test('that is interrupted starts no door, which says so, and can be repeated', async () => {
    // As if the power failed after the database and before the keys.
    const keyFile = join(other.folder, 'door-key')
    rmSync(keyFile, { force: true })
    mkdirSync(keyFile)
    expect(await restore(at('good'))).toMatchObject({ code: expect.not.toBeOneOf([0]) })
    rmSync(keyFile, { recursive: true })
    writeFileSync(keyFile, old.doorKey.toString('hex'), { mode: 0o600 })
    await other.start()
    expect(other.output.join()).toContain('A restore was interrupted')
    await other.end('SIGTERM')
    expect(await restore(at('good'))).toMatchObject({ code: 0 })
    other.output.length = 0
    await other.start()
    expect(other.output.join()).not.toContain('egress-only mode')
  })

  test('never sets the time back', async () => {
    await other.start()
    await other.end('SIGTERM')
    const { DatabaseSync } = await import('node:sqlite')
    const highWaterMs = Date.parse('2031-01-01')
    const edit = (path: string, sql: string) => {
      const db = new DatabaseSync(path)
      const found = db.prepare(sql).all()
      db.close()
      return JSON.stringify(found)
    }
    edit(
      other.databasePath,
      `UPDATE door_state SET value = json_set(value, '$.highWaterMs', ${highWaterMs}) WHERE part = 'time'`,
    )
    expect(await restore(at('good'))).toMatchObject({ code: 0 })
    const read = `SELECT value FROM door_state WHERE part = 'time'`
    expect(edit(other.databasePath, read)).toContain(String(highWaterMs))
  })
})

describe('what cannot be restored changes nothing', () => {
  const everything = () =>
    readdirSync(other.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/-(shm|lock)$/.test(entry.name))
      .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'hex')])
      .sort()

  const damaged = (change: (bytes: Buffer) => Buffer) => {
    writeFileSync(at('damaged'), change(readFileSync(at('good'))))
    return at('damaged')
  }

  const withWrongBit = (bytes: Buffer): Buffer => {
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 99) ^ 1, bytes.length - 99)
    return bytes
  }

  test.each<[string, () => string, readonly string[], RegExp]>([
    ['a wrong passphrase', () => at('good'), ['--passphrase-file', 'wrong'], /not the one of this/],
    ['a file cut off in its header', () => damaged((b) => b.subarray(0, 40)), [], /cut off/],
    ['a file cut off at its end', () => damaged((b) => b.subarray(0, -1)), [], /cut off/],
    ['one wrong bit', () => damaged(withWrongBit), [], /was changed/],
    ['another file', () => at('passphrase'), [], /not a backup/],
    ['an empty file', () => damaged(() => Buffer.alloc(0)), [], /not a backup/],
    ['a missing file', () => at('nothing'), [], /ENOENT/],
  ])('%s', async (_, file, more, sentence) => {
    const before = everything()
    const words = more.map((word) => (word === 'wrong' ? at('wrong') : word))
    const { code, stderr } = await restore(file(), ...words)
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)])
    expect(everything()).toEqual(before)
  })

  test('while the door runs', async () => {
    await other.start()
    const { code, stderr } = await restore(at('good'))
    expect([code, stderr]).toEqual([1, expect.stringContaining('Another smart-door is running')])
    expect(readFileSync(other.configPath, 'utf8')).toContain('new-door')
  })

  testProof('in place of another door, unless asked to', async () => {
    saveIdentity(at('new-identity'), { ...identity, certificateId: 'def' })
    const before = everything()
    const { code, stderr } = await restore(at('good'))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/door test-door.*door new-door/)])
    expect(everything()).toEqual(before)
    expect((await restore(at('good'), '--replace')).code).toBe(0)
  })
})
