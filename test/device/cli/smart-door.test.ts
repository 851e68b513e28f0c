/** The daemon and its commands as an installer meets them: real processes, real database. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { chainHash } from '../../../protocol/log-chain.ts'
import { type RunningDoor, runDoor, smartDoor } from '../../support/door/running-door.ts'

describe('a running door', () => {
  let door: RunningDoor
  beforeAll(async () => {
    door = await runDoor()
    await vi.waitFor(() => expect(door.home.linkUp()).toBe(true), 60_000)
  })
  afterAll(() => door.close())

  const text = () => door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })

  it('takes a texted code once, opens and closes the lock, and tells the cloud', async () => {
    const { code } = await text()
    expect(await door.enter(code)).toMatchObject({ outcome: 'accepted', visitorName: 'Ada' })
    expect(door.home.lockState()).toBe('open')
    expect(await door.enter(code)).toEqual({ outcome: 'denied', pausedForMs: 0 })
    await expect.poll(() => door.home.lockState()).toBe('closed')
    const told = () => door.home.cloud.messages.map(({ type }) => type)
    await expect.poll(told).toEqual(expect.arrayContaining(['entry-accepted', 'lock-closed']))
  })

  it('takes it with the network down too, and tells the cloud later', async () => {
    const { code, grantId } = await text()
    door.home.network(false)
    await expect.poll(() => door.home.linkUp()).toBe(false)
    expect(await door.enter(code)).toMatchObject({ outcome: 'accepted' })
    door.home.network(true)
    await expect
      .poll(() =>
        door.home.cloud.messages.filter(
          (m) => m.type === 'entry-accepted' && m.grantId === grantId,
        ),
      )
      .toHaveLength(1)
  })

  it('remembers over a power cut which codes were used and how many were wrong', async () => {
    const { code } = await text()
    await door.enter(code)
    await door.enter('000000')
    expect(await door.end('SIGKILL')).toBe('SIGKILL')
    expect(door.home.lockState()).toBe('closed')
    await door.start()
    expect(await door.enter(code)).toMatchObject({ outcome: 'denied' })
    const { stdout } = await smartDoor(['explain', '1', '--config', door.configPath])
    expect(stdout).toContain('Ada typed a good code. The lock opened for 5 s.')
    expect(stdout).toContain('A code was refused: it had been used before. Wrong codes in a row: 2')
  })

  it('explains one event, and says so when there is none', async () => {
    const event = await smartDoor(['explain', '#1', '--config', door.configPath])
    expect(event.stdout).toMatch(/^#1 {2}.* The door started, locked\.\n$/)
    const none = await smartDoor(['explain', '998', '--config', door.configPath])
    expect([none.code, none.stderr]).toEqual([1, 'The log knows no visit or event "998".\n'])
  })

  it('stops in good order: lock closed, written down, exit code 0', async () => {
    const { code } = await text()
    await door.enter(code)
    expect(await door.end('SIGTERM')).toBe(0)
    expect(door.home.lockState()).toBe('closed')
    const { stdout } = await smartDoor(['verify-log', '--config', door.configPath])
    expect(stdout).toMatch(
      /^The log is whole: \d+ rows\.\nTo compare later, keep .*--head \d+:[0-9a-f]{64}\n$/,
    )
    await door.start()
  })

  it('stops at once on a second signal, even while a request hangs', async () => {
    const hanging = fetch(`${door.url()}/api/events`)
    await hanging
    process.kill(door.pid(), 'SIGSTOP')
    process.kill(door.pid(), 'SIGTERM')
    process.kill(door.pid(), 'SIGINT')
    // Both are waiting for it when it goes on, so the second comes before the first is done.
    expect(await door.end('SIGCONT')).toBe(1)
    await door.start()
  })

  it('keeps codes, keys and names of people out of its log', () => {
    expect(door.output.length).toBeGreaterThan(5)
    const everything = door.output.join('\n')
    expect(everything).not.toContain('Ada')
    expect(everything).not.toContain(door.doorKey.toString('hex'))
    for (const { code } of door.home.cloud.texts) expect(everything).not.toContain(code)
  })

  it('has no code and no key in any file of its data folder, nor in an answer', async () => {
    const { code } = await text()
    const answers = [await door.enter(code), await door.enter(code)]
    const files = readdirSync(join(door.folder, 'data')).map((name) =>
      readFileSync(join(door.folder, 'data', name)),
    )
    expect(files.some((file) => file.includes('Ada'))).toBe(true)
    for (const file of files) {
      expect(file.includes(door.doorKey)).toBe(false)
      expect(file.includes(door.doorKey.toString('hex'))).toBe(false)
      for (const sent of door.home.cloud.texts) expect(file.includes(sent.code)).toBe(false)
    }
    expect(JSON.stringify(answers)).not.toContain(code)
    for (const path of ['/api/state', '/metrics', '/healthz']) {
      expect(await (await fetch(door.url() + path)).text()).not.toContain(code)
    }
  })
})

describe('a door that is set to', () => {
  let door: RunningDoor
  afterEach(() => door.close())
  it('stay locked leaves a good code alone, and its keypad says so', async () => {
    door = await runDoor()
    await vi.waitFor(() => expect(door.home.linkUp()).toBe(true), 60_000)
    const { code } = await door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })
    await door.end('SIGTERM')
    const config = JSON.parse(readFileSync(door.configPath, 'utf8'))
    writeFileSync(door.configPath, JSON.stringify({ ...config, lock: { mode: 'locked' } }))
    await door.start()
    expect(await door.enter(code)).toEqual({ outcome: 'paused', pausedForMs: 0 })
    expect(door.home.lockState()).toBe('closed')
    const state = await (await fetch(`${door.url()}/api/state`)).json()
    expect(state).toMatchObject({ keypad: 'shut', lock: 'locked' })
  })

  it('stand open does so, locks when it dies, and opens again with its next start', async () => {
    door = await runDoor({
      config: { lock: { mode: 'unlocked' }, gpio: { relay: { lockType: 'maglock' } } },
    })
    await expect.poll(() => door.home.lockState()).toBe('open')
    await door.end('SIGKILL')
    await expect.poll(() => door.home.lockState()).toBe('closed')
    await door.start()
    await expect.poll(() => door.home.lockState()).toBe('open')
    expect(await door.end('SIGTERM')).toBe(0)
    expect(door.home.lockState()).toBe('closed')
    const { stdout } = await smartDoor(['explain', '#2', '--config', door.configPath])
    expect(stdout).toContain('The door reported: unlocked')
  })
})

describe('verify-log', () => {
  let door: RunningDoor
  let intact: Buffer
  beforeAll(async () => {
    door = await runDoor({ config: { link: 'none' } })
    for (let n = 0; n < 4; n += 1) await door.enter(`00000${n}`)
    await door.end('SIGTERM')
    intact = readFileSync(door.databasePath)
  })
  afterAll(() => door.close())

  const verify = (...more: string[]) =>
    smartDoor(['verify-log', '--config', door.configPath, ...more])

  /** An owner who opens the file with a tool of their own. */
  function edit(sql: string): void {
    writeFileSync(door.databasePath, intact)
    const db = new Database(door.databasePath)
    db.exec(sql)
    db.close()
  }

  it.each([
    [
      'an altered row',
      `UPDATE log SET text = replace(text, '"wrong"', '"used"') WHERE seq = 5`,
      'row 5 was altered',
    ],
    ['a missing row', 'DELETE FROM log WHERE seq = 3', 'row 3 is missing'],
    [
      'rows that were exchanged',
      'UPDATE log SET (text, hash) = (SELECT text, hash FROM log WHERE seq = 3) WHERE seq = 2',
      'row 2 was moved from elsewhere',
    ],
    [
      'a tail that was cut off',
      'DELETE FROM log WHERE seq >= 5',
      'row 5 is missing, and whatever came after it',
    ],
  ])('finds %s', async (_, sql, sentence) => {
    edit(sql)
    const { code, stdout } = await verify()
    expect([code, stdout]).toEqual([1, expect.stringContaining(sentence)])
  })

  it('finds a row that somebody added, well chained, at the end', async () => {
    edit('')
    const { seq, hash } = lastRow(door.databasePath)
    const text = JSON.stringify({ seq: seq + 1, prev: hash })
    edit(`INSERT INTO log VALUES (${seq + 1}, '${text}', '${chainHash(text)}')`)
    const { code, stdout } = await verify()
    expect([code, stdout]).toEqual([1, expect.stringContaining(`row ${seq + 1} was not written`)])
  })

  it('compares with a hash that was kept elsewhere', async () => {
    edit('')
    const { seq, hash } = lastRow(door.databasePath)
    const wrong = await verify('--head', `5:${'0'.repeat(64)}`)
    expect([wrong.code, wrong.stdout]).toEqual([
      1,
      expect.stringContaining('The log is whole in itself, but does not fit --head: row 5'),
    ])
    expect(wrong.stdout).toContain('Either the log was changed or --head is not from this log.')
    expect((await verify('--head', `${seq + 7}:${hash}`)).stdout).toContain('Either the log')
    expect((await verify('--head', 'nonsense')).code).toBe(64)

    const { stdout } = await verify('--head', `${seq}:${hash}`)
    const [, kept = ''] = /--head (\S+)\n$/.exec(stdout) ?? []
    expect(kept).toBe(`${seq}:${hash}`)
    expect((await verify('--head', kept)).code).toBe(0)
  })
})

