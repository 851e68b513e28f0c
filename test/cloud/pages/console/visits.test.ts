/** The list of visits and the page of one visit, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cell } from '../../../../cloud/pages/console/visits/table.ts'
import type { VisitFacts } from '../../../../cloud/ports.ts'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import type { NewEntry } from '../../../../cloud/visits/core/timeline.ts'
import { newVisitor } from '../../../contracts/tables/examples.ts'
import { doorId, household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'
import { oakDoor, strangerRings } from '../../../support/cloud/web-home.ts'

const words = consoleWords.en
const hourMs = 3_600_000

let home: ConsoleHome
let robinId = ''
beforeAll(async () => {
  home = await consoleHome()
  robinId = await onFile('Robin Vale', ['family'])
})
afterAll(() => home.close())

async function onFile(name: string, tags: readonly string[] = []): Promise<string> {
  const visitor = newVisitor(household, { name, tags })
  await home.cloud.deps.visitors.put(visitor)
  return visitor.visitorId
}

/** A visit an hour after the one before. */
async function visit(what: readonly Partial<NewEntry>[] = [], visitorId = '') {
  home.cloud.clock.advance(hourMs)
  const seenAtMs = home.cloud.clock.nowMs()
  const ref: VisitFacts = { household, doorId, visitId: newId(), number: 7, seenAtMs }
  const { visits } = home.cloud.deps
  if (visitorId !== '') {
    await visits.addMatch(ref, visitorId, `faces/${doorId}/${ref.visitId}/${seenAtMs}-1.jpg`)
  }
  for (const [nth, entry] of what.entries()) {
    const timed = { atMs: seenAtMs + nth * 1_000, why: 'the door reported it', visitorId: null }
    await visits.addTimelineEntry(ref, `e${nth}`, { ...timed, ...entry } as NewEntry)
  }
  await visits.end(ref, 40_000)
  return ref
}
const accepted = { what: 'code-accepted', why: 'the owner allowed it' } as const
const idsIn = (text: string) => [...text.matchAll(/href="\/visits\/(\w{32})"/g)].map(([, id]) => id)
const listed = async (query: string) => idsIn((await home.open(`/visits${query}`)).text)
const secretsOf = (text: string) => text.match(/Haustür|oak-lane/)

