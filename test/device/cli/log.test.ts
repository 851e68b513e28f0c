/** `explain` and `verify-log`, with the log of a real daemon. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { chainHash, chainStart } from '../../../protocol/log-chain.ts'
import { logSigner } from '../../../protocol/log-signature.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { testProof } from '../../support/effort.ts'

let door: RunningDoor
let intact: Buffer

beforeAll(async () => {
  door = await runDoor({ config: { link: 'none' } })
  for (let n = 0; n < 4; n += 1) await door.enter(`00000${n}`)
  await door.end('SIGTERM')
  intact = readFileSync(door.databasePath)
})
afterAll(() => door.close())

describe('explain', () => {
  const explain = (wanted: string) => smartDoor('explain', wanted, '--config', door.configPath)

  it('prints a visit, from its beginning', async () => {
    const { code, stdout } = await explain('1')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^#\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Visit 1 began/)
    expect(stdout).toContain('A code was refused')
  })

  it('prints one event, by sequence number or id', async () => {
    const event = await explain('#1')
    expect(event.stdout).toMatch(/^#1 {2}.* The door started, locked\.\n$/)
    expect(await explain(messageIn(1).id)).toEqual(event)
  })

  it('says which visits and events exist', async () => {
    const { seq } = lastRow()
    expect(await explain('99')).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no visit or event "99" in the log. It has the visits 1 and the events #1 to #${seq}.\n`,
    })
  })
})

describe('verify-log', () => {
  const verify = (...more: string[]) =>
    smartDoor('verify-log', '--config', door.configPath, ...more)

  it.each([
    [
      'an altered row',
      `UPDATE log SET text = replace(text, '"wrong"', '"used"') WHERE seq = 5`,
      'row 5 was altered',
    ],
    ['a missing row', 'DELETE FROM log WHERE seq = 3', 'row 3 is missing'],
    [
      'rows that were swapped',
      'UPDATE log SET (text, hash) = (SELECT text, hash FROM log WHERE seq = 3) WHERE seq = 2',
      'row 2 was moved from another place',
    ],
    [
      'a tail that was cut off',
      'DELETE FROM log WHERE seq >= 5',
      'row 5 is missing, and everything after it',
    ],
  ])('finds %s', async (_, sql, sentence) => {
    edit(sql)
    const { code, stdout } = await verify()
    expect([code, stdout]).toEqual([1, expect.stringContaining(sentence)])
  })

  const publicKey = () => logSigner('test-door', door.doorKey).publicKey

  /** The program in docs/log.md, by which others check a log. */
  const judge = (key = publicKey()) => {
    const document = readFileSync(join(import.meta.dirname, '../../../docs/log.md'), 'utf8')
    const program = /```python\n(.*?)```/s.exec(document)?.[1] ?? ''
    const args = ['-c', program, door.databasePath, 'test-door', key]
    const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : (stderr.trim().split('\n').at(-1) ?? '')
  }

  it('agrees with the program in the documentation', () => {
    edit('')
    const { seq } = lastRow()
    expect(judge()).toBe(`intact: rows 1 to ${seq}`)
    expect(judge(logSigner('test-door', Buffer.alloc(32)).publicKey)).toMatch(/not signed$/)
    edit(`UPDATE log SET text = replace(text, '"wrong"', '"used"') WHERE seq = 5`)
    expect(judge()).toMatch(/row 5 was altered$/)
  })

  testProof('agrees with it on a log that was chained anew or has its start deleted', () => {
    edit('')
    const { seq } = lastRow()
    rechainWithout(3)
    expect(judge()).toMatch(/rows are missing at the end$/)
    edit(`UPDATE log_head SET (start_seq, start_hash, start_signature) =
            (SELECT seq, hash, signature FROM log_head); DELETE FROM log WHERE seq < 4`)
    expect(judge()).toMatch(/deletion of old rows is not signed$/)
    const { hash } = placeOf(4)
    const { signature } = logSigner('test-door', door.doorKey).sign('start', { seq: 4, hash })
    edit(`UPDATE log_head SET start_seq = 4, start_hash = '${hash}', start_signature = '${signature}';
          DELETE FROM log WHERE seq <= 4`)
    expect(judge()).toBe(`intact: rows 5 to ${seq}`)
  })

  /** Takes a row out and chains the rest anew, as the door's own code would. */
  function rechainWithout(removed: number): void {
    edit('')
    const db = new Database(door.databasePath)
    const rows = db.prepare<[], { seq: number; text: string }>('SELECT seq, text FROM log').all()
    db.exec('DELETE FROM log; DELETE FROM outbox')
    let last = { seq: 0, hash: chainStart }
    for (const { seq, text } of rows.filter(({ seq }) => seq !== removed)) {
      const next = last.seq + 1
      const forged = text
        .replace(`"seq":${seq},`, `"seq":${next},`)
        .replace(/"prev":"\w+"/, `"prev":"${last.hash}"`)
      last = { seq: next, hash: chainHash(forged) }
      db.prepare('INSERT INTO log VALUES (?, ?, ?)').run(next, forged, last.hash)
    }
    db.prepare('UPDATE log_head SET seq = ?, hash = ?').run(last.seq, last.hash)
    db.close()
  }

  it('finds a log that was chained anew without one of its rows', async () => {
    rechainWithout(3)
    const { code, stdout } = await verify()
    expect([code, stdout]).toEqual([1, expect.stringContaining('not the one that the door signed')])
  })

  it.each([
    ['without a signature', "UPDATE log_head SET signed_seq = 0, signature = ''"],
    ['with the signature of another', 'UPDATE log_head SET signed_seq = seq, signed_hash = hash'],
  ])('finds a log that was chained anew, %s', async (_, sql) => {
    rechainWithout(3)
    const db = new Database(door.databasePath)
    db.exec(sql)
    db.close()
    expect((await verify()).stdout).toContain('not the one that the door signed')
  })

  it('finds a beginning that was deleted, unless the door signed that', async () => {
    const startAt = (signature: string) =>
      edit(`UPDATE log_head SET (start_seq, start_hash) = (SELECT seq, hash FROM log WHERE seq = 3),
            start_signature = '${signature}'; DELETE FROM log WHERE seq <= 3`)
    startAt('')
    expect((await verify()).stdout).toContain('the rows up to 3 are missing')
    edit('')
    const { seq, hash } = placeOf(3)
    const signer = logSigner('test-door', door.doorKey)
    startAt(signer.sign('head', { seq, hash }).signature)
    expect((await verify()).stdout).toContain('the rows up to 3 are missing')
    startAt(signer.sign('start', { seq, hash }).signature)
    expect(await verify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Older rows, up to 3, were deleted by the door.'),
    })
    expect((await verify('--head', `${seq}:${hash}`)).code).toBe(0)
    expect((await verify('--head', `2:${hash}`)).stdout).toContain('cannot be compared')
    expect((await verify('--head', `3:${'0'.repeat(64)}`)).stdout).toContain('does not fit')
  })

  it('finds a well-chained row that was added at the end', async () => {
    edit('')
    const { seq, hash } = lastRow()
    const text = JSON.stringify({ seq: seq + 1, prev: hash })
    edit(`INSERT INTO log VALUES (${seq + 1}, '${text}', '${chainHash(text)}')`)
    const { code, stdout } = await verify()
    expect([code, stdout]).toEqual([1, expect.stringContaining(`row ${seq + 1} was not written`)])
  })

  it('compares with a hash that an earlier run printed', async () => {
    edit('')
    const { seq, hash } = lastRow()
    expect(await verify()).toMatchObject({
      code: 0,
      stdout: `The log is intact: ${seq} rows.\nKeep this elsewhere to compare later: --head ${seq}:${hash}\nPublic key: ${publicKey()}\n`,
    })
    expect((await verify('--head', `${seq}:${hash}`)).code).toBe(0)
    for (const other of [`5:${'0'.repeat(64)}`, `${seq + 7}:${hash}`]) {
      const { code, stdout } = await verify('--head', other)
      expect([code, stdout]).toEqual([
        1,
        expect.stringMatching(/does not fit --head: row \d+ .*Either the whole log was rewritten/),
      ])
    }
    expect(await verify('--head', 'nonsense')).toMatchObject({ code: 64 })
  })
})

