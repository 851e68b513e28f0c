/** PINs and codes in the console, and the page on which a person chooses a PIN. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { derivePasscode, grouped } from '../../../../protocol/passcode.ts'
import { newVisitor } from '../../../contracts/tables/examples.ts'
import { doorId, household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'

let home: ConsoleHome
const kim = newVisitor(household, {
  name: 'Kim <Lake>',
  contact: { prefers: 'sms', phone: '+15550100', email: 'kim@example.org' },
  remembersFace: false,
})
beforeAll(async () => {
  home = await consoleHome()
  await home.cloud.deps.visitors.put(kim)
  await home.cloud.settled()
})
afterAll(() => home.close())

const days = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((day) => [`day-${day}`, 'yes']))
const ends = '2999-01-01T10:00'
const soon = () => new Date(home.cloud.clock.nowMs() + 86_400_000).toISOString().slice(0, 16)
const person = `/people/${kim.visitorId}`
const idIn = (text: string) => /name="formId" value="(\w+)"/.exec(text)?.[1] ?? ''
const credentials = () => home.cloud.deps.credentials.ofDoor({ household, doorId })

async function form(path: string, purpose: string, fields: Record<string, string>) {
  const { text } = await home.open(`${path}/new?for=${purpose}`)
  return home.send(`${path}/new`, { formId: idIn(text), for: purpose, doorId, ...days, ...fields })
}

describe('a PIN', () => {
  test('is set on the page of a person, and never shown', async () => {
    const { status, location } = await form(`${person}/codes`, 'pin', { pin: '5038 2917' })
    expect([status, location]).toEqual([303, person])
    await home.cloud.settled()
    const { text } = await home.open(person)
    expect(text).toContain('At the door')
    expect(text).not.toMatch(/5038 ?2917/)
    const [one] = await credentials()
    const page = await home.open(`/doors/${doorId}/codes/${one?.grantId}`)
    expect(page.text).toContain('Only its holder knows the PIN.')
  })

  test.each([
    ['1234567', 'Strangers try this one first.'],
    ['12', 'Codes on this door: 1. The next PIN needs 6 digits'],
    ['abc', 'A PIN has digits only.'],
    ['50382917', 'This PIN cannot be used.'],
  ])('%s is refused in a sentence', async (pin, sentence) => {
    const { status, text } = await form(`${person}/codes`, 'pin', { pin })
    expect(status).toBe(422)
    expect(text).toContain(sentence)
    expect(text).not.toContain(`value="${pin}"`)
  })

  test('asks no viewer and no member', async () => {
    for (const as of ['viewer', 'member'] as const) {
      const { text } = await home.open(person, as)
      expect(text).not.toContain('At the door')
      const sent = { formId: newId(), for: 'pin', doorId, pin: '50382999', ...days }
      expect((await home.send(`${person}/codes/new`, sent, as)).status).toBe(403)
    }
  })
})

describe('a guest code', () => {
  test('is shown, sent when the door has it, changed and withdrawn', async () => {
    home.cloud.doorAnswers = false
    const { location } = await form(`${person}/codes`, 'guest', { ends: soon(), visits: '2' })
    const path = location ?? ''
    const [one] = (await credentials()).filter(({ purpose }) => purpose === 'guest')
    const grantId = one?.grantId ?? ''
    const code = derivePasscode(home.cloud.doorKey, grantId, 8)
    const waiting = await home.open(path)
    expect(waiting.text).toContain(grouped(code))
    expect(waiting.text).not.toContain('Send by text')
    const texts = home.cloud.aws.texts.length
    expect((await home.send(`${path}/deliver`, { way: 'sms' })).location).toContain(
      'said=notAtDoor',
    )
    expect(home.cloud.aws.texts).toHaveLength(texts)
    home.cloud.clock.advance(61_000)
    expect((await home.open(path)).text).toContain('The door has not answered.')
    home.cloud.doorAnswers = true
    await home.send(`${path}/send`, {})
    await home.cloud.settled()
    expect((await home.open(path)).text).toContain('Send by text')
    expect((await home.send(`${path}/deliver`, { way: 'sms' })).location).toContain('said=sms')
    await home.cloud.settled()
    expect(home.cloud.aws.texts.at(-1)?.body).toContain(grouped(code))
    expect((await home.send(`${path}/deliver`, { way: 'email' })).location).toContain('said=email')
    await home.cloud.settled()
    expect(home.cloud.aws.mailbox.at(-1)?.text).toContain(grouped(code))

    expect((await home.send(`${path}/terms`, { ...days, ends: '2020-01-01T10:00' })).status).toBe(
      422,
    )
    const changed = { 'day-2': 'yes', from: '09:00', to: '12:00', ends: soon() }
    expect((await home.send(`${path}/terms`, changed)).status).toBe(303)
    expect((await home.open(path)).text).toContain('Tue, 09:00 to 12:00')
    await home.send(`${path}/withdraw`, {})
    const ended = await home.open(path)
    expect(ended.text).toContain('Until the door is online, the code may still open it.')
    expect(ended.text).not.toContain(grouped(code))
    await home.cloud.says({ type: 'grant-revoked', grantId, was: 'live', reason: 'test' })
    expect((await home.open(path)).text).toContain('Withdrawn')
  })

  test('for one who is only named belongs to the door', async () => {
    const { location } = await form(`/doors/${doorId}/codes`, 'courier', {
      name: 'Parcels',
      visits: '9',
    })
    expect((await home.open(location ?? '')).text).toContain('<h1>Parcels</h1>')
    expect((await home.open(`/doors/${doorId}/codes`)).text).toContain('Parcels')
    const nameless = await form(`/doors/${doorId}/codes`, 'guest', { ends: soon() })
    expect([nameless.status, nameless.text.includes('1 to 100 characters')]).toEqual([422, true])
    const endless = await form(`/doors/${doorId}/codes`, 'guest', { name: 'Robin' })
    expect(endless.text).toContain('A guest code needs an end.')
    const far = await form(`/doors/${doorId}/codes`, 'guest', { name: 'Robin', ends })
    expect(far.text).toContain('a year at most')
    expect((await form(`/doors/${doorId}/codes`, 'pin', { pin: '83920175' })).status).toBe(400)
  })
})

describe('the link by which a person chooses a PIN', () => {
  const choose = async (fields: object, origin = home.origin) => {
    const answer = await fetch(`${home.origin}/pin/`, {
      method: 'POST',
      headers: { origin, 'sec-fetch-site': 'same-origin', 'accept-language': 'de' },
      body: new URLSearchParams({ ...fields }),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const send = async () => {
    const { location } = await home.send(`${person}/codes/link`, { way: 'email' })
    expect(location).toBe(`${person}?said=link`)
    await home.cloud.settled()
    return /#t=([0-9a-f]{32})/.exec(home.cloud.aws.mailbox.at(-1)?.text ?? '')?.[1] ?? ''
  }

  test('works once, for this person', async () => {
    home.cloud.clock.advance(3_600_000)
    const token = await send()
    const pin = '8392017'
    const differs = await choose({ token, pin, repeat: '8392018' })
    expect([differs.status, differs.text.includes(token)]).toEqual([422, true])
    expect((await choose({ token, pin: '12', repeat: '12' })).text).toContain(
      'mindestens 6 Ziffern',
    )
    const done = await choose({ token, pin, repeat: pin })
    expect([done.status, done.text.includes('Ihre PIN ist gesetzt')]).toEqual([200, true])
    const newest = (await credentials()).toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0]
    expect(newest).toMatchObject({ visitorId: kim.visitorId, purpose: 'pin', digits: 7 })
    expect((await choose({ token, pin: '8392064', repeat: '8392064' })).status).toBe(404)
    expect(done.text).not.toContain('Kim')
    expect(home.logged()).not.toContain(token)
  })

  test('ends after a day, and with the person', async () => {
    const token = await send()
    const pin = { pin: '8392094', repeat: '8392094' }
    expect((await choose({ token: newId(), ...pin })).status).toBe(404)
    expect((await choose({ token, ...pin }, 'https://elsewhere.example')).status).toBe(403)
    expect((await choose({ token, ...pin, doorId })).status).toBe(404)
    home.cloud.clock.advance(24 * 3_600_000)
    expect((await choose({ token, ...pin })).status).toBe(404)
    const again = await send()
    await home.send(`${person}/block`, { blocked: 'yes' })
    expect((await choose({ token: again, ...pin })).status).toBe(404)
    expect((await home.open(`${person}/codes/new?for=pin`)).status).toBe(404)
  })

  test('ends when a later one was used', async () => {
    await home.send(`${person}/block`, { blocked: 'no' })
    home.cloud.clock.advance(24 * 3_600_000)
    const forgotten = await send()
    home.cloud.clock.advance(1_000)
    const later = await send()
    home.cloud.clock.advance(1_000)
    expect((await choose({ token: later, pin: '83920174', repeat: '83920174' })).status).toBe(200)
    const again = await choose({ token: forgotten, pin: '83920185', repeat: '83920185' })
    expect(again.status).toBe(404)
  })

  test('leads to a page that says nothing about the household', async () => {
    const { text } = await home.open('/pin/', null)
    for (const secret of ['Maple', 'Front', 'Kim']) expect(text).not.toContain(secret)
  })
})
