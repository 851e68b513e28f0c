/** Bookings that come, change and go, by the function that fetches them. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { calendarCommands } from '../../../cloud/calendars/owner-calendars.ts'
import { withdraw } from '../../../cloud/credentials/change-credential.ts'
import { isLive } from '../../../cloud/credentials/core/credential.ts'
import type { FeedAnswer } from '../../../cloud/ports.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  household,
  newId,
} from '../../support/cloud/cloud-home.ts'

const door = { household, doorId }
const dayMs = 86_400_000
let home: CloudHome
let answer: FeedAnswer
let askedWith: string | null
let owner: ReturnType<typeof calendarCommands>
beforeAll(async () => {
  home = await cloudHome({
    between: (deps) => ({
      ...deps,
      calendarFeeds: {
        async fetch(_url, etag) {
          askedWith = etag
          return answer
        },
      },
    }),
  })
  owner = calendarCommands(home.deps)
})
afterAll(() => home.close())

let calendarId = ''
beforeEach(async () => {
  for (const one of await owner.ofDoor(door)) await owner.remove(one)
  calendarId = newId()
  const url = 'https://bookings.example/secret.ics'
  await owner.add({
    ...{ ...door, calendarId, url, addedBy: 'olivia' },
    ...{ checkInMinute: 900, checkOutMinute: 660 },
  })
})

const dayOf = (days: number) =>
  new Date(home.clock.nowMs() + days * dayMs).toISOString().slice(0, 10).replaceAll('-', '')
const booking = (uid: string, from: number, to: number) =>
  `BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:Kim ${uid}\r\nDTSTART;VALUE=DATE:${dayOf(from)}\r\nDTEND;VALUE=DATE:${dayOf(to)}\r\nEND:VEVENT\r\n`
const calendarOf = (...bookings: readonly string[]): FeedAnswer => ({
  outcome: 'fetched',
  etag: '"1"',
  text: `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${bookings.join('')}END:VCALENDAR\r\n`,
})
async function fetched(given: FeedAnswer) {
  answer = given
  await home.invoke('fetch-calendars', {})
  await home.settled()
  const all = await home.deps.credentials.ofDoor(door)
  const theirs = all.filter((one) => one.booking?.calendarId === calendarId)
  return { all: theirs, live: theirs.filter((one) => isLive(one, home.clock.nowMs())) }
}
const calendar = async () => (await owner.ofDoor(door))[0]

test('a booking gets one code, which changes and ends with it', async () => {
  const before = home.told.length
  const { live } = await fetched(calendarOf(booking('a', 2, 4), booking('b', 5, 6)))
  expect(live.map(({ name }) => name).sort()).toEqual(['Kim a', 'Kim b'])
  expect(live.every(({ storedAtMs }) => storedAtMs !== null)).toBe(true)
  // Its name is for the owners: the door greets a guest.
  expect(JSON.stringify(home.told.slice(before))).not.toContain('Kim')
  const again = await fetched(calendarOf(booking('a', 2, 4), booking('b', 5, 6)))
  expect(again.all).toHaveLength(2)
  const longer = await fetched(calendarOf(booking('a', 2, 9), booking('b', 5, 6)))
  expect(longer.all).toHaveLength(2)
  expect(longer.live.map(({ revision }) => revision).sort()).toEqual([1, 2])
  const gone = await fetched(calendarOf(booking('b', 5, 6)))
  expect(gone.live.map(({ name }) => name)).toEqual(['Kim b'])
  const back = await fetched(calendarOf(booking('a', 2, 4), booking('b', 5, 6)))
  expect([back.live.length, back.all.length]).toEqual([2, 3])
  expect((await fetched(calendarOf())).live).toEqual([])
})

test('what an owner withdrew stays withdrawn', async () => {
  const { live } = await fetched(calendarOf(booking('a', 2, 4)))
  const [one] = live
  if (one) await withdraw(home.deps, one, { why: 'an owner withdrew it' })
  expect((await fetched(calendarOf(booking('a', 2, 5)))).live).toEqual([])
})

test('a failure withdraws nothing, and the owner hears of it once, after a day', async () => {
  await fetched(calendarOf(booking('a', 2, 4)))
  const mails = home.aws.mailbox.length
  const broken: FeedAnswer = { outcome: 'fetched', etag: null, text: '' }
  for (const failure of [{ outcome: 'failed', why: 'unreachable' } as const, broken]) {
    expect((await fetched(failure)).live).toHaveLength(1)
  }
  expect((await calendar())?.result).toBe('not-a-calendar')
  expect(home.aws.mailbox).toHaveLength(mails)
  home.clock.advance(dayMs + 1)
  for (const _ of [1, 2]) await fetched({ outcome: 'failed', why: 'status' })
  const subjects = home.aws.mailbox.slice(mails).map(({ subject }) => subject)
  expect(subjects.filter((one) => one.startsWith('A calendar cannot be read'))).toHaveLength(1)
})

test('an unchanged calendar is not read again, but followed', async () => {
  await fetched(calendarOf(booking('later', 40, 42)))
  expect((await fetched({ outcome: 'not-modified' })).live).toEqual([])
  expect(askedWith).toBe('"1"')
  home.clock.advance(15 * dayMs)
  expect((await fetched({ outcome: 'not-modified' })).live).toHaveLength(1)
})

test('a calendar that is removed takes its codes with it', async () => {
  await fetched(calendarOf(booking('a', 2, 4)))
  await owner.remove({ ...door, calendarId })
  expect((await fetched(calendarOf(booking('a', 2, 4)))).live).toEqual([])
  expect(await owner.ofDoor(door)).toEqual([])
})

test('is fetched by the schedule of the deployment', async () => {
  answer = calendarOf(booking('by-schedule', 2, 4))
  home.clock.advance(31 * 60_000)
  await home.settled()
  expect((await calendar())?.events).toHaveLength(1)
})