describe('the list', () => {
  test('names visitors, doors and outcomes, newest first, by days', async () => {
    const came = await visit([accepted], robinId)
    const empty = await visit()
    const { text } = await home.open('/visits')
    expect(idsIn(text).slice(0, 2)).toEqual([empty.visitId, came.visitId])
    for (const said of ['Robin Vale', 'Came in, Front door', 'No entry, ', '<h2 id="day-']) {
      expect(text).toContain(said)
    }
    const german = await home.open('/visits', 'owner', { 'accept-language': 'de' })
    expect(german.text).toContain('Niemand kam herein')
  })

  test('is filtered by every field', async () => {
    const kim = await onFile('Kim Lake', ['courier'])
    const came = await visit([{ ...accepted, visitorId: kim }], kim)
    const opened = await visit([{ what: 'unlocked', why: 'member olivia' }], kim)
    const turned = await visit([{ what: 'denied', why: 'the owner said no' }], kim)
    const all = [turned, opened, came].map(({ visitId }) => visitId)
    expect(await listed(`?person=${kim}`)).toEqual(all)
    expect(await listed('?search=kim')).toEqual(all)
    expect(await listed('?search=COURIER')).toEqual(all)
    expect(await listed('?search=nothing-like-it')).toEqual([])
    const only = (happened: string) => listed(`?person=${kim}&door=${doorId}&happened=${happened}`)
    expect(await only('came-in')).toEqual(all.slice(1))
    expect(await only('code')).toEqual([came.visitId])
    expect(await only('member')).toEqual([opened.visitId])
    expect(await only('turned-away')).toEqual([turned.visitId])
    expect(await only('no-answer')).toEqual([])
    expect(await listed(`?person=${kim}&to=2020-01-01`)).toEqual([])
    expect(await listed(`?person=${kim}&from=2020-01-01`)).toEqual(all)
    expect(await listed(`?person=${kim}&door=${oakDoor}`)).toEqual([])
  })

  test('is full on each page, filtered or not', async () => {
    const ari = await onFile('Ari Sand')
    for (const nth of Array(31).keys()) await visit(nth % 2 ? [accepted] : [], ari)
    for (const query of [`person=${ari}&`, '']) {
      const { text } = await home.open(`/visits?${query}`)
      expect(idsIn(text)).toHaveLength(30)
      const next = /href="(\/visits\?[^"]*after=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
      const older = await home.open(next ?? '')
      expect(idsIn(older.text).some((id) => idsIn(text).includes(id))).toBe(false)
      expect(idsIn(older.text).length).toBeGreaterThan(0)
    }
  })

  test.each([
    'after=garbage',
    `after=1.oak-lane_front.${'0'.repeat(32)}`,
    'from=2026-99-99&to=x',
    'from=2026-02-31',
    'happened=__proto__',
    `search=${'x'.repeat(2_000)}`,
    'search=%00',
    'person=x&door=../..',
    'from=2026-12-01&to=2020-01-01',
  ])('is a page whatever the address says: %s', async (query) => {
    const { status, text } = await home.open(`/visits?${query}`)
    expect([status, secretsOf(text)]).toEqual([200, null])
  })

  test('is a table for spreadsheets, which runs nothing', async () => {
    const evil = await onFile('=HYPERLINK("https://evil.example")')
    await visit([accepted], evil)
    const { text, headers } = await home.open(`/visits.csv?person=${evil}`)
    expect(headers.get('content-type')).toContain('text/csv')
    const [head, row] = text.split('\r\n')
    expect(head).toContain('Date,Time,Door,Who')
    expect(row).toContain(`Front door,"'=HYPERLINK(""https://evil.example"")",Came in`)
    for (const start of ['=1', '+1', '-1', '@a', '\t=1', ' =1']) expect(cell(start)).toMatch(/^"?'/)
    expect(cell('a "b", c')).toBe('"a ""b"", c"')
  })

  test('shows what people typed as text', async () => {
    const who = await onFile('<img src=x>')
    const { visitId } = await visit([accepted], who)
    for (const path of [`/visits?person=${who}&search=<b>"x`, `/visits/${visitId}`]) {
      const { text } = await home.open(path)
      expect(text).not.toMatch(/<img src=x|<b>"x/)
    }
  })
})

describe('one visit', () => {
  const sentences = async (visitId: string, headers = {}) =>
    [
      ...(await home.open(`/visits/${visitId}`, 'owner', headers)).text.matchAll(/<span>([^<]*)/g),
    ].map(([, sentence]) => sentence)

  test('tells what happened, in order and in words', async () => {
    const { visitId } = await visit(
      [
        { what: 'bell-rung' },
        { what: 'refused', why: 'code expired' },
        { what: 'unlocked', why: 'member olivia' },
        { what: 'invented' as 'crowd' },
      ],
      robinId,
    )
    const { text } = await home.open(`/visits/${visitId}`)
    expect(text).toContain(words.timeline.reasons['code expired'])
    const told = await sentences(visitId)
    expect(told).toEqual(
      expect.arrayContaining([
        'Someone came to Front door',
        'Robin Vale was recognised',
        'The bell rang',
        'owner@example.org unlocked the door',
        words.timeline.unknownEntry,
        'The visit ended',
      ]),
    )
    expect(told.indexOf('The bell rang')).toBeLessThan(told.indexOf('The visit ended'))
    const german = await sentences(visitId, { 'accept-language': 'de' })
    expect(german).toContain('Es hat geklingelt')
  })

  test('has bell and remote unlocking from what the door reports', async () => {
    const { visitId } = await visit()
    await home.cloud.says({ type: 'bell-rung', visitId })
    const by = { origin: 'cloud', by: 'member max', commandId: newId() } as const
    await home.cloud.says({ type: 'unlock-accepted', ...by, visitId, holdMs: 5_000 })
    expect(await sentences(visitId)).toEqual(
      expect.arrayContaining(['The bell rang', 'member@example.org unlocked the door']),
    )
    expect(await listed('?happened=member')).toContain(visitId)
  })

  test('shows pictures, who was asked and who decided', async () => {
    const { visitId, request } = await strangerRings(home, { name: 'noor' })
    await home.cloud.deps.visits.end(
      { household, doorId, visitId, number: 7, seenAtMs: home.cloud.clock.nowMs() },
      9_000,
    )
    const { text } = await home.open(`/visits/${visitId}`)
    expect(text.match(/src="\/snapshots\//g)).toHaveLength(2)
    expect(text).toContain(words.visits.unknown)
    expect(request).toContain(visitId)
    expect(await sentences(visitId)).toContain(words.timeline.asked)
    expect(await listed('?person=unknown')).toContain(visitId)
  })

  test('is corrected: this is not them, and this is another person', async () => {
    const { visitId } = await visit([accepted], robinId)
    const sam = await onFile('Sam Field')
    const path = `/visits/${visitId}/people/${robinId}`
    expect((await home.open(path)).text).toContain('Sam Field')
    expect((await home.send(path, { visitorId: '' })).location).toBe(`/visits/${visitId}`)
    expect(await listed(`?person=${robinId}`)).not.toContain(visitId)
    expect((await home.open(`/visits/${visitId}`)).text).toContain('Corrected by owner@example.org')
    await home.send(path, { visitorId: sam })
    expect(await listed('?search=sam+field')).toContain(visitId)
    for (const visitorId of [newId(), 'x', `${robinId}0`]) {
      expect((await home.send(path, { visitorId })).status).toBeGreaterThanOrEqual(400)
    }
    const unknown = await home.send(`/visits/${visitId}/people/stranger-1`, { visitorId: sam })
    expect(unknown.status).toBe(404)
  })

  test('a stranger becomes a person on file', async () => {
    const { visitId } = await strangerRings(home, { name: 'uma', visitNumber: 9 })
    const page = await home.open(`/visits/${visitId}/people/stranger-1`)
    expect(page.text).toContain('Robin Vale')
    await home.send(`/visits/${visitId}/people/stranger-1`, { visitorId: robinId })
    expect(await listed(`?person=${robinId}`)).toContain(visitId)
    expect(await listed('?person=unknown')).not.toContain(visitId)
  })

  test('is kept with its pictures when the others expire', async () => {
    const { visitId } = await strangerRings(home, { name: 'ida', visitNumber: 11 })
    await home.send(`/visits/${visitId}/keep`, {})
    const stored = await home.cloud.deps.photos.list(`snapshots/${doorId}/${visitId}/`)
    await home.cloud.deps.photos.remove(stored.map(({ key }) => key))
    const { text } = await home.open(`/visits/${visitId}`)
    expect(text).toContain('Kept by owner@example.org')
    const [, picture = ''] = /src="(\/kept\/[^"]+\/\d+\.jpg)"/.exec(text) ?? []
    expect((await home.open(picture)).status).toBe(200)
  })

  test('is deleted with its pictures, for good, once it is over', async () => {
    const { visitId } = await strangerRings(home, { name: 'eli', visitNumber: 12 })
    const path = `/visits/${visitId}`
    await home.send(`${path}/delete`, {})
    expect((await home.open(path)).status).toBe(200)
    home.cloud.clock.advance(hourMs)
    expect((await home.send(`${path}/delete`, {}, 'member')).status).toBe(403)
    expect((await home.send(`${path}/delete`, {})).location).toBe('/visits')
    expect((await home.open(path)).status).toBe(404)
    expect((await home.send(`${path}/delete`, {})).status).toBe(404)
    expect(await listed('')).not.toContain(visitId)
    for (const folder of ['snapshots', 'faces']) {
      expect(await home.cloud.deps.photos.list(`${folder}/${doorId}/${visitId}/`)).toEqual([])
    }
    await home.cloud.says({ type: 'visit-ended', visitId, lastedMs: 1_000 })
    expect((await home.open(path)).status).toBe(404)
  })

  test('says that it was not recorded', async () => {
    const { visitId } = await visit()
    const { location } = await home.send(`/visits/${visitId}/recording`, { part: '1' })
    expect((await home.open(location ?? '')).text).toContain(words.visit.notRecorded)
    expect((await home.send(`/visits/${visitId}/recording`, { part: '0' })).status).toBe(400)
  })
})