function lastRow(path: string): { seq: number; hash: string } {
  const db = new Database(path, { readonly: true })
  const row = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM log_head').get()
  db.close()
  if (!row) throw new Error('the log has no head')
  return row
}

describe('a door that cannot start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('lists every mistake of its config at once, and starts nothing', async () => {
    const path = join(folder, 'config.json')
    writeFileSync(
      path,
      JSON.stringify({
        doorId: 'a door',
        doorName: 'Door',
        dataDir: join(folder, 'data'),
        hardware: 'magic',
        link: 'none',
        clock: 'host',
        passcodeDigits: 4,
        keypad: { port: 70_000, colour: 'red' },
        lock: { unlockHoldMs: 'long' },
      }),
    )
    const { code, stderr, stdout } = await smartDoor(['run', '--config', path])
    expect([code, stdout]).toEqual([78, ''])
    for (const part of [
      'doorId',
      'hardware',
      'passcodeDigits',
      'keypad.port',
      'keypad.colour',
      'lock.unlockHoldMs',
    ]) {
      expect(stderr).toContain(`  - ${part}`)
    }
    expect(readdirSync(folder)).toEqual(['config.json'])
  })

  it('says what is wrong with the file itself', async () => {
    const missing = await smartDoor(['run', '--config', join(folder, 'none.json')])
    expect([missing.code, missing.stderr]).toEqual([
      78,
      expect.stringContaining('cannot be read (ENOENT). "smart-door config example" prints one'),
    ])
    writeFileSync(join(folder, 'bad.json'), '{')
    const bad = await smartDoor(['run', '--config', join(folder, 'bad.json')])
    expect([bad.code, bad.stderr]).toEqual([78, expect.stringContaining('not valid JSON')])
  })

  it('ends when whoever started it is gone, if it was told to', async () => {
    const door = await runDoor({ startNow: false })
    try {
      const program = fileURLToPath(new URL('../../../device/cli/smart-door.ts', import.meta.url))
      const args = [program, 'run', '--until-stdin-ends', '--config', door.configPath]
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      await expect.poll(() => door.home.daemonThere()).toBe(true)
      child.stdin.end()
      expect(await ended).toEqual([0, null])
    } finally {
      await door.close()
    }
  })
})

