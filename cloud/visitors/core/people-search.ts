/** Finds, sorts and pages the people on file. A household has at most some thousand. */
import type { Visitor } from './visitor.ts'

/** What a list shows of a person. */
export type ListedPerson = Pick<
  Visitor,
  | 'visitorId'
  | 'name'
  | 'tags'
  | 'trusted'
  | 'blocked'
  | 'lists'
  | 'welcomeUntilMs'
  | 'createdAtMs'
  | 'photo'
>

export const peopleSorts = ['name', 'seen', 'newest'] as const
export const peopleStates = ['trusted', 'blocked', 'expired'] as const

export interface PeopleQuery {
  /** Words that all occur in the name or the tags. */
  readonly search?: string | undefined
  readonly tag?: string | undefined
  readonly list?: string | undefined
  readonly state?: (typeof peopleStates)[number] | undefined
  readonly sort?: (typeof peopleSorts)[number] | undefined
  readonly trustedFirst?: boolean | undefined
  /** From 1. */
  readonly page?: number | undefined
}

export interface FoundPeople<Person> {
  readonly people: readonly Person[]
  readonly total: number
  /** Numbers of the pages before and after; null where there is none. */
  readonly previous: number | null
  readonly next: number | null
}

export const peoplePerPage = 50

export function findPeople<Person extends ListedPerson>(
  all: readonly Person[],
  query: PeopleQuery,
  { seen, nowMs }: { readonly seen: ReadonlyMap<string, number>; readonly nowMs: number },
): FoundPeople<Person> {
  const { search = '', sort = 'name', trustedFirst = false, page = 1 } = query
  const words = folded(search).split(/\s+/).filter(Boolean)
  const found = all.filter((person) => isMeant(person, query, nowMs) && has(words, person))
  const order = orders(seen)[sort]
  const first = (one: Person, other: Person) =>
    trustedFirst ? Number(other.trusted) - Number(one.trusted) : 0
  const sorted = found.sort((one, other) => first(one, other) || order(one, other))
  const from = (page - 1) * peoplePerPage
  return {
    people: sorted.slice(from, from + peoplePerPage),
    total: sorted.length,
    previous: page > 1 ? page - 1 : null,
    next: from + peoplePerPage < sorted.length ? page + 1 : null,
  }
}

export const isOver = ({ welcomeUntilMs }: Pick<Visitor, 'welcomeUntilMs'>, nowMs: number) =>
  welcomeUntilMs !== null && welcomeUntilMs < nowMs

function isMeant(person: ListedPerson, { tag, list, state }: PeopleQuery, nowMs: number): boolean {
  if (tag !== undefined && !person.tags.includes(tag)) return false
  if (list !== undefined && !person.lists?.includes(list)) return false
  if (state === 'trusted') return person.trusted
  if (state === 'blocked') return person.blocked === true
  return state === undefined || isOver(person, nowMs)
}

const has = (words: readonly string[], { name, tags }: ListedPerson): boolean => {
  if (words.length === 0) return true
  const text = folded([name, ...tags].join(' '))
  return words.every((word) => text.includes(word))
}

/** Without case and accents. */
const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()

const names = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

function orders(seen: ReadonlyMap<string, number>) {
  type Order = (one: ListedPerson, other: ListedPerson) => number
  const name: Order = (one, other) =>
    names.compare(one.name, other.name) || (one.visitorId < other.visitorId ? -1 : 1)
  const seenAt = ({ visitorId }: ListedPerson) => seen.get(visitorId) ?? 0
  return {
    name,
    seen: (one, other) => seenAt(other) - seenAt(one) || name(one, other),
    newest: (one, other) => other.createdAtMs - one.createdAtMs || name(one, other),
  } satisfies Record<string, Order>
}

export const tagsOf = (all: readonly Pick<Visitor, 'tags'>[]): readonly string[] =>
  [...new Set(all.flatMap(({ tags }) => tags))].sort(names.compare)
