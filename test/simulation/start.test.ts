import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answerMail } from '../../simulation/cloud/answer-mail.ts'
import { codeIn } from '../../simulation/cloud/inbox.ts'
import { freePort } from '../../simulation/door/free-port.ts'
import { openDataFolder } from '../../simulation/home/data-folder.ts'
import { parseOptions } from '../../simulation/start-options.ts'
import { smartDoor } from '../support/door/smart-door.ts'
import { testProof } from '../support/effort.ts'
import {
  childrenOf,
  isRunning,
  type StartedSimulation,
  startSimulation,
} from '../support/started-simulation.ts'

const program = fileURLToPath(new URL('../../simulation/start.ts', import.meta.url))

let ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
})

async function start(args: readonly string[] = []): Promise<StartedSimulation> {
  const started = await startSimulation(args)
  ends.push(() => started.end())
  return started
}

/** The code that a visitor gets after the owner has allowed the visit by mail. */
async function codeFor(person: string, home: StartedSimulation): Promise<string> {
  const before = await home.state()
  const texts = Object.values(before.phones).flat().length
  await home.post('arrive', { person })
  await expect.poll(async () => (await home.state()).mailbox.length).toBe(before.mailbox.length + 1)
  const mail = (await home.state()).mailbox.at(-1)
  if (!mail) throw new Error('The mail is gone again.')
  await answerMail(mail, { decision: 'allow', name: 'Robin', phone: '+4917012345678' })
  const received = async () => Object.values((await home.state()).phones).flat()
  await expect.poll(async () => (await received()).length).toBe(texts + 1)
  return codeIn((await received()).at(-1)?.text ?? '') ?? ''
}

/** The door reports at times of its own; what a person does is in the timeline at once. */
const actions = async ({ timeline }: StartedSimulation): Promise<string[]> =>
  (await timeline()).filter(({ who }) => who === 'you').map(({ sentence }) => sentence)

const happened = async ({ timeline }: StartedSimulation): Promise<string[]> =>
  (await timeline()).map(({ sentence }) => sentence)

const typed = async (home: StartedSimulation, code: string): Promise<unknown> =>
  (await home.post('press', { code })).json()

describe('a home on this computer', () => {
  testProof('is as new after a reset', async () => {
    const home = await start()
    await home.post('arrive', { person: 'visitor-2' })
    await expect.poll(async () => (await home.state()).visits.length).toBe(1)
    expect((await home.post('reset')).status).toBe(204)
    const { visits, scene, door } = await home.state()
    expect([visits, scene, door.visitNumber]).toEqual([[], [], null])
    await home.post('arrive', { person: 'visitor-2' })
    await expect.poll(async () => (await home.state()).door.visitNumber).toBe(1)
  })

  testProof('reports when the daemon dies by itself, and starts it again', async () => {
    const home = await start()
    const [daemon = 0] = childrenOf(home.pid)
    process.kill(daemon, 'SIGKILL')
    await expect.poll(() => home.printed.join('\n')).toContain('The door was ended by SIGKILL.')
    await expect.poll(() => home.printed).toContain('The door is back.')
    expect(isRunning(daemon)).toBe(false)
  })
})

