/** The answer to an approval request in the console, and what an answer by mail sees of it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { translations } from '../../../../cloud/translations/translations.ts'
import { doorId, household } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'
import { type Asked, requestIn, strangerRings } from '../../../support/cloud/web-home.ts'

const words = consoleWords.en.request
const shared = translations.en.approvalPage
let home: ConsoleHome
let asked: Asked
let at = ''
beforeEach(async () => {
  home = await consoleHome()
  asked = await strangerRings(home)
  at = `/requests/${asked.request}`
})
afterEach(() => home.close())

const robin = { name: 'Robin Vale', phone: '+49 151 23456789' }
const allow = (fields: Record<string, string> = robin, as?: 'owner' | 'member') =>
  home.send(`${at}/allow`, { face: asked.face, language: 'en', validity: 'day', ...fields }, as)
const deny = (fields = {}) => home.send(`${at}/deny`, { face: asked.face, ...fields })
const decision = async () => (await requestIn(home.cloud, asked.request))?.decision ?? null
const visitors = () => home.cloud.deps.visitors.list(household)
const statuses = () =>
  home.cloud.told.flatMap(({ body }) => (body.type === 'visit-status' ? [body.status] : []))
const live = () => home.cloud.deps.passcodes.live({ household, doorId }, home.cloud.clock.nowMs())

test('asks, lets in with a code, and says so to every owner', async () => {
  expect((await home.open(at)).text).toContain('Who is at Front door?')
  const { status, location } = await allow()
  expect([status, location]).toEqual([303, `${at}?code=on-its-way`])
  await home.cloud.settled()
  expect(home.cloud.aws.texts.at(-1)?.to).toBe('+4915123456789')
  const { text } = await home.open(location ?? '')
  expect(text).toContain(words.decided.allowed)
  expect(text).toContain(shared.codes['on-its-way'])
  // The mail's link shows the same decision.
  const byMail = await fetch(`${home.origin}/approve/show`, {
    method: 'POST',
    headers: { origin: home.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ request: asked.request, token: asked.token }),
  })
  expect(await byMail.text()).toContain('Already allowed by owner@example.org')
})

test('shows the form again as it was typed, with what is wrong', async () => {
  const { status, text } = await allow({ name: '<b>Robin</b>', phone: '123' })
  expect(status).toBe(422)
  expect(text).toContain('value="&lt;b&gt;Robin&lt;/b&gt;"')
  expect(text).toContain(shared.problems['not-international'])
  expect(await decision()).toBeNull()
})

test('lists what was asked, and what became of it', async () => {
  const states = consoleWords.en.requests.states
  expect((await home.open('/requests')).text).toContain(states.open)
  await deny()
  expect((await home.open('/requests')).text).toContain(states.denied)
  home.cloud.clock.advance(8 * 86_400_000)
  expect((await home.open('/requests')).text).toContain(consoleWords.en.requests.none)
})

test('the first answer wins, and the second sees it', async () => {
  await deny()
  const { location } = await allow()
  expect(location).toBe(at)
  expect((await home.open(at)).text).toContain(words.decided.denied)
  expect(await visitors()).toEqual([])
})

test('opens once for a courier, by a member too, and never twice', async () => {
  const page = await home.open(at, 'member')
  const nonce = /name="nonce" value="(\w+)"/.exec(page.text)?.[1] ?? ''
  const fields = { face: asked.face, nonce }
  const { location } = await home.send(`${at}/open`, fields, 'member')
  expect(location).toMatch(`/doors/${doorId}/unlock/${nonce}?sent=`)
  await home.send(`${at}/open`, { ...fields, nonce: 'a'.repeat(32) }, 'owner')
  const unlocks = home.cloud.told.filter(({ body }) => body.type === 'unlock')
  expect(unlocks.map(({ body }) => body)).toMatchObject([{ nonce, by: 'member max' }])
  expect([(await decision())?.outcome, await visitors()]).toEqual(['opened', []])
  expect((await home.open(at)).text).toContain('Already unlocked once by member@example.org')
})

test('a door that cannot be unlocked leaves the question open', async () => {
  const introduction = { protocol: 1, software: '0.2.0', capabilities: ['grant'], atMs: 1 }
  await home.cloud.deps.introductions.put({ household, doorId }, introduction)
  home.cloud.clock.advance(60_000)
  await home.send(`${at}/open`, { face: asked.face, nonce: 'a'.repeat(32) })
  expect(await decision()).toBeNull()
})

test('a member who is no owner decides nothing', async () => {
  expect((await allow(robin, 'member')).status).toBe(403)
  expect((await home.open(at, 'member')).text).not.toContain(shared.letIn)
  expect((await home.open(at, 'viewer')).text).not.toContain(shared.openTitle)
})

test('a decision can be undone for a minute, and made again', async () => {
  await allow()
  await home.cloud.settled()
  expect(await live()).toHaveLength(1)
  await home.send(`${at}/undo`, {})
  await home.cloud.settled()
  expect([await decision(), await visitors(), await live()]).toEqual([null, [], []])
  expect(statuses().at(-1)).toBe('waiting-for-owner')
  // The picture is still there, to decide again.
  expect((await home.open(at)).text).toContain('Who is at Front door?')
  await allow({ ...robin, name: 'Robin V.' })
  await home.cloud.settled()
  expect((await visitors()).map(({ name }) => name)).toEqual(['Robin V.'])
  expect(await live()).toHaveLength(1)
  home.cloud.clock.advance(61_000)
  await home.send(`${at}/undo`, {})
  expect((await decision())?.outcome).toBe('allowed')
})

test('turning away can be undone, but not once a face was blocked', async () => {
  await deny()
  expect((await home.open(at)).text).toContain(words.undo)
  await home.send(`${at}/undo`, {})
  expect(await decision()).toBeNull()
  await deny({ blockFace: 'yes' })
  await home.send(`${at}/undo`, {})
  expect((await decision())?.outcome).toBe('denied')
})

test('nothing is undone once the visitor has come in', async () => {
  await allow()
  await home.cloud.settled()
  const [grant] = await live()
  const { visitorId = '', grantId = '' } = grant ?? {}
  const { visitId } = asked
  await home.cloud.says({
    type: 'entry-accepted',
    origin: 'keypad',
    grantId,
    visitorId,
    visitId,
    holdMs: 5_000,
  })
  await home.send(`${at}/undo`, {})
  expect((await decision())?.outcome).toBe('allowed')
})

// ---------------------------------------------------------------- the mail's link

const guess = (visitNumber: number) =>
  fetch(`${home.origin}/approve/decide`, {
    method: 'POST',
    headers: { origin: home.origin, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ request: asked.request, token: asked.token, face: asked.face },
      ...{ decision: 'deny', visitNumber: `${visitNumber}` },
    }),
  })

test('a link that was used up says so at once, at the door too, and the bell asks anew', async () => {
  const answers = []
  for (const number of [1, 2, 3, 4, 5]) answers.push(await (await guess(number)).text())
  expect(answers[2]).toContain('You have 2 tries left.')
  expect(answers[3]).toContain('You have one try left.')
  expect(answers[4]).toContain(shared.refused.expired)
  expect(statuses().at(-1)).toBe('no-answer')
  const show = await fetch(`${home.origin}/approve/show`, {
    method: 'POST',
    headers: { origin: home.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ request: asked.request, token: asked.token }),
  })
  expect([show.status, (await show.text()).includes(shared.refused.expired)]).toEqual([410, true])
  const mails = home.cloud.aws.mailbox.length
  const rings = { type: 'bell-rung', visitId: asked.visitId } as const
  await home.cloud.says(rings)
  await home.cloud.says(rings)
  expect(home.cloud.aws.mailbox.length).toBe(mails + 1)
  expect(statuses().at(-1)).toBe('waiting-for-owner')
  // The old secret no longer decides.
  expect(await (await guess(7)).text()).toContain(shared.refused['wrong-token'])
})
