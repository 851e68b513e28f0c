/** An update whose migration is undone: the version before goes on from its copy, and forgets nothing. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noWrongCodes } from '../../../device/core/credentials/lockout.ts'
import { sealRows } from '../../../device/core/log/log-chain.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import { shippedMigrations } from '../../../device/store/sqlite/migrate.ts'
import {
  close,
  codeOfFault,
  commitOf,
  exampleGrant,
  firstState,
  idOf,
  keep,
  storeVisitor,
} from '../../contracts/device/store.ts'
import { laterMigrations, wayBackFor } from '../../support/door/later-schema.ts'
import { type StoreFolder, storeFolder } from '../../support/door/store-folder.ts'
import { runs } from '../../support/effort.ts'

let door: StoreFolder
beforeEach(() => {
  door = storeFolder()
})
afterEach(() => door.end())

const copies = (folder = door.folder) =>
  existsSync(join(folder, 'before-update')) ? readdirSync(join(folder, 'before-update')) : []

const wrongOnce = { ...noWrongCodes, wrongInRow: 1, wrongAtUptimeMs: [1_000] }
const time = { highWaterMs: firstState.time.highWaterMs + 60_000, uptimeMs: 60_000 }

/** Grants 1, 2 and 3 are live, and the door remembers since before them. */
function fill(store: Store): void {
  const commands = { ...firstState.commands, rememberedSinceMs: firstState.time.highWaterMs - 1 }
  const visitor = { visitorId: idOf(101), known: { name: 'Ada', language: 'en' }, commandSeq: 1 }
  store.commit(commitOf({ state: { ...firstState, commands } }))
  store.commit(
    commitOf({
      changes: [
        storeVisitor({ ...visitor, known: { name: 'Ada', language: 'en' } }),
        ...[1, 2, 3].map((number) => keep(exampleGrant({ grantId: idOf(number) }))),
      ],
    }),
  )
  use(store, 1)
}

function use(store: Store, number: number, state = {}): void {
  const body = { type: 'exit-used', origin: 'exit-button', holdMs: number } as const
  const seal = { doorId: 'test-door', atMs: time.highWaterMs, timeKnown: true }
  const rows = sealRows(store.head(), [body], { ...seal, ids: [idOf(900 + number)] })
  store.commit(commitOf({ changes: [close(idOf(number), 'used')], rows, state }))
}

function updateAndUndo(sql?: string): Store {
  fill(door.open({ wayBackFor }))
  door.close()
  const later = door.open({ migrations: laterMigrations(sql), wayBackFor })
  use(later, 2, { time, lockout: wrongOnce })
  door.close()
  return door.open({ wayBackFor })
}

const closings = (store: Store) => [1, 2, 3].map((number) => store.grant(idOf(number))?.closed)

test('the version before opens its copy, in which no code of before is good any more', () => {
  const store = updateAndUndo()
  expect(closings(store)).toEqual(['used', 'revoked', 'revoked'])
  // A grant that the copy does not hold is one that may have been used.
  expect(store.load()?.commands.rememberedSinceMs).toBe(null)
  expect(store.visitor(idOf(101))?.known?.name).toBe('Ada')
  expect(copies()).toEqual([])
})

test('time, wrong codes and log go on from where the later version was', () => {
  const store = updateAndUndo()
  expect(store.load()).toMatchObject({ time: { ...time, boot: null }, lockout: wrongOnce })
  const texts = store.unsent(0, 10).map(({ text }) => JSON.parse(text))
  expect(texts.map(({ type, seq }) => [type, seq])).toEqual([
    ['exit-used', 1],
    ['exit-used', 2],
    ['grant-revoked', 3],
    ['grant-revoked', 4],
  ])
  expect(texts[3]).toMatchObject({ grantId: idOf(3), reason: 'a later version was undone' })
})

test('a later version that changed every table is undone too; then many codes count as wrong', () => {
  const store = updateAndUndo(`
    ALTER TABLE log ADD COLUMN extra TEXT;
    UPDATE door_state SET value = json_set(value, '$.extra', 1);
    CREATE TRIGGER spoil AFTER UPDATE ON door_state BEGIN
      UPDATE door_state SET value = json_set(value, '$.extra', 1) WHERE part = new.part;
    END`)
  expect(closings(store)).toEqual(['used', 'revoked', 'revoked'])
  const state = store.load()
  expect(state?.lockout.wrongAtUptimeMs).toHaveLength(21)
  // From the log.
  expect(state?.time.highWaterMs).toBe(time.highWaterMs)
})

test('a later version keeps the copy of the version before, and no other', () => {
  const schema = shippedMigrations().length
  fill(door.open())
  expect(copies()).toEqual([])
  door.close()
  door.open({ migrations: laterMigrations() })
  expect(copies()).toEqual([`schema-${schema}.sqlite`])
  door.close()
  const sql = 'CREATE TABLE further (id INTEGER)'
  door.open({ migrations: [...laterMigrations(), { version: schema + 2, sql }] })
  expect(copies()).toEqual([`schema-${schema + 1}.sqlite`])
})

test('without a copy the database of a later version is refused', () => {
  fill(door.open())
  door.close()
  door.open({ migrations: laterMigrations() })
  door.close()
  rmSync(join(door.folder, 'before-update'), { recursive: true })
  expect(codeOfFault(() => door.open({ wayBackFor }))).toBe('schema-too-new')
})

/** Ends the program at the given of the calls that make a step last; false: it made fewer. */
function endedAt(call: number, folder: string, version: 'later' | 'this'): boolean {
  const calls = 'fsync,fdatasync,rename,unlink,ftruncate'
  const program = join(import.meta.dirname, '../../support/door/later-schema.ts')
  const { stdout } = spawnSync(
    'strace',
    [
      ...['-f', '-o', '/dev/null', '-e', `inject=${calls}:signal=KILL:when=${call}`],
      ...[process.execPath, program, join(folder, 'door.sqlite'), version],
    ],
    // The cache would rename files too.
    { encoding: 'utf8', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } },
  )
  return stdout !== 'opened\n'
}

test.for(['later', 'this'] as const)(
  'a power cut at any step of %s version loses no used code',
  {
    timeout: 600_000,
  },
  (version, context) => {
    if (spawnSync('strace', ['-V']).error) context.skip('strace is not installed')
    fill(door.open({ wayBackFor }))
    door.close()
    if (version === 'this') {
      const later = door.open({ migrations: laterMigrations(), wayBackFor })
      use(later, 2)
      // It stays open, so that its last commits are in the write-ahead log only.
    }
    let call = 1
    for (let wasCut = true; wasCut; call += runs(64, 1)) {
      const folder = `${door.folder}-${call}`
      cpSync(door.folder, folder, { recursive: true })
      wasCut = endedAt(call, folder, version)
      const after = storeFolder(folder)
      const store = after.open({ wayBackFor })
      expect(store.grant(idOf(1))?.closed).toBe('used')
      expect(store.grant(idOf(2))?.closed).toBe(
        version === 'this' || store.load()?.commands.rememberedSinceMs === null ? 'revoked' : null,
      )
      after.end()
    }
    expect(call).toBeGreaterThan(16)
  },
)
