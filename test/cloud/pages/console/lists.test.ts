/** Guest lists: adding one, its hours, and what a form refuses. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mostHours } from '../../../../cloud/visitors/change-lists.ts'
import { household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'

let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
})
afterAll(() => home.close())

const lists = async () => (await home.cloud.deps.households.find(household))?.lists ?? []
const listOf = async (id: string) => (await lists()).find(({ listId }) => listId === id)
const hours = { doorId: '', from: '08:00', to: '12:00', firstDay: '', lastDay: '', 'day-1': 'yes' }

async function added(name = 'Cleaners'): Promise<string> {
  const { text } = await home.open('/lists')
  const listId = /name="listId" value="(\w+)"/.exec(text)?.[1] ?? ''
  for (const _ of [1, 2]) await home.send('/lists', { listId, name })
  return listId
}

test('a list is added once, and its name is text', async () => {
  const before = (await lists()).length
  const id = await added('<script>x</script>')
  expect(await lists()).toHaveLength(before + 1)
  const { text } = await home.open(`/lists/${id}`)
  expect(text).toContain('&lt;script&gt;')
  expect(text).not.toContain('<script>x')
})

test('hours are added and removed once, and said in words', async () => {
  const id = await added()
  const more = { ...hours, 'day-2': 'yes', 'day-3': 'yes', 'day-6': 'yes', firstDay: '2026-12-01' }
  for (const _ of [1, 2]) await home.send(`/lists/${id}/hours`, more)
  const { text } = await home.open(`/lists/${id}`)
  expect(text).toContain('All doors: Mon–Wed, Sat, 08:00 to 12:00, from Dec 1, 2026')
  const [, hoursId = ''] = /name="hours" value="([^"]+)"/.exec(text) ?? []
  await home.send(`/lists/${id}/hours`, { ...hours, from: '22:00', to: '06:00' })
  for (const _ of [1, 2]) await home.send(`/lists/${id}/hours/remove`, { hours: hoursId })
  expect((await listOf(id))?.hours).toMatchObject([{ fromMinute: 1320, toMinute: 360 }])
  expect((await home.open('/lists')).text).toContain('22:00 to 06:00 on the next day')
})

test.each([
  [{ 'day-1': '' }, null],
  [{ from: '25:00' }, 'from'],
  [{ to: '8' }, 'to'],
  [{ firstDay: '2026-02-29' }, 'first-day'],
  [{ firstDay: '2026-12-02', lastDay: '2026-12-01' }, 'last-day'],
])('hours with %j are shown again with what is wrong', async (changes, field) => {
  const id = await added()
  const { 'day-1': _, ...noDay } = { ...hours, ...changes }
  const form = field === null ? noDay : { ...hours, ...changes }
  const { status, text } = await home.send(`/lists/${id}/hours`, form)
  expect([status, text.includes(`id="${field ?? 'weekdays'}-problem"`)]).toEqual([422, true])
  expect((await listOf(id))?.hours).toEqual([])
})

test('hours are for a door of the household', async () => {
  const id = await added()
  await home.send(`/lists/${id}/hours`, { ...hours, doorId: 'oak-lane_front' })
  expect((await listOf(id))?.hours).toEqual([])
})

test('a list is renamed and deleted, by an owner only', async () => {
  const id = await added()
  expect((await home.send(`/lists/${id}/name`, { name: '' })).status).toBe(422)
  await home.send(`/lists/${id}/name`, { name: '  Dog  sitters ' })
  expect((await listOf(id))?.name).toBe('Dog sitters')
  expect((await home.send(`/lists/${id}/delete`, {}, 'member')).status).toBe(403)
  expect((await home.send(`/lists/${id}/delete`, {}, 'stranger')).status).toBe(404)
  await home.send(`/lists/${id}/delete`, {})
  expect(await listOf(id)).toBeUndefined()
})

test('a list holds so many hours', async () => {
  const id = await added()
  const from = (nth: number) => `08:${String(nth).padStart(2, '0')}`
  for (let nth = 0; nth < mostHours; nth += 1) {
    await home.send(`/lists/${id}/hours`, { ...hours, from: from(nth) })
  }
  const { status, text } = await home.send(`/lists/${id}/hours`, { ...hours, from: '07:30' })
  expect([status, text.includes('no room for more')]).toEqual([422, true])
  expect((await home.send('/lists', { listId: newId(), name: 'x'.repeat(200) })).status).toBe(422)
})
