/** What is stored and how long, recognition, and taking away or deleting people's data. */
import * as z from 'zod/mini'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { setRecognition } from '../../../members/households.ts'
import { deletePeople } from '../../../privacy/delete-people.ts'
import { exportHousehold, exportPerson } from '../../../privacy/export-data.ts'
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
import { privacyPage } from './view.ts'

export const privacyRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/privacy', 'viewer', (here) => show(deps, here)),
  get('/privacy/export', 'owner', (here) => everything(deps, here)),
  get('/privacy/people/:person', 'owner', (here) => onePerson(deps, here)),
  post('/privacy/recognition', 'owner', (here) => switchRecognition(deps, here)),
  post('/privacy/delete', 'owner', (here) => remove(deps, here)),
]

async function show(deps: WebDeps, here: Here, isUnconfirmed = false) {
  const people = await deps.visitors.list(here.home.household)
  const page = privacyPage(here, { people, isUnconfirmed })
  return here.context.html(page, isUnconfirmed ? 422 : 200)
}

// ---------------------------------------------------------------- taking away

async function everything(deps: WebDeps, here: Here) {
  const { household } = here.home
  const after = here.context.req.query('after') ?? null
  if (after !== null && !isCursorOf(after, household)) return invalidIn(here)
  const data = await exportHousehold(deps, household, after)
  return data ? file(here, household, data) : notFoundIn(here)
}

async function onePerson(deps: WebDeps, here: Here) {
  const id = hexId.safeParse(here.context.req.param('person')).data
  const data = id && (await exportPerson(deps, here.home.household, id))
  return data ? file(here, data.person.visitorId, data) : notFoundIn(here)
}

/** Start, door and id of a visit. */
const isCursorOf = (cursor: string, household: string): boolean => {
  const [, door = ''] = /^\d{1,15}\.([\w-]{1,64})\.[0-9a-f]{32}$/.exec(cursor) ?? []
  return door.startsWith(`${household}_`)
}

function file({ context }: Here, name: string, data: object) {
  context.header('content-type', 'application/json; charset=utf-8')
  context.header('content-disposition', `attachment; filename="smart-door-${name}.json"`)
  return context.body(JSON.stringify(data, null, 2))
}

// ---------------------------------------------------------------- changing

const recognitionSchema = z.strictObject({ recognises: z.enum(['yes', 'no']) })

async function switchRecognition(deps: WebDeps, here: Here) {
  const form = await formOf(here, recognitionSchema)
  if (!form) return invalidIn(here)
  await setRecognition(deps, here.home.household, form.recognises === 'yes')
  return goTo(here, '/privacy')
}

const deleteSchema = z.strictObject({ confirmed: z.optional(z.literal('yes')) })

async function remove(deps: WebDeps, here: Here) {
  const form = await formOf(here, deleteSchema)
  if (!form) return invalidIn(here)
  if (!form.confirmed) return show(deps, here, true)
  await deletePeople(deps, here.home.household)
  return goTo(here, '/privacy')
}
