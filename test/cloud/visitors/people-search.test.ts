/** Which people a list shows, and in which order. */
import { expect, test } from 'vitest'
import {
  findPeople,
  type ListedPerson,
  type PeopleQuery,
  peoplePerPage,
} from '../../../cloud/visitors/core/people-search.ts'

const nowMs = Date.UTC(2026, 10, 30)
const someone = (name: string, changes: Partial<ListedPerson> = {}): ListedPerson => ({
  ...{ visitorId: name, name, tags: [], trusted: false, welcomeUntilMs: null },
  ...{ createdAtMs: nowMs, photo: null, ...changes },
})
const all = [
  someone('robin Vale', { tags: ['family'], createdAtMs: nowMs - 3 }),
  someone('Ángel Ruiz', { tags: ['Café crew'], trusted: true, createdAtMs: nowMs - 2 }),
  someone('Sam 10', { blocked: true, createdAtMs: nowMs - 1 }),
  someone('Sam 9', { welcomeUntilMs: nowMs - 1, lists: ['cleaners'] }),
  someone('Zoë', { welcomeUntilMs: nowMs + 1, trusted: true, lists: ['cleaners', 'family'] }),
]
const seen = new Map([
  ['Zoë', nowMs - 50],
  ['Sam 9', nowMs - 10],
])
const namesFor = (query: PeopleQuery) =>
  findPeople(all, query, { seen, nowMs }).people.map(({ name }) => name)

test.each([
  ['by name', {}, ['Ángel Ruiz', 'robin Vale', 'Sam 9', 'Sam 10', 'Zoë']],
  ['trusted first', { trustedFirst: true }, ['Ángel Ruiz', 'Zoë', 'robin Vale', 'Sam 9', 'Sam 10']],
  ['newest first', { sort: 'newest' }, ['Sam 9', 'Zoë', 'Sam 10', 'Ángel Ruiz', 'robin Vale']],
  ['last seen first', { sort: 'seen' }, ['Sam 9', 'Zoë', 'Ángel Ruiz', 'robin Vale', 'Sam 10']],
  ['by part of a name', { search: 'VALE' }, ['robin Vale']],
  ['without accents', { search: 'angel' }, ['Ángel Ruiz']],
  ['by tag', { search: 'cafe' }, ['Ángel Ruiz']],
  ['by words in any order', { search: ' vale  rob ' }, ['robin Vale']],
  ['by words of which one is missing', { search: 'vale sam' }, []],
  ['by what looks like a pattern', { search: '.*' }, []],
  ['with one tag', { tag: 'family' }, ['robin Vale']],
  ['in a list', { list: 'cleaners' }, ['Sam 9', 'Zoë']],
  ['blocked', { state: 'blocked' }, ['Sam 10']],
  ['whose time is over', { state: 'expired' }, ['Sam 9']],
  ['trusted in a list', { state: 'trusted', list: 'cleaners' }, ['Zoë']],
  ['on a page that does not exist', { page: 7 }, []],
] as const)('%s', (_, query, names) => {
  expect(namesFor(query)).toEqual(names)
})

test('every page but the last is full, and together they are all', () => {
  const many = Array.from({ length: 2 * peoplePerPage + 3 }, (_, nth) => someone(`Guest ${nth}`))
  const pages = [1, 2, 3].map((page) => findPeople(many, { page }, { seen, nowMs }))
  expect(pages.map(({ people }) => people.length)).toEqual([peoplePerPage, peoplePerPage, 3])
  expect(pages.map(({ previous, next }) => [previous, next])).toEqual([
    [null, 2],
    [1, 3],
    [2, null],
  ])
  const names = pages.flatMap(({ people }) => people.map(({ name }) => name))
  expect(new Set(names).size).toBe(many.length)
})