describe('a command that cannot be carried out', () => {
  it.each([
    [['open-sesame'], 'There is no command "open-sesame".'],
    [[], 'Which command?'],
    [['explain', '--config', 'x'], 'Which visit or event?'],
    [['explain', '1', '2'], '"2" is one word too many.'],
    [['run', 'now'], '"now" is one word too many.'],
    [['verify-log', '--colour'], "Unknown option '--colour'."],
    [['run', '--config'], "Option '--config <value>' argument missing"],
  ])('names the mistake: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await smartDoor(args)
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr.split('\n')[0]).toBe(sentence)
    expect(stderr).toContain('smart-door run')
  })

  it.each([['--help'], ['-h'], ['run', '--help']])('is explained: %s', async (...args) => {
    const { code, stdout } = await smartDoor(args)
    expect([code, stdout]).toEqual([0, expect.stringContaining('smart-door explain VISIT')])
  })

  it('tells its version', async () => {
    const { code, stdout } = await smartDoor(['--version'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^smart-door \d+\.\d+\.\d+\n$/)])
  })

  it.each([['explain', '1'], ['verify-log']])('only looks: %s %s', async (...args) => {
    const door = await runDoor({ startNow: false })
    const { code, stderr } = await smartDoor([...args, '--config', door.configPath])
    await door.close()
    expect(code).toBe(1)
    expect(stderr).toBe(
      `There is no log in ${join(door.folder, 'data')} yet: this door has never been started.\n`,
    )
    const wrong = await smartDoor([...args, '--config', '/nowhere/config.json'])
    expect(wrong.stderr).not.toContain('started')
  })
})
