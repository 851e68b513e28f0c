/** Calendars of bookings in the console. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doorId, household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'

let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
})
afterAll(() => home.close())

const path = `/doors/${doorId}/calendars`
const times = { checkIn: '15:00', checkOut: '11:00' }
const all = () => home.cloud.deps.calendars.ofDoor({ household, doorId })

test('is added once, shown without its secret, and removed', async () => {
  const fields = { calendarId: newId(), url: ' webcal://cal.example/secret.ics', ...times }
  for (const _ of [1, 2]) expect((await home.send(path, fields)).location).toBe(path)
  expect(await all()).toMatchObject([
    { url: 'https://cal.example/secret.ics', checkInMinute: 900, checkOutMinute: 660 },
  ])
  const { text } = await home.open(path)
  expect(text).toContain('cal.example')
  expect(text).not.toContain('secret')
  expect((await home.send(`${path}/${newId()}/remove`, {})).status).toBe(404)
  expect((await home.send(`${path}/${fields.calendarId}/remove`, {})).location).toBe(path)
  expect(await all()).toEqual([])
  expect(home.logged()).not.toContain('secret.ics')
})

test.each([
  [{ url: 'http://cal.example/a.ics' }, 'This cannot be the address'],
  [{ url: 'https://169.254.169.254/latest' }, 'This cannot be the address'],
  [{ checkIn: '25:00' }, 'Please give a time'],
])('%j is refused in a sentence, and nothing typed is lost', async (changes, sentence) => {
  const fields = { calendarId: newId(), url: 'https://cal.example/a.ics', ...times, ...changes }
  const { status, text } = await home.send(path, fields)
  expect([status, text.includes(sentence)]).toEqual([422, true])
  expect(text).toContain(`value="${fields.url}"`)
  expect(await all()).toEqual([])
})

test('five are enough for a door', async () => {
  const add = (nth: number) =>
    home.send(path, { calendarId: newId(), url: `https://cal.example/${nth}.ics`, ...times })
  for (let nth = 0; nth < 5; nth += 1) expect((await add(nth)).status).toBe(303)
  expect((await add(5)).status).toBe(422)
  expect(await all()).toHaveLength(5)
})
