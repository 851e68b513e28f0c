/** The first page, and unlocking a door from it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { doorId, newId, snapshotKey } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'
import { strangerRings } from '../../../support/cloud/web-home.ts'

const words = consoleWords.en
let home: ConsoleHome
beforeEach(async () => {
  home = await consoleHome()
})
afterEach(() => home.close())

test('shows who waits, until it is decided', async () => {
  const { request } = await strangerRings(home)
  const { text } = await home.open('/')
  expect(text).toContain('A visitor is at Front door')
  expect(text).toContain(`href="/requests/${request}"`)
  const face = /src="(\/faces\/[^"]+)"/.exec(text)?.[1] ?? ''
  const picture = await home.open(face)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  home.cloud.clock.advance(15 * 60_000)
  expect((await home.open('/')).text).not.toContain(request)
})

test('shows the last snapshot of a door', async () => {
  const { visitId } = await strangerRings(home)
  const { text } = await home.open('/')
  const keys = text.match(/\/snapshots\/[^"]+/g) ?? []
  expect(keys).toHaveLength(1)
  expect(keys[0]).toContain(visitId)
  expect((await home.open(keys[0] ?? '')).status).toBe(200)
  expect((await home.open(`/${snapshotKey(visitId, 1)}`)).status).toBe(404)
})

test('shows what the door reported, whatever the order of its messages', async () => {
  expect((await home.open('/')).text).toContain(words.home.neverHeard)
  await home.cloud.says({
    type: 'door-state',
    lock: 'locked',
    contact: 'closed',
    pausedForMs: 0,
    visitId: null,
    settingsRevision: 1,
  })
  expect((await home.open('/')).text).toContain('Locked</span>, closed')
  await home.cloud.says({ type: 'door-opened' })
  expect((await home.open('/')).text).toContain('Locked</span>, open')
  await home.cloud.says({ type: 'lock-failed', action: 'close', detail: 'stuck' })
  expect((await home.open('/')).text).toContain(words.home.lock.failed)
})

async function unlock() {
  const page = await home.open('/')
  const nonce = /name="nonce" value="(\w+)"/.exec(page.text)?.[1] ?? ''
  const { location } = await home.send(`/doors/${doorId}/unlock`, { nonce })
  return { nonce, at: location ?? '' }
}
const saying = async (at: string) => /<h1>([^<]*)/.exec((await home.open(at)).text)?.[1]

test('unlocks a door, and says what the door answered', async () => {
  const { nonce, at } = await unlock()
  const by = 'member olivia'
  expect(home.cloud.told.at(-1)?.body).toMatchObject({ type: 'unlock', by, nonce })
  expect(await saying(at)).toBe(words.unlock.asking)
  await home.cloud.says({
    type: 'unlock-accepted',
    origin: 'cloud',
    by,
    commandId: nonce,
    visitId: null,
    holdMs: 5_000,
  })
  expect(await saying(at)).toBe('Front door is unlocked')
  const repeated = { type: 'request-refused', origin: 'cloud', by, request: 'unlock' } as const
  await home.cloud.says({ ...repeated, commandId: nonce, reason: 'repeated' })
  expect(await saying(at)).toBe('Front door is unlocked')
})

test('says that a door refused, and why', async () => {
  const { nonce, at } = await unlock()
  await home.cloud.says({
    type: 'request-refused',
    origin: 'cloud',
    by: 'x',
    commandId: nonce,
    request: 'unlock',
    reason: 'door-locked',
  })
  expect((await home.open(at)).text).toContain(words.unlock.reasons['door-locked'])
})

test('says that a door did not answer', async () => {
  const { at } = await unlock()
  home.cloud.clock.advance(14_000)
  expect(await saying(at)).toBe(words.unlock.noAnswer)
})

test('a form that is sent twice is one command', async () => {
  const page = await home.open('/')
  const nonce = /name="nonce" value="(\w+)"/.exec(page.text)?.[1] ?? ''
  for (const _ of [1, 2]) await home.send(`/doors/${doorId}/unlock`, { nonce })
  const nonces = home.cloud.told.flatMap(({ body }) => ('nonce' in body ? [body.nonce] : []))
  expect(new Set(nonces)).toEqual(new Set([nonce]))
})

test('a door without the ability says so', async () => {
  await home.cloud.deps.introductions.put(
    { household: 'maple-street', doorId },
    { protocol: 1, software: '0.2.0', capabilities: [], atMs: 1 },
  )
  const { status, text } = await home.send(`/doors/${doorId}/unlock`, { nonce: newId() })
  expect([status, text.includes(words.unlock.notSupported)]).toEqual([409, true])
})
