import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyLog, firstFlaw } from '../../../device/core/log/log-chain.ts'
import { type LogReader, StoreFault } from '../../../device/daemon/ports.ts'
import { readMigrations, shippedMigrations } from '../../../device/store/sqlite/migrate.ts'
import { openLogReader } from '../../../device/store/sqlite/store.ts'
import {
  close,
  codeOfFault,
  commitOf,
  exampleGrant,
  firstState,
  idOf,
  keep,
  rowsAfter,
  storeContract,
  storeVisitor,
  tagOf,
} from '../../contracts/device/store.ts'
import * as frozen from '../../fixtures/door-schema-1.ts'
import { type StoreFolder, storeFolder } from '../../support/door/store-folder.ts'
import { testProof } from '../../support/effort.ts'

storeContract('SQLite', storeFolder)

const consumer = join(import.meta.dirname, '../../support/door/consume-codes.ts')

let door: StoreFolder
const children: ChildProcess[] = []
beforeEach(() => {
  door = storeFolder()
})
afterEach(async () => {
  for (const child of children.splice(0)) await ended(child)
  door.end()
})

function faultOf(work: () => unknown): StoreFault {
  try {
    work()
  } catch (fault) {
    if (fault instanceof StoreFault) return fault
    throw fault
  }
  throw new Error('no fault')
}

