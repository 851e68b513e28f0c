/** People and a guest list, as a household has them, for pages that are looked at. */
import { markOf } from '../../../cloud/credentials/codes.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import { newCredential, newVisitor, tagOf } from '../../contracts/tables/examples.ts'
import { snapshots } from '../drawn-snapshots.ts'
import { doorId, household } from './cloud-home.ts'
import type { ConsoleHome } from './console-home.ts'

export const listId = 'c'.repeat(32)
export const personId = 'a'.repeat(32)
export const otherId = 'b'.repeat(32)

const weekdays = { doorId: null, weekdays: [1, 2, 3, 4, 5], firstDay: null, lastDay: null }

export async function addPeople({ cloud: { deps, clock } }: ConsoleHome): Promise<void> {
  const hours = [
    { ...weekdays, fromMinute: 480, toMinute: 720 },
    { ...weekdays, weekdays: [6], fromMinute: 1320, toMinute: 360, lastDay: '2026-12-24' },
  ]
  const lists = [{ listId, name: 'Dog sitters', hours }]
  await deps.households.change(household, (now) => now && { ...now, lists })
  const key = `visitors/${household}/${personId}/photo.jpg`
  const photo = await deps.photos.write(key, snapshots.front(person('robin'), 1))
  const people = [
    newVisitor(household, {
      ...{ visitorId: personId, name: 'Robin Vale', trusted: true, tags: ['family', 'dog'], photo },
      ...{ lists: [listId], notes: 'Rings twice.\nHas a key to the garden.', remembersFace: false },
    }),
    newVisitor(household, { visitorId: otherId, name: 'Robin V.', welcomeUntilMs: clock.nowMs() }),
    newVisitor(household, { name: 'Kim Lake', blocked: true }),
  ]
  for (const one of people) await deps.visitors.put(one)
  await deps.visits.markSeen(household, personId, clock.nowMs() - 7_200_000)
  clock.advance(1_000)
}

export const guestCodeId = 'd'.repeat(32)

/** One of each state that a code can be in. */
export async function addCodes({ cloud: { deps, clock, doorKey } }: ConsoleHome): Promise<void> {
  const nowMs = clock.nowMs()
  const always = { notBeforeMs: nowMs, expiresAtMs: null, weeklyHours: [], visits: null }
  const hours = [{ weekdays: [2], fromMinute: 540, toMinute: 720 }]
  const inDays = (days: number) => nowMs + days * 24 * 3_600_000
  const given = { createdAtMs: nowMs, offeredAtMs: nowMs - 61_000, keyMark: markOf(doorKey) }
  const robin = { visitorId: personId, name: 'Robin Vale' }
  const codes: Parameters<typeof newCredential>[1][] = [
    {
      ...robin,
      validity: always,
      storedAtMs: nowMs,
      uses: { visits: 7, firstAtMs: nowMs, lastAtMs: nowMs },
    },
    { ...robin, validity: always, purpose: 'duress' },
    {
      ...{ ...robin, grantId: guestCodeId, purpose: 'guest', isDerived: true, storedAtMs: nowMs },
      validity: { ...always, expiresAtMs: inDays(9), visits: 4, endsAfterFirstUseMs: 7_200_000 },
    },
    {
      name: 'Cleaners',
      purpose: 'courier',
      validity: { ...always, weeklyHours: hours, visits: 52 },
    },
    {
      ...{ name: 'Parcel service', purpose: 'courier', validity: always },
      refused: { reason: 'too-easy-to-guess', atMs: nowMs },
    },
    { name: 'Guests of June', validity: always, withdrawn: { atMs: nowMs, why: 'test' } },
  ]
  for (const [nth, changes] of codes.entries()) {
    const ref = { household, doorId }
    await deps.credentials.add(newCredential(ref, { ...given, tag: tagOf(100 + nth), ...changes }))
  }
  const calendar = { household, doorId, calendarId: 'e'.repeat(32), addedAtMs: nowMs, addedBy: 'x' }
  await deps.calendars.add({
    ...{ ...calendar, url: 'https://www.bookings.example/ical/secret.ics', removedAtMs: null },
    ...{ checkInMinute: 900, checkOutMinute: 660, fetchedAtMs: nowMs, result: 'unreachable' },
    ...{ readAtMs: null, etag: null, events: [] },
  })
}
