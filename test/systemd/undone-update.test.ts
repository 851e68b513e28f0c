/**
 * The real daemon of this version, an update that migrates its database and then crashes, and this
 * version again, as `systemd/install` starts them.
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { shippedMigrations } from '../../device/store/sqlite/migrate.ts'
import { type RunningDoor, runDoor } from '../support/door/running-door.ts'
import { testProof } from '../support/effort.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
let door: RunningDoor
const at = (...path: string[]) => join(folder, ...path)

/** The installed versions, and the link that the unit starts. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'undone-update-'))
  for (const version of ['this', 'later']) {
    for (const part of ['package.json', 'device', 'protocol', 'terminal', 'keypad-ui']) {
      cpSync(join(root, part), at(version, part), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), at(version, 'node_modules'))
  }
  const number = String(shippedMigrations().length + 1).padStart(3, '0')
  const migration = at('later/device/store/sqlite/migrations', `${number}-later.sql`)
  writeFileSync(migration, 'ALTER TABLE grants ADD COLUMN kind TEXT;')
  install('this')
  door = await runDoor({ sources: at('current') })
  await linked()
})
afterEach(async () => {
  await door.close()
  rmSync(folder, { recursive: true })
})

function install(version: 'this' | 'later'): void {
  rmSync(at('current'), { force: true })
  symlinkSync(version, at('current'))
}

async function start(version: 'this' | 'later'): Promise<void> {
  install(version)
  await door.start()
  await linked()
}

const linked = () => vi.waitFor(() => expect(door.home.linkUp()).toBe(true), 60_000)
const text = () => door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })

/** Its parts are in store/way-back.test.ts and install.test.ts. */
testProof(
  'an update that migrates and then crashes is undone: codes work, and none works twice',
  async () => {
    const before = await text()
    expect(await door.enter(before.code)).toMatchObject({ outcome: 'accepted' })
    const unused = await text()
    await door.end('SIGTERM')

    await start('later')
    const during = await text()
    expect(await door.enter(during.code)).toMatchObject({ outcome: 'accepted' })
    await door.end('SIGKILL')

    await start('this')
    expect(door.output.join('\n')).not.toContain('egress-only')
    for (const { code } of [before, during, unused]) {
      expect(await door.enter(code)).toMatchObject({ outcome: 'denied' })
    }
    const after = await text()
    expect(await door.enter(after.code)).toMatchObject({ outcome: 'accepted', visitorName: 'Ada' })
  },
)
