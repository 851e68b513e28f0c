/** People and a guest list, as a household has them, for pages that are looked at. */
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import { newVisitor } from '../../contracts/tables/examples.ts'
import { snapshots } from '../drawn-snapshots.ts'
import { household } from './cloud-home.ts'
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