/** Changes the database behind the store's back. */
function tamper(sql: string): void {
  const db = new Database(door.path)
  db.exec(sql)
  db.close()
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Another process that has the database open and is idle. */
async function otherDaemon(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [consumer, door.path, '0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const text of child.stdout) if (String(text).includes('done')) break
  return child
}

describe('a commit', () => {
  test('is on the disk with exactly one fsync', (context) => {
    if (spawnSync('strace', ['-V']).error) context.skip('strace is not installed')
    const codes = 50
    const traced = spawnSync(
      'strace',
      [
        ...['-f', '-e', 'trace=write,fsync,fdatasync,sync_file_range,msync', '-e', 'signal=none'],
        ...[process.execPath, consumer, door.path, String(codes)],
      ],
      { encoding: 'utf8' },
    )
    expect(traced.stdout).toBe('ready\ndone\n')
    const during = traced.stderr.split('"ready\\n"')[1]?.split('"done\\n"')[0] ?? ''
    expect(during.match(/f(data)?sync\(/g)).toHaveLength(codes)
  })

  test('only writes into the WAL, which never grows', () => {
    const store = door.open()
    const before = { database: readFileSync(door.path), wal: statSync(`${door.path}-wal`).size }
    store.commit(commitOf({ state: firstState }))
    for (let round = 1; round <= 100; round++) {
      const grantId = idOf(round)
      store.commit(commitOf({ changes: [keep(exampleGrant({ grantId }))] }))
      const use = { changes: [close(grantId, 'used')], rows: rowsAfter(store.head(), 2) }
      store.commit(commitOf(use))
    }
    expect(readFileSync(door.path).equals(before.database)).toBe(true)
    expect(statSync(`${door.path}-wal`).size).toBe(before.wal)
    store.tidy()
    expect(readFileSync(door.path).equals(before.database)).toBe(false)
    expect(statSync(`${door.path}-wal`).size).toBe(before.wal)
  })

  test('that SQLite refuses throws a fault with its cause, and changes nothing', () => {
    const store = door.open()
    const changes = [
      keep(exampleGrant()),
      keep(exampleGrant({ grantId: idOf(2) }), tagOf(1).slice(1)),
    ]
    const fault = faultOf(() => store.commit(commitOf({ changes, rows: rowsAfter(emptyLog, 1) })))
    expect(fault.code).toBe('not-allowed')
    expect(fault.cause).toMatchObject({ code: 'SQLITE_CONSTRAINT_CHECK' })
    expect(store.grant(idOf(1))).toBeNull()
    expect(store.head()).toEqual(emptyLog)
  })

  test('waits at most a second for another program', () => {
    const store = door.open()
    const other = new Database(door.path)
    other.exec('BEGIN IMMEDIATE')
    const startedMs = performance.now()
    expect(codeOfFault(() => store.commit(commitOf({ state: firstState })))).toBe('busy')
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    other.close()
    store.commit(commitOf({ state: firstState }))
    expect(store.load()).toEqual(firstState)
  })
})

describe('an invalid row', () => {
  const secret = 'CANARY'

  test.each([
    ['invalid JSON', `UPDATE door_state SET value = '${secret}' WHERE part = 'lockout'`],
    [
      'a part of another shape',
      `UPDATE door_state SET value = '{"${secret}":1}' WHERE part = 'time'`,
    ],
    ['a missing part', `DELETE FROM door_state WHERE part = 'lockout'`],
    ['an unknown part', `INSERT INTO door_state VALUES ('${secret}', '{}')`],
  ])('is a fault: %s', (_, sql) => {
    const store = door.open()
    store.commit(commitOf({ state: firstState }))
    tamper(sql)
    const fault = faultOf(() => store.load())
    expect(fault.code).toBe('malformed-row')
    expect(fault.message).toContain('door_state')
  })

  test('is a fault that does not contain its values', () => {
    const store = door.open()
    const visitor = { visitorId: idOf(1), known: { name: secret, language: 'en' as const } }
    store.commit(commitOf({ changes: [storeVisitor({ ...visitor, commandSeq: 1 })] }))
    tamper(`UPDATE visitors SET language = '${secret}'`)
    const fault = faultOf(() => store.visitor(idOf(1)))
    expect(fault.code).toBe('malformed-row')
    expect(fault.message).not.toContain(secret)
  })

  test('in a damaged page is a fault', () => {
    door.open().close()
    const bytes = readFileSync(door.path)
    writeFileSync(door.path, bytes.fill(0x5a, 4_096, 20 * 4_096))
    expect(codeOfFault(() => door.open())).toBe('damaged')
  })
})

describe('opening', () => {
  test('twice is refused, until the first is closed', () => {
    const store = door.open()
    const fault = faultOf(() => door.open())
    expect(fault.code).toBe('in-use')
    expect(fault.message).toContain(door.path)
    store.commit(commitOf({ state: firstState }))
    store.close()
    expect(door.open().load()).toEqual(firstState)
  })

  test('beside another process is refused, until it is killed', async () => {
    const other = await otherDaemon()
    expect(codeOfFault(() => door.open())).toBe('in-use')
    await ended(other)
    expect(door.open().load()).toEqual(firstState)
  })

  test('twice, after the lock file was deleted, stops the first from writing', () => {
    const first = door.open()
    first.commit(commitOf({ state: firstState }))
    rmSync(`${door.path}-lock`)
    first.commit(commitOf({ rows: rowsAfter(first.head(), 1) }))
    const second = door.open()
    const attempt = commitOf({ rows: rowsAfter(first.head(), 1) })
    expect(codeOfFault(() => first.commit(attempt))).toBe('in-use')
    second.commit(attempt)
    expect(second.head().seq).toBe(2)
  })

  test('in a missing folder is refused', () => {
    const lost = storeFolder(join(door.folder, 'none'))
    expect(codeOfFault(() => lost.open())).toBe('no-folder')
  })

  test('a folder in place of the file is refused', () => {
    mkdirSync(door.path)
    expect(codeOfFault(() => door.open())).toBe('is-a-folder')
    expect(door.files()).toEqual([''])
  })

  test('in a read-only folder is refused', () => {
    asNobody(() => expect(codeOfFault(() => door.open())).toBe('not-writable'))
    expect(door.files()).toEqual([])
  })

  testProof('a read-only file is refused', () => {
    door.open().close()
    const before = door.bytes()
    chmodSync(door.path, 0o444)
    asNobody(() => expect(codeOfFault(() => door.open())).toBe('not-writable'))
    chmodSync(door.folder, 0o777)
    chmodSync(`${door.path}-lock`, 0o666)
    asNobody(() => expect(codeOfFault(() => door.open())).toBe('not-writable'))
    expect(door.bytes().get('door.sqlite')).toEqual(before.get('door.sqlite'))
  })

  test.each([
    ['text', Buffer.from('not a database, but a text of some length\n'.repeat(9))],
    ['half a header', Buffer.from('SQLite format 3\0')],
  ])('%s is refused and left unchanged', (_, bytes) => {
    writeFileSync(door.path, bytes)
    expect(codeOfFault(() => door.open())).toBe(bytes.length < 100 ? 'damaged' : 'not-ours')
    expect(door.bytes().get('door.sqlite')).toEqual(bytes)
    expect(door.files()).toEqual(['', '-lock'])
  })

  test.each([
    ['nameless', ''],
    ['numbered', 'PRAGMA user_version = 1'],
    ['marked', 'PRAGMA application_id = 7'],
    ['in WAL mode', 'PRAGMA journal_mode = WAL'],
  ])('another program’s database is refused and left unchanged: %s', (_, sql) => {
    tamper(`CREATE TABLE recipes (name TEXT); ${sql}`)
    const before = door.bytes().get('door.sqlite')
    expect(codeOfFault(() => door.open())).toBe('not-ours')
    expect(door.bytes().get('door.sqlite')).toEqual(before)
    expect(door.files()).toEqual(['', '-lock'])
  })

  test('an empty file is a new database', () => {
    writeFileSync(door.path, '')
    expect(door.open().load()).toBeNull()
  })

  test.each([
    ['missing', () => rmSync(door.path)],
    ['emptied', () => truncateSync(door.path)],
  ])('a door’s database that is %s is refused', (_, lose) => {
    const store = door.open()
    store.commit(commitOf({ state: firstState, changes: [keep(exampleGrant())] }))
    const after = crashed(door)
    store.close()
    lose()
    rmSync(`${after.path}`)
    for (const each of [door, after]) {
      const fault = faultOf(() => each.open())
      expect(fault.code).toBe('lost')
      expect(fault.message).toContain(`put a backup in its place`)
      expect(fault.message).toContain(`${each.path}-created`)
    }
    rmSync(`${door.path}-created`)
    expect(door.open().load()).toBeNull()
    after.end()
  })

  test('a failed first start does not prevent the next', () => {
    expect(codeOfFault(() => door.open({ migrations: [{ version: 1, sql: 'nonsense' }] }))).toBe(
      'migration-failed',
    )
    rmSync(door.path)
    expect(door.open().load()).toBeNull()
  })

  test('a log without a state is refused', () => {
    const store = door.open()
    store.commit(commitOf({ state: firstState, rows: rowsAfter(store.head(), 1) }))
    tamper('DELETE FROM door_state')
    expect(codeOfFault(() => store.load())).toBe('malformed-row')
  })

  test('a link is refused', () => {
    door.open().close()
    const other = storeFolder()
    symlinkSync(door.path, other.path)
    expect(codeOfFault(() => other.open())).toBe('is-a-link')
    expect(other.files()).toEqual([''])
    other.end()
  })

  test('after a crash finds everything committed', () => {
    const store = door.open()
    store.commit(commitOf({ state: firstState, changes: [keep(exampleGrant())] }))
    const after = crashed(door)
    expect(after.open().load()).toEqual(firstState)
    after.end()
  })
})

describe('the schema', () => {
  const newest = shippedMigrations().length
  const added = { version: newest + 1, sql: `ALTER TABLE visitors ADD COLUMN pronouns TEXT;` }
  const version = () => {
    const db = new Database(door.path, { readonly: true })
    const found = db.pragma('user_version', { simple: true })
    db.close()
    return found
  }

  test('of version 1 can be read', () => {
    copyFileSync(frozen.frozenPath, door.path)
    const store = door.open()
    expect(store.load()).toEqual(frozen.frozenState)
    for (const grant of frozen.frozenGrants) expect(store.grant(grant.grantId)).toEqual(grant)
    expect(store.grantByTag(tagOf(1))).toEqual(frozen.frozenGrants[0])
    for (const visitor of frozen.frozenVisitors) {
      expect(store.visitor(visitor.visitorId)).toEqual(visitor)
    }
    expect(store.head()).toMatchObject({ seq: 4, hash: frozen.frozenRows[3]?.hash })
    expect(store.unsent(0, 10).map(({ seq }) => seq)).toEqual(frozen.frozenUnsent)
    const reader = openLogReader(door.path)
    expect([...reader.rows()]).toEqual(frozen.frozenRows)
    reader.close()
  })

  test('is migrated without losing anything', () => {
    copyFileSync(frozen.frozenPath, door.path)
    const store = door.open({ migrations: [...shippedMigrations(), added] })
    expect(store.load()).toEqual(frozen.frozenState)
    expect(store.grant(idOf(1))).toEqual(frozen.frozenGrants[0])
    store.close()
    expect(version()).toBe(added.version)
    tamper(`UPDATE visitors SET pronouns = 'they'`)
  })

  test('stays as it was when a migration fails', () => {
    copyFileSync(frozen.frozenPath, door.path)
    const broken = { version: newest + 2, sql: 'DROP TABLE visitors; SELECT nonsense;' }
    const migrations = [...shippedMigrations(), added, broken]
    const fault = faultOf(() => door.open({ migrations }))
    expect(fault.code).toBe('migration-failed')
    expect(fault.cause).toMatchObject({ code: 'SQLITE_ERROR' })
    expect(version()).toBe(added.version)
    expect(door.open({ migrations: migrations.slice(0, -1) }).visitor(idOf(101))).not.toBeNull()
  })

  test('of a later version is refused and left unchanged', () => {
    door.open({ migrations: [...shippedMigrations(), added] }).close()
    const before = door.bytes()
    const fault = faultOf(() => door.open())
    expect(fault.code).toBe('schema-too-new')
    expect(fault.message).toContain('install that one again, or put back the backup')
    expect(door.bytes()).toEqual(before)
    expect(door.files()).toEqual(['', '-created', '-lock'])
  })

  testProof('of a later version is refused even if only the WAL shows it', () => {
    door.open().close()
    const newer = new Database(door.path)
    newer.pragma('wal_autocheckpoint = 0')
    newer.exec('PRAGMA user_version = 99')
    const after = crashed(door)
    newer.close()
    const before = after.bytes()
    expect(codeOfFault(() => after.open())).toBe('schema-too-new')
    for (const name of ['door.sqlite', 'door.sqlite-wal']) {
      expect(after.bytes().get(name)).toEqual(before.get(name))
    }
    after.end()
  })

  test('has migrations without a gap in their numbers', () => {
    const folder = join(door.folder, 'migrations')
    mkdirSync(folder)
    writeFileSync(join(folder, '001-first.sql'), 'SELECT 1')
    writeFileSync(join(folder, '003-third.sql'), 'SELECT 3')
    expect(() => readMigrations(folder)).toThrow('003-third.sql: expected migration number 2')
    expect(shippedMigrations().map((it) => it.version)).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('reading the log beside a daemon', () => {
  const name = { name: 'Ada', language: 'en' } as const
  let reader: LogReader | null
  afterEach(() => reader?.close())
  const read = () => {
    reader = openLogReader(door.path)
    return reader
  }

  test('reads committed rows, and later ones', () => {
    const store = door.open()
    store.commit(commitOf({ rows: rowsAfter(store.head(), 1_200) }))
    const { rows, head } = read()
    expect([...rows()]).toEqual(rowsAfter(emptyLog, 1_200))
    store.commit(commitOf({ rows: rowsAfter(store.head(), 3) }))
    expect([...rows()]).toHaveLength(1_203)
    expect(head()).toEqual(store.head())
  })

  test('works while the daemon is stopped, and on an empty log', () => {
    door.open().close()
    const { rows, head } = read()
    expect([...rows()]).toEqual([])
    expect(head()).toEqual(emptyLog)
  })

  test('detects a log that was cut short', () => {
    const store = door.open()
    store.commit(commitOf({ rows: rowsAfter(store.head(), 3) }))
    tamper('DELETE FROM log WHERE seq = 3')
    const { rows, head } = read()
    expect([...rows()]).toHaveLength(2)
    expect(head().seq).toBe(3)
    expect(firstFlaw([], head())).toEqual({ seq: 1, problem: 'cut-off' })
  })

  test('knows the names of visitors who are not deleted', () => {
    const store = door.open()
    const visitor = { visitorId: idOf(1), known: name, commandSeq: 1 }
    store.commit(commitOf({ changes: [storeVisitor(visitor)] }))
    const { visitorName } = read()
    expect(visitorName(idOf(1))).toBe('Ada')
    expect(visitorName(idOf(2))).toBeNull()
    store.commit(commitOf({ changes: [storeVisitor({ ...visitor, known: null })] }))
    expect(visitorName(idOf(1))).toBeNull()
  })

  test('never blocks the daemon, however slowly it is read', () => {
    const store = door.open()
    store.commit(commitOf({ rows: rowsAfter(store.head(), 1_000) }))
    const rows = read().rows()[Symbol.iterator]()
    rows.next()
    const walBytes = statSync(`${door.path}-wal`).size
    for (let commits = 0; commits < 600; commits++) {
      store.commit(commitOf({ rows: rowsAfter(store.head(), 1) }))
      if (commits % 40 === 0) store.tidy()
    }
    expect(statSync(`${door.path}-wal`).size).toBe(walBytes)
    expect([rows.next().value?.seq, rows.next().value?.seq]).toEqual([2, 3])
  })

  test('lets the WAL grow during a long read transaction only', () => {
    const store = door.open()
    const walBytes = () => statSync(`${door.path}-wal`).size
    const before = walBytes()
    const slow = new Database(door.path, { readonly: true })
    slow.exec('BEGIN')
    slow.prepare('SELECT count(*) FROM log').get()
    for (let commits = 0; commits < 300; commits++) {
      store.commit(commitOf({ rows: rowsAfter(store.head(), 10) }))
    }
    store.tidy()
    expect(walBytes()).toBeGreaterThan(before)
    slow.close()
    for (let commits = 0; commits < 40; commits++) {
      store.commit(commitOf({ rows: rowsAfter(store.head(), 1) }))
    }
    store.tidy()
    expect(walBytes()).toBe(before)
  })

  test('requires a database of a door, with the current schema', () => {
    expect(codeOfFault(read)).toBe('no-store')
    expect(door.files()).toEqual([])
    mkdirSync(door.path)
    expect(codeOfFault(read)).toBe('is-a-folder')
    const others = storeFolder()
    new Database(others.path).exec('CREATE TABLE recipes (name TEXT)').close()
    expect(codeOfFault(() => openLogReader(others.path))).toBe('not-ours')
    others.end()
    const newer = storeFolder()
    const next = { version: shippedMigrations().length + 1, sql: '' }
    newer.open({ migrations: [...shippedMigrations(), next] }).close()
    expect(codeOfFault(() => openLogReader(newer.path))).toBe('schema-too-new')
    newer.end()
    const older = storeFolder()
    const ofSchema0 = 'PRAGMA application_id = 0x646f6f72; CREATE TABLE grants (id INTEGER)'
    new Database(older.path).exec(ofSchema0).close()
    expect(codeOfFault(() => openLogReader(older.path))).toBe('schema-too-old')
    older.end()
  })
})

/** A copy of the files as a power cut would leave them. */
function crashed(running: StoreFolder): StoreFolder {
  const after = storeFolder()
  for (const suffix of running.files()) copyFileSync(running.path + suffix, after.path + suffix)
  return after
}

/** Root may write anywhere, so this works as the user `nobody`. */
function asNobody(work: () => void): void {
  const isRoot = process.geteuid?.() === 0
  chmodSync(door.folder, 0o555)
  if (isRoot) process.seteuid?.('nobody')
  try {
    work()
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(door.folder, 0o777)
  }
}
