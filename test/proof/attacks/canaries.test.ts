/** Secrets of a door and of its visitors, searched for wherever an attacker may read. */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import {
  closeSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { issueCode } from '../../../cloud/passcodes/issue-code.ts'
import { oneTimeCredential } from '../../../protocol/messages/cloud.ts'
import { derivePasscode, oneTimeDigits } from '../../../protocol/passcode.ts'
import { codeIn } from '../../../simulation/cloud/inbox.ts'
import { freePort } from '../../../simulation/door/free-port.ts'
import { programsOf } from '../../support/child-programs.ts'
import { cloudHome, doorId, household, newId } from '../../support/cloud/cloud-home.ts'
import { type IotHome, iotHome } from '../../support/door/iot-home.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { describeProof } from '../../support/effort.ts'
import { recordFigure } from '../../support/figure.ts'
import { cloudName } from '../../support/network/broker.ts'
import { type BrokerClient, brokerClient } from '../../support/network/broker-client.ts'
import { root } from '../../support/project-files.ts'
import { ask, cookieIn } from '../../support/tablets/tablet-client.ts'

/** By what it is; each in every form in which it could be written. */
type Canaries = ReadonlyMap<string, readonly Buffer[]>

const asText = (text: string): Buffer[] => [
  Buffer.from(text),
  Buffer.from(text, 'utf16le'),
  Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '')),
]
const asBytes = (bytes: Buffer): Buffer[] => [
  bytes,
  ...(['hex', 'base64', 'base64url'] as const).flatMap((form) =>
    asText(bytes.toString(form).replace(/=+$/, '')),
  ),
]

const foundIn = (canaries: Canaries, place: Buffer): string[] =>
  [...canaries].flatMap(([what, forms]) =>
    forms.some((form) => place.includes(form)) ? [what] : [],
  )

/** Of the daemon and its child programs: what every user of the machine may list. */
const processList = (pid: number): Buffer =>
  Buffer.from(
    [pid, ...programsOf(pid).map((child) => child.pid)]
      .flatMap((one) =>
        ['cmdline', 'environ', 'comm'].map((file) => readOr(`/proc/${one}/${file}`)),
      )
      .join('\n'),
  )

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const until = (holds: () => boolean): Promise<void> =>
  vi.waitFor(() => {
    if (!holds()) throw new Error(`not so: ${holds}`)
  }, 60_000)

const filesBelow = (folder: string): Buffer =>
  Buffer.concat(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  )