describe('npm start', () => {
  testProof.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing behind after %s',
    async (signal) => {
      const home = await start()
      const [daemon = 0] = childrenOf(home.pid)
      const folder = dataFolderOf(daemon)
      expect(existsSync(folder)).toBe(true)
      expect(await home.end(signal)).toBe(0)
      expect(isRunning(daemon)).toBe(false)
      expect(existsSync(folder)).toBe(false)
    },
  )

  testProof('ends with npm', async () => {
    const port = String(await freePort(0))
    const npm = spawn('npm', ['start', '--', '--port', port, '--no-recording'], { detached: true })
    const group = -(npm.pid ?? 0)
    ends.push(() => {
      if (isRunning(group)) process.kill(group, 'SIGKILL')
    })
    const printed: string[] = []
    createInterface({ input: npm.stdout }).on('line', (line) => printed.push(line))
    await expect
      .poll(() => printed, { timeout: 60_000 })
      .toContainEqual(expect.stringMatching(/^Ready/))
    const started = descendantsOf(npm.pid ?? 0)
    const folder = started.map(dataFolderOf).find(Boolean) ?? ''
    expect(existsSync(folder)).toBe(true)
    npm.kill('SIGTERM')
    await expect.poll(() => started.filter(isRunning), { timeout: 10_000 }).toEqual([])
    expect(existsSync(folder)).toBe(false)
  })

  testProof('ends the daemon even when it is killed', async () => {
    const home = await start()
    const [daemon = 0] = childrenOf(home.pid)
    const folder = dataFolderOf(daemon)
    ends.push(() => rmSync(folder, { recursive: true, force: true }))
    await home.end('SIGKILL')
    await expect.poll(() => isRunning(daemon)).toBe(false)
  })

  testProof('leaves nothing behind after two signals while the daemon is stuck', async () => {
    const home = await start()
    const [daemon = 0] = childrenOf(home.pid)
    const folder = dataFolderOf(daemon)
    process.kill(daemon, 'SIGSTOP')
    process.kill(home.pid, 'SIGINT')
    // It has handled the first signal when its page is gone; two at once would count as one.
    await expect.poll(() => home.state().catch(() => 'gone')).toBe('gone')
    expect(await home.end('SIGINT')).toBe(1)
    await expect.poll(() => isRunning(daemon)).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })

  testProof('leaves nothing behind when it is stopped before the daemon is ready', async () => {
    const child = spawn(process.execPath, [program, '--port', String(await freePort(0))])
    const ended = once(child, 'close')
    const started = () => childrenOf(child.pid ?? 0)
    const foldersOf = (all: readonly number[]) => all.map(dataFolderOf).filter(Boolean)
    await expect.poll(() => foldersOf(started())).toHaveLength(1)
    const pids = started()
    const folders = foldersOf(pids)
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    await expect.poll(() => pids.filter(isRunning)).toEqual([])
    expect(folders.filter((folder) => existsSync(folder))).toEqual([])
  })

  testProof('goes on from a given folder: used codes, visitors, mails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'start-test-'))
    ends.push(() => rmSync(folder, { recursive: true }))
    const first = await start(['--data', folder])
    const used = await codeFor('visitor-1', first)
    await typed(first, used)
    await first.post('leave')
    await first.post('clock', { jumpSeconds: 60 })
    const { mailbox } = await first.state()
    await first.end()
    expect(statSync(join(folder, 'door-key')).mode & 0o777).toBe(0o600)
    const key = readFileSync(join(folder, 'door-key'), 'utf8')

    const second = await start(['--data', folder])
    expect(readFileSync(join(folder, 'door-key'), 'utf8')).toBe(key)
    expect(await typed(second, used)).toMatchObject({ outcome: 'denied' })
    await expect
      .poll(() => happened(second))
      .toContainEqual(expect.stringContaining('it had been used before'))
    const texted = async () => Object.values((await second.state()).phones).flat().length
    await second.post('arrive', { person: 'visitor-1' })
    await expect.poll(texted).toBe(2)
    // The pages are on another port now, and the links in old mails lead there.
    const [mail] = (await second.state()).mailbox
    const { web } = (await second.state()).urls
    expect(mail).toMatchObject({ id: mailbox[0]?.id, links: [expect.stringContaining(web)] })
    expect(mail?.html).toContain(web)
    expect((await fetch(mail?.links[0] ?? '')).status).toBe(200)
    const stops = (await happened(second)).filter((one) => one.includes('was stopped'))
    expect(stops.length).toBeLessThan(2)
    expect((await second.state()).visits.at(-1)).toMatchObject({ number: 1, state: 'entered' })
    expect((await second.state()).visits.at(0)).toMatchObject({ number: 2, people: ['Robin'] })
    const stateNow = async (home: StartedSimulation) => (await home.state()).visits[0]?.state
    await expect.poll(() => stateNow(second)).toBe('code-sent')
    await second.end()
    const third = await start(['--data', folder])
    expect(await stateNow(third)).toBe('code-sent')
    await third.end()
    expect(readdirSync(folder)).toContain('door-key')
  })

  testProof('takes other ports where its own are taken, and says so', async () => {
    const other = createServer()
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
    ends.push(() => other.close())
    const address = other.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    const home = await start(['--port', String(taken)])
    expect(home.printed).toContain(
      `Port ${taken} is taken, so ${new URL(home.url).port} is used for the control room.`,
    )
    expect((await home.state()).door.running).toBe(true)
  })

  testProof('refuses a folder that another one uses', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'start-test-'))
    ends.push(() => rmSync(folder, { recursive: true }))
    const first = await start(['--data', folder])
    const config = readFileSync(join(folder, 'config.json'), 'utf8')
    const { status, stderr } = run('--port', String(await freePort(0)), '--data', folder)
    expect(status).toBe(1)
    expect(stderr).toBe(`Another smart-door is running in ${folder}: stop it first.\n`)
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(config)
    expect((await first.state()).door.running).toBe(true)
  })

  testProof('gives up at once on a door that cannot start, and says why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'start-test-'))
    ends.push(() => rmSync(folder, { recursive: true }))
    openDataFolder(folder).leave()
    mkdirSync(join(folder, 'door'))
    writeFileSync(join(folder, 'door', 'door.sqlite'), 'other notes')
    const { status, stderr } = run('--port', String(await freePort(0)), '--data', folder)
    expect(status).toBe(1)
    expect(stderr).toBe(
      `${join(folder, 'door', 'door.sqlite')} is not a smart-door's database: name another file.\n`,
    )
  })

  test('says in a sentence which folder it cannot use', () => {
    const { status, stderr } = run('--data', '/etc/passwd')
    expect([status, stderr]).toEqual([1, '/etc/passwd is a file, not a folder.\n'])
  })

  testProof('prints how to read the log, in a form that works', async () => {
    const home = await start()
    await home.post('bell')
    await expect.poll(() => happened(home)).toContain('The bell rang.')
    const line = home.printed.find((one) => one.startsWith('Its log')) ?? ''
    const [, explain = '', verify = ''] =
      /npm run smart-door -- (explain 1 --config \S+), or (verify-log --config \S+)$/.exec(line) ??
      []
    const explained = await smartDoor(...explain.split(' '))
    expect([explained.code, explained.stdout]).toEqual([
      0,
      expect.stringContaining('Visit 1 began'),
    ])
    expect((await smartDoor(...verify.split(' '))).code).toBe(0)
  })

  test.each([
    [['--port', 'many'], '--port takes a number from 1 to 65335.'],
    [
      ['--port', '65336'],
      '--port takes a number from 1 to 65335: other pages are up to 200 further.',
    ],
    [['--prot', '4000'], "Unknown option '--prot'."],
    [['--data', ''], '--data takes the path of a folder.'],
    [['now'], "Unexpected argument 'now'."],
  ])('names the mistake in %j', (args, sentence) => {
    const parsed = parseOptions(args)
    const mistake = 'mistake' in parsed ? parsed.mistake : ''
    expect(mistake.split('\n')[0]).toContain(sentence.replace(/\.$/, ''))
    expect(mistake).toContain('--data DIR')
  })

  test('refuses a wrong option with exit code 64', () => {
    const { status, stdout, stderr } = run('--prot', '4000')
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toContain("Unknown option '--prot'")
  })

  test.each(['-h', '--help'])('explains itself with %s', (option) => {
    expect(parseOptions([option])).toEqual({ answer: expect.stringContaining('--data DIR') })
  })

  test('prints its version', () => {
    expect(parseOptions(['--version'])).toEqual({
      answer: expect.stringMatching(/^smart-door \d+\.\d+\.\d+$/),
    })
  })
})