test.each([['explain', '1'], ['verify-log']])(
  '%s says that there is no log, and makes none',
  async (...command) => {
    const config = JSON.parse(readFileSync(door.configPath, 'utf8'))
    const path = join(door.folder, 'never-started.json')
    const dataDir = join(door.folder, 'none')
    writeFileSync(path, JSON.stringify({ ...config, dataDir }))
    expect(await smartDoor(...command, '--config', path)).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no log in ${dataDir} yet: this door has never been started.\n`,
    })
    const { stderr } = await smartDoor(...command, '--config', '/nowhere/config.json')
    expect(stderr).not.toContain('started')
  },
)

/** The log as someone with a database tool would change it. */
function edit(sql: string): void {
  writeFileSync(door.databasePath, intact)
  const db = new Database(door.databasePath)
  db.exec(sql)
  db.close()
}

function lastRow(): { seq: number; hash: string } {
  const db = new Database(door.databasePath, { readonly: true })
  const row = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM log_head').get()
  db.close()
  if (!row) throw new Error('the log has no head')
  return row
}

function placeOf(seq: number): { seq: number; hash: string } {
  const db = new Database(door.databasePath, { readonly: true })
  const row = db
    .prepare<[number], { seq: number; hash: string }>('SELECT seq, hash FROM log WHERE seq = ?')
    .get(seq)
  db.close()
  if (!row) throw new Error('no such row')
  return row
}

function messageIn(seq: number): { id: string } {
  const db = new Database(door.databasePath, { readonly: true })
  const row = db.prepare<[number], { text: string }>('SELECT text FROM log WHERE seq = ?').get(seq)
  db.close()
  return JSON.parse(row?.text ?? '{}')
}
