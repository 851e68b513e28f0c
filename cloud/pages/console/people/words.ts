/** What pages say about a person, and the small picture of one. */
import { html } from 'hono/html'
import { dayAndTime } from '../../../letters/date-words.ts'
import { fill } from '../../../translations/translations.ts'
import { isOver, type ListedPerson } from '../../../visitors/core/people-search.ts'
import type { Here, Html } from '../console.ts'

/** When a person is let in without a question. */
export function validityWords(here: Here, person: ListedPerson, nowMs: number): string {
  const words = here.words.people.validity
  const { welcomeUntilMs } = person
  const date = welcomeUntilMs === null ? '' : dayAndTime(welcomeUntilMs, here.language, here.place)
  if (person.blocked) return words.blocked
  if (isOver(person, nowMs)) return fill(words.over, { date })
  const lists = listNames(here, person).join(', ')
  const hours = lists && fill(words.lists, { lists })
  const until = date && fill(words.until, { date })
  return [hours, until].filter(Boolean).join('. ') || words.always
}

const listNames = ({ home }: Here, { lists = [] }: Pick<ListedPerson, 'lists'>): string[] =>
  home.lists.filter(({ listId }) => lists.includes(listId)).map(({ name }) => name)

/** The name is beside it, so it has no text of its own. */
export const portrait = ({ visitorId, name, photo }: ListedPerson): Html =>
  photo
    ? html`<img class="portrait" src="/people/${visitorId}/photo" alt="" width="56" height="56" loading="lazy">`
    : html`<span class="portrait" aria-hidden="true">${initials(name)}</span>`

const initials = (name: string): string => {
  const words = name.split(' ').map((word) => [...word][0] ?? '')
  return `${words[0] ?? ''}${words.length > 1 ? (words.at(-1) ?? '') : ''}`.toUpperCase()
}
