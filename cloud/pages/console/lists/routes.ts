/** Guest lists: all of them, and one with its hours. */
import * as z from 'zod/mini'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import {
  addHours,
  addList,
  type ListChange,
  removeHours,
  removeList,
  renameList,
} from '../../../visitors/change-lists.ts'
import type { GuestList } from '../../../visitors/core/guest-list.ts'
import {
  type HoursProblems,
  listNameProblem,
  readHours,
  type TypedHours,
} from '../../../visitors/core/guest-list-form.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { allListsPage, listPage } from './view.ts'

export const listRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/lists', 'viewer', (here) => here.context.html(allListsPage(here, nothing(deps)))),
  post('/lists', 'owner', (here) => add(deps, here)),
  get('/lists/:id', 'viewer', (here) => withList(here, (list) => show(here, list))),
  post('/lists/:id/name', 'owner', (here) => withList(here, (list) => rename(deps, here, list))),
  post('/lists/:id/hours', 'owner', (here) => withList(here, (list) => plus(deps, here, list))),
  post('/lists/:id/hours/remove', 'owner', (here) =>
    withList(here, (list) => minus(deps, here, list)),
  ),
  post('/lists/:id/delete', 'owner', (here) => withList(here, (list) => remove(deps, here, list))),
]

const nothing = ({ newId }: WebDeps) => ({ listId: newId(), name: '' })

function withList(here: Here, answer: (list: GuestList) => Response | Promise<Response>) {
  const id = here.context.req.param('id')
  const list = here.home.lists.find(({ listId }) => listId === id)
  return list ? answer(list) : notFoundIn(here)
}

const text = z._default(z.string().check(z.maxLength(300)), '')
const tidy = (name: string): string => name.trim().replace(/ +/g, ' ')

const addSchema = z.strictObject({ listId: hexId, name: text })

async function add(deps: WebDeps, here: Here) {
  const form = await formOf(here, addSchema)
  if (!form) return invalidIn(here)
  const [name, { words }] = [tidy(form.name), here]
  const problem = nameSentence(here, name)
  if (problem) return here.context.html(allListsPage(here, { ...form, problem }), 422)
  const { listId } = form
  const changed = await addList(deps, here.home.household, { listId, name, hours: [] })
  if (changed?.outcome !== 'full') return goTo(here, `/lists/${listId}`)
  return here.context.html(allListsPage(here, { ...form, problem: words.lists.full }), 422)
}

function nameSentence({ words }: Here, name: string): string | undefined {
  const problem = listNameProblem(name)
  return problem === 'missing' || problem === 'too-long' || problem === 'unfit'
    ? words.lists.problems[problem]
    : undefined
}

// ---------------------------------------------------------------- one list

const noHours: TypedHours = {
  ...{ doorId: '', weekdays: '12345', from: '', to: '', firstDay: '', lastDay: '' },
}

interface Wrong {
  readonly typed?: TypedHours
  readonly problems?: HoursProblems
  readonly notice?: string | undefined
}

const show = (
  here: Here,
  list: GuestList,
  { typed = noHours, problems = {}, notice }: Wrong = {},
) => {
  const isWrong = notice !== undefined || Object.keys(problems).length > 0
  return here.context.html(listPage(here, { list, typed, problems, notice }), isWrong ? 422 : 200)
}

const answer = (here: Here, list: GuestList, changed: ListChange | null, typed?: TypedHours) => {
  if (changed === null) return notFoundIn(here)
  if (changed.outcome === 'changed') return goTo(here, `/lists/${list.listId}`)
  return show(here, list, { notice: here.words.lists.full, ...(typed && { typed }) })
}

const nameSchema = z.strictObject({ name: text })

async function rename(deps: WebDeps, here: Here, list: GuestList) {
  const form = await formOf(here, nameSchema)
  if (!form) return invalidIn(here)
  const name = tidy(form.name)
  const notice = nameSentence(here, name)
  if (notice) return show(here, { ...list, name: form.name }, { notice })
  const { listId } = list
  return answer(here, list, await renameList(deps, here.home.household, { listId, name }))
}

const hoursSchema = z.object({ doorId: text, from: text, to: text, firstDay: text, lastDay: text })
const daysSchema = z.record(z.string(), z.string())

async function plus(deps: WebDeps, here: Here, list: GuestList) {
  const given = await formOf(here, daysSchema)
  const form = hoursSchema.safeParse(given)
  if (!given || !form.success) return invalidIn(here)
  const weekdays = Object.keys(given).flatMap((name) => /^day-([1-7])$/.exec(name)?.[1] ?? [])
  const typed = { ...form.data, weekdays: weekdays.join('') }
  const doorIds = here.home.doors.map(({ doorId }) => doorId)
  const read = readHours(typed, doorIds)
  if (!read.ok) return show(here, list, { typed, problems: read.problems })
  const { household } = here.home
  return answer(here, list, await addHours(deps, household, list.listId, read.hours), typed)
}

const hoursIdSchema = z.strictObject({ hours: text })

async function minus(deps: WebDeps, here: Here, list: GuestList) {
  const form = await formOf(here, hoursIdSchema)
  if (!form) return invalidIn(here)
  const { household } = here.home
  return answer(here, list, await removeHours(deps, household, list.listId, form.hours))
}

async function remove(deps: WebDeps, here: Here, { listId }: GuestList) {
  await removeList(deps, here.home.household, listId)
  return goTo(here, '/lists')
}