/** Started without ffmpeg, so that it is known to do without. */
describe('a home that runs', () => {
  let home: StartedSimulation
  let programs: string
  beforeAll(async () => {
    programs = programsWithout('ffmpeg')
    home = await startSimulation([], { recordings: true, path: programs })
  })
  afterAll(async () => {
    const [daemon = 0] = childrenOf(home.pid)
    const folder = dataFolderOf(daemon)
    expect(existsSync(folder)).toBe(true)
    expect(await home.end()).toBe(0)
    expect([isRunning(daemon), existsSync(folder)]).toEqual([false, false])
    rmSync(programs, { recursive: true })
  })

  test('prints what to install for recordings, and goes on with snapshots', async () => {
    const [line, ...others] = home.printed.filter((one) => one.includes('ffmpeg'))
    expect(line).toContain('sudo apt-get install ffmpeg')
    expect(others).toEqual([])
    expect(home.printed.filter((one) => one.includes('Warning'))).toEqual([])
  })

  test('admits a visitor whom the owner allowed, greets them by name, locks again, and says why', async () => {
    const code = await codeFor('visitor-1', home)
    const { door, mailbox } = await home.state()
    expect(mailbox.at(-1)?.pictures).toHaveLength(1)
    expect(await typed(home, code)).toMatchObject({ outcome: 'accepted', visitorName: 'Robin' })
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    await home.post('clock', { jumpSeconds: 6 })
    expect((await home.state()).door.lock).toBe('closed')
    expect(await typed(home, code)).toMatchObject({ outcome: 'denied' })
    const { visits } = await home.state()
    expect(visits.find(({ number }) => number === door.visitNumber)).toMatchObject({
      state: 'entered',
      reason: 'the owner allowed it',
      people: ['Robin', 'stranger 1'],
    })
    const visit = (await home.timeline()).filter((entry) => entry.visit === door.visitNumber)
    expect(visit.map(({ sentence }) => sentence)).toEqual(
      expect.arrayContaining([
        'The owner is asked: no one on file looks like the visitor.',
        'The owner allowed the visitor.',
        'Robin typed a valid code. The lock opened for 5 s.',
      ]),
    )
    await home.post('leave')
  })

  test('refuses what it does not understand, in a sentence', async () => {
    const refused = async (path: string, body: object) => {
      const response = await home.post(path, body)
      return [response.status, await response.json()]
    }
    const notUnderstood = (field: string, wanted: string) => [
      400,
      {
        problem: 'not-understood',
        sentence: `This is not understood: ${field}. It takes ${wanted}.`,
      },
    ]
    expect(await refused('press', { code: 'open' })).toEqual(
      notUnderstood('code', '4 to 12 digits, as a text'),
    )
    expect(await refused('press', {})).toEqual(notUnderstood('code', '4 to 12 digits, as a text'))
    expect(await refused('arrive', { person: '../etc' })).toEqual(
      notUnderstood('person', 'a name of up to 40 letters, digits, “-” or “_”'),
    )
    expect(await refused('network', { up: 'yes' })).toEqual(notUnderstood('up', 'true or false'))
    expect(await refused('trouble', { slowMs: -1 })).toEqual(
      notUnderstood('slowMs', 'a whole number from 0 to 60000'),
    )
    expect(await refused('bell', { loud: true })).toEqual(notUnderstood('loud', 'nothing, or {}'))
    expect(await refused('contact', { ajar: 1, open: true })).toEqual(
      notUnderstood('ajar', 'an object with "open" (true or false)'),
    )
    expect(await refused('clock', { jumpSeconds: -60, whose: 'everybody' })).toEqual([
      409,
      expect.objectContaining({ sentence: expect.stringContaining('cannot run backwards') }),
    ])
  })

  test.each(['nope', 'null', '[]', '"x"', '1'])('refuses the body %s', async (body) => {
    const headers = { 'content-type': 'application/json' }
    for (const path of ['arrive', 'reset']) {
      const sent = await fetch(`${home.url}/api/${path}`, { method: 'POST', headers, body })
      expect(sent.status).toBe(400)
    }
    expect((await home.state()).scene).toEqual([])
  })

  test('adds no entry for a person who leaves without having been there', async () => {
    const before = await actions(home)
    expect((await home.post('leave', { person: 'visitor-3' })).status).toBe(204)
    expect(await actions(home)).toEqual(before)
  })

  test('describes trouble in words', async () => {
    await home.post('trouble', { camera: false, loseTexts: 1 })
    await home.post('trouble', { camera: true, loseTexts: 0 })
    expect((await actions(home)).slice(-2)).toEqual([
      'The next text will be lost. You unplugged the camera.',
      'No text will be lost. You plugged the camera in.',
    ])
  })

  test('that cannot reach the door is not reported as done', async () => {
    await home.post('network', { up: false })
    await expect.poll(async () => (await home.state()).door.online).toBe(false)
    const response = await home.post('unlock')
    expect([response.status, await response.json()]).toEqual([
      409,
      {
        problem: 'no-answer',
        sentence: 'Nothing was done, because the door could not be reached.',
      },
    ])
    expect(await happened(home)).toContain(
      'The owner tried to open the door remotely, but it could not be reached.',
    )
    await home.post('network', { up: true })
    await expect.poll(async () => (await home.state()).door.online).toBe(true)
    expect((await home.post('unlock')).status).toBe(204)
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    await home.post('clock', { jumpSeconds: 6 })
  })

  test('takes no body for an empty object', async () => {
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${home.url}/api/bell`, { method: 'POST', headers })).status).toBe(204)
  })

  test('obeys its own page only', async () => {
    const headers = { 'content-type': 'application/json', origin: 'http://elsewhere.example' }
    const url = `${home.url}/api/unlock`
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(403)
    expect((await home.state()).door.lock).toBe('closed')
  })

  test('reaches the door: bell, exit button, contact', async () => {
    await home.post('bell')
    await home.post('exit-button')
    await expect.poll(async () => (await home.state()).door.lock).toBe('open')
    await home.post('contact', { open: true })
    await expect.poll(async () => (await home.state()).door.contact).toBe('open')
    await home.post('contact', { open: false })
    await expect
      .poll(() => happened(home))
      .toEqual(
        expect.arrayContaining([
          'The bell rang.',
          'The exit button opened the lock for 5 s.',
          'The door was opened.',
        ]),
      )
    expect((await home.state()).door.visitNumber).toEqual(expect.any(Number))
  })

  test('shows how long the keypad is paused', async () => {
    for (let nth = 0; nth < 8; nth += 1) {
      if (nth > 3) await home.post('clock', { jumpSeconds: 17 })
      await home.post('press', { code: '00000000' })
    }
    await expect.poll(async () => (await home.state()).door.keypad).toBe('paused')
    await home.post('press', { code: '00000000' })
    expect(await happened(home)).toContain('The code was not checked: the keypad is paused.')
    const { now, door } = await home.state()
    expect((door.lockedOutUntil ?? 0) - now).toBeGreaterThan(20_000)
    await home.post('clock', { jumpSeconds: 31 })
    await expect.poll(async () => (await home.state()).door.lockedOutUntil).toBe(null)
  })
})

/** Every program of this machine except one. */
function programsWithout(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'))
  for (const one of readdirSync('/usr/bin')) {
    if (one !== name) symlinkSync(join('/usr/bin', one), join(folder, one))
  }
  return folder
}

/** For calls that end by themselves. */
const run = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })

const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])

/** The folder of the daemon's config file, from its command line. */
const dataFolderOf = (daemon: number): string =>
  readFileSync(`/proc/${daemon}/cmdline`, 'utf8').match(/([^\0]+)\/config\.json/)?.[1] ?? ''
