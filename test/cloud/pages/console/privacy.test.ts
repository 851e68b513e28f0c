/** What is stored and how long; recognition; taking away and deleting people's data. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { retentionDays } from '../../../../cloud/retention.ts'
import { consentWording } from '../../../../cloud/translations/consent-wording.ts'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { translations } from '../../../../cloud/translations/translations.ts'
import { household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'
import { strangerRings } from '../../../support/cloud/web-home.ts'

const words = consoleWords.en.privacy
let home: ConsoleHome
beforeEach(async () => {
  home = await consoleHome()
})
afterEach(() => home.close())

const letIn = async (name = 'Robin Vale') => {
  const asked = await strangerRings(home)
  const robin = { name, phone: '+12025550123', email: '', prefers: 'sms', remembersFace: 'yes' }
  await home.send(`/requests/${asked.request}/allow`, {
    ...{ face: asked.face, language: 'en', validity: 'always', ...robin },
  })
  await home.cloud.settled()
  return asked
}
const asksSince = (mails: number): number =>
  home.cloud.aws.mailbox.slice(mails).filter(({ text }) => text?.includes('/approve/')).length
const people = () => home.cloud.deps.visitors.list(household)

test('says how long everything is stored, and who agreed to which words', async () => {
  await letIn('<b>Robin</b>')
  const { text } = await home.open('/privacy')
  for (const days of new Set(Object.values(retentionDays))) {
    expect(text).toMatch(days === 1 ? words.day : new RegExp(`\\b${days} (more )?days`))
  }
  expect(text).toContain('as owner@example.org said')
  expect(text).toContain('&lt;b&gt;Robin')
  expect(text).not.toContain(words.earlierWording)
  const [robin] = await people()
  const wording = consentWording('en').replace(/.$/, 'x')
  if (robin?.consent) {
    await home.cloud.deps.visitors.put({ ...robin, consent: { ...robin.consent, wording } })
  }
  expect((await home.open('/privacy')).text).toContain(words.earlierWording)
  expect((await home.open('/privacy', 'member')).text).not.toContain('Robin')
})

test('exports the household, and one person, as files', async () => {
  const { visitId } = await letIn()
  await strangerRings(home, { name: 'sam', visitNumber: 8 })
  const all = await home.open('/privacy/export')
  expect(all.headers.get('content-disposition')).toContain('attachment')
  const data = JSON.parse(all.text)
  expect([data.people.length, data.visits.length, data.nextVisits]).toEqual([1, 2, null])
  expect(JSON.stringify(data)).not.toContain('faceIds')
  const [robin] = await people()
  const one = JSON.parse((await home.open(`/privacy/people/${robin?.visitorId}`)).text)
  expect([one.person.name, one.visits.map((visit: { visitId: string }) => visit.visitId)]).toEqual([
    'Robin Vale',
    [visitId],
  ])
  const picture = new URL(one.person.photo).pathname
  expect((await home.open(picture)).status).toBe(200)
  expect((await home.open(`/privacy/people/${robin?.visitorId}`, 'stranger')).status).toBe(404)
  const theirs = `1.oak-lane_front.${newId()}`
  expect((await home.open(`/privacy/export?after=${theirs}`)).status).toBe(400)
})

test('deletes everyone on file, but only when it was confirmed', async () => {
  await letIn()
  const unconfirmed = await home.send('/privacy/delete', {})
  expect([unconfirmed.status, (await people()).length]).toEqual([422, 1])
  expect(unconfirmed.text).toContain(words.removeUnconfirmed)
  const { status, location } = await home.send('/privacy/delete', { confirmed: 'yes' })
  expect([status, location, await people()]).toEqual([303, '/privacy', []])
  await home.cloud.settled()
  expect(await home.cloud.deps.faces.list(household)).toEqual([])
})

test('without recognition a known face is unknown, and the owner is asked', async () => {
  await letIn()
  const mails = home.cloud.aws.mailbox.length
  home.cloud.clock.advance(60_000)
  await strangerRings(home, { visitNumber: 9, seed: 5 })
  expect(asksSince(mails)).toBe(0)
  await home.send('/privacy/recognition', { recognises: 'no' })
  expect((await home.open('/privacy')).text).toContain(words.recognitionOff)
  home.cloud.clock.advance(61_000)
  await strangerRings(home, { visitNumber: 10, seed: 9 })
  expect(asksSince(mails)).toBe(1)
  await home.send('/privacy/recognition', { recognises: 'yes' })
  expect((await home.open('/privacy')).text).toContain(words.recognitionOn)
})

test.each(['en', 'de', 'es', 'fr'] as const)(
  'tells visitors in %s, and knows no one',
  async (of) => {
    const headers = { 'accept-language': of }
    const { status, text } = await home.open('/you', null, headers)
    expect([status, text.includes(translations[of].aboutVisit.title)]).toEqual([200, true])
    expect(text).not.toMatch(/\{\w+\}|Maple|maple/)
    expect((await home.open('/you', 'owner', headers)).text).toBe(text)
  },
)