describeProof('at a door', () => {
  let home: IotHome
  let ear: BrokerClient
  const heard: string[] = []
  const seen: Buffer[] = []
  const canaries = new Map<string, readonly Buffer[]>()

  beforeAll(async () => {
    const port = await freePort(0)
    home = await iotHome({
      config: { tablets: { host: '127.0.0.1', port, names: ['door.local'] } },
    })
    const { broker, ca, door } = home
    ear = await brokerClient({
      ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'ear', filters: ['#'] },
      hear: ({ topic, text }) => void heard.push(`${topic} ${text}`),
    })
    await door.start()
    await until(() => door.output.join().includes('tablets can connect'))
    const grantId = newId()
    const code = derivePasscode(door.doorKey, grantId, oneTimeDigits)
    const wrong = String(10 ** 7 + randomInt(10 ** 7))
    await grant(grantId)
    seen.push(processList(door.pid()))
    expect((await door.enter(code)).outcome).toBe('accepted')
    expect((await door.enter(code)).outcome).toBe('denied')
    expect((await door.enter(wrong)).outcome).toBe('denied')
    const cookie = await pairedTablet(port)
    await ask(port, '/api/code', { cookie, body: JSON.stringify({ code: wrong }) })
    await ask(port, `/api/state?code=${code}`, { cookie })
    seen.push(processList(door.pid()))
    await until(() => heard.join().includes('/evt/entry-refused'))
    canaries.set('code', asText(code))
    canaries.set('wrong code', asText(wrong))
    canaries.set('token of a tablet', asText(cookie.split('=')[1] ?? ''))
    canaries.set('door key', asBytes(door.doorKey))
  })
  afterAll(async () => {
    await ear.close()
    await home.close()
  })

  async function grant(grantId: string): Promise<void> {
    const nowMs = Date.now()
    const visitor = { visitorId: newId(), visitorName: 'Robin', language: 'en' } as const
    const life = { notBeforeMs: nowMs, expiresAtMs: nowMs + 300_000 }
    await until(() => home.heard.some(({ type }) => type === 'resync-wanted'))
    const asked = home.heard.find((message) => message.type === 'resync-wanted')
    if (asked?.type !== 'resync-wanted') throw new Error('The door did not ask for its state.')
    const none = { credentials: [], removedVisitors: [], settings: null }
    await home.tell({ type: 'state', answers: asked.ask, ...none })
    const credential = oneTimeCredential({
      ...{ grantId, visitId: null, digits: oneTimeDigits, ...visitor, ...life },
    })
    await home.tell({ type: 'grant', credential })
    await until(() => heard.join().includes('/evt/grant-stored'))
  }

  async function pairedTablet(port: number): Promise<string> {
    const { stdout } = await smartDoor('keypad', 'pair', 'Hall', '--config', home.door.configPath)
    const [code = ''] = /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(stdout) ?? []
    canaries.set('pairing code', asText(code))
    return cookieIn(await ask(port, '/pairing/code', { body: JSON.stringify({ code }) }))
  }

  const places: readonly [string, () => Buffer][] = [
    ['its log', () => Buffer.from(home.door.output.join('\n'))],
    ['its database and other files', () => filesBelow(join(home.door.folder, 'data'))],
    ['the process list', () => Buffer.concat(seen)],
    ['MQTT', () => Buffer.from(heard.join('\n'))],
  ]

  test.each(places)('none is in %s', (_, place) => {
    expect(place().length).toBeGreaterThan(100)
    expect(foundIn(canaries, place())).toEqual([])
    // The control: the search finds each of them beside all the rest.
    for (const [what, forms] of canaries) {
      for (const form of forms)
        expect(foundIn(canaries, Buffer.concat([place(), form]))).toContain(what)
    }
  })

  test('none is in a core dump, as the unit allows none', async (context) => {
    const unit = readFileSync(join(root, 'systemd/smart-door.service'), 'utf8')
    const limit = /^LimitCORE=(\S+)$/m.exec(unit)?.[1] ?? 'unlimited'
    const folder = mkdtempSync(join(tmpdir(), 'smart-door-core-'))
    try {
      const core = join(folder, 'gcore')
      const { status } = spawnSync('gcore', ['-o', core, String(home.door.pid())], {
        stdio: 'ignore',
      })
      expect(status).toBe(0)
      const key = Buffer.from(home.door.doorKey)
      // The control: a dump would have it, and is made where the limit allows it.
      const [dump = ''] = globSync(`${core}.*`)
      expect(isInFile(dump, key)).toBe(true)
      expect(coresWith('unlimited', join(folder, 'unlimited'))).toBe(1)
      expect(coresWith(limit, join(folder, 'limited'))).toBe(0)
      recordFigure(context, `${canaries.size} secrets of the door, 4 of the cloud`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

const blockBytes = 64 * 1024 * 1024

/** In blocks, because a dump may be too large for one buffer. */
function isInFile(path: string, wanted: Buffer): boolean {
  const file = openSync(path, 'r')
  const block = Buffer.alloc(blockBytes)
  try {
    for (let at = 0; ; at += blockBytes - wanted.length) {
      const length = readSync(file, block, 0, blockBytes, at)
      if (block.subarray(0, length).includes(wanted)) return true
      if (length < blockBytes) return false
    }
  } finally {
    closeSync(file)
  }
}

/** How many core dumps a Node that aborts leaves behind. */
function coresWith(limit: string, folder: string): number {
  mkdirSync(folder)
  const line = `ulimit -c ${limit} && exec "$0" -e 'process.abort()'`
  spawnSync('bash', ['-c', line, process.execPath], { cwd: folder })
  return readdirSync(folder).length
}

describeProof('in the cloud', () => {
  const phone = '+15550104711'

  test('no phone, name, mail address or code is in a log, and no phone goes to a door', async () => {
    const lines: string[] = []
    const write = (data: object, text: string) => void lines.push(JSON.stringify({ text, ...data }))
    const home = await cloudHome({ log: { info: write, warn: write, error: write } })
    try {
      const visitor = {
        ...{
          household,
          visitorId: newId(),
          revision: 0,
          name: 'Kim Lake',
          language: 'en' as const,
        },
        contact: { prefers: 'sms' as const, phone, email: 'kim@example.org' },
        ...{ photo: null, remembersFace: false, faceIds: [], createdAtMs: 1 },
        ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
      }
      const door = { household, doorId }
      await home.deps.visitors.put(visitor)
      await issueCode(home.deps, { door, visitor, visitId: newId(), why: 'the owner allowed it' })
      await home.settled()
      const code = codeIn(home.aws.texts[0]?.body ?? '') ?? ''
      expect(code).toMatch(/^\d{8}$/)
      const secrets = new Map([
        ['phone', asText(phone)],
        ['name', asText('Kim Lake')],
        ['mail address', asText('kim@example.org')],
        ['code', asText(code)],
        ['door key', asBytes(Buffer.from(home.doorKey))],
      ])
      expect(lines.length).toBeGreaterThan(0)
      expect(foundIn(secrets, Buffer.from(lines.join('\n')))).toEqual([])
      // The door greets by name.
      expect(foundIn(secrets, Buffer.from(JSON.stringify(home.told)))).toEqual(['name'])
    } finally {
      await home.close()
    }
  })
})
