/** How an owner changes guest lists. They are part of the household's record. */
import type { Household } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'
import type { GuestHours, GuestList } from './core/guest-list.ts'

const mostLists = 50
export const mostHours = 30

export type ListChange =
  | { readonly outcome: 'changed'; readonly list: GuestList }
  | { readonly outcome: 'full' }

/** The id comes with the page, so that a form that is sent twice adds one list. */
export const addList = (
  deps: Uses<'households'>,
  household: string,
  list: GuestList,
): Promise<ListChange | null> =>
  change(deps, household, list.listId, (known, lists) => {
    if (known) return known
    return lists.length < mostLists ? list : 'full'
  })

export const renameList = (
  deps: Uses<'households'>,
  household: string,
  { listId, name }: Pick<GuestList, 'listId' | 'name'>,
): Promise<ListChange | null> =>
  change(deps, household, listId, (known) => known && { ...known, name })

/** Hours that the list has already are not added again. */
export const addHours = (
  deps: Uses<'households'>,
  household: string,
  listId: string,
  hours: GuestHours,
): Promise<ListChange | null> =>
  change(deps, household, listId, (known) => {
    if (!known || known.hours.some((one) => hoursId(one) === hoursId(hours))) return known
    return known.hours.length < mostHours ? { ...known, hours: [...known.hours, hours] } : 'full'
  })

export const removeHours = (
  deps: Uses<'households'>,
  household: string,
  listId: string,
  id: string,
): Promise<ListChange | null> =>
  change(
    deps,
    household,
    listId,
    (known) => known && { ...known, hours: known.hours.filter((one) => hoursId(one) !== id) },
  )

/** Names hours by what they are, so that removing them twice removes no others. */
export const hoursId = (hours: GuestHours): string =>
  [
    hours.doorId ?? '',
    hours.weekdays.join(''),
    ...[hours.fromMinute, hours.toMinute, hours.firstDay ?? '', hours.lastDay ?? ''],
  ].join('.')

/** People who were only in this list may then come at any time. False without such a list. */
export async function removeList(
  { households }: Uses<'households'>,
  household: string,
  listId: string,
): Promise<boolean> {
  const changed = await households.change(household, (now) => {
    const lists = now?.lists.filter((list) => list.listId !== listId) ?? []
    return now && lists.length < now.lists.length ? { ...now, lists } : null
  })
  return changed !== null
}

/** Null when `next` makes nothing of it: there is no such list. */
async function change(
  { households }: Uses<'households'>,
  household: string,
  listId: string,
  next: (known: GuestList | null, lists: readonly GuestList[]) => GuestList | 'full' | null,
): Promise<ListChange | null> {
  let outcome: ListChange | null = null
  await households.change(household, (now) => {
    const lists = now?.lists ?? []
    const made = next(lists.find((list) => list.listId === listId) ?? null, lists)
    outcome = made === 'full' ? { outcome: made } : made && { outcome: 'changed', list: made }
    return now && made && made !== 'full' ? withList(now, made) : null
  })
  return outcome
}

const withList = (home: Household, list: GuestList): Household => {
  const isNew = home.lists.every(({ listId }) => listId !== list.listId)
  const lists = home.lists.map((one) => (one.listId === list.listId ? list : one))
  return { ...home, lists: isNew ? [...lists, list] : lists }
}
