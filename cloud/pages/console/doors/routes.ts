/** A door's page with its settings, and how to add a door. */
import * as z from 'zod/mini'
import { languageSchema } from '../../../../protocol/messages/shared.ts'
import type { WebDeps } from '../../../api/shared.ts'
import {
  checkSettings,
  type SettingsField,
  type TypedSettings,
  typedSettings,
} from '../../../doors/core/settings-form.ts'
import type { Door } from '../../../members/core/household.ts'
import { renameDoor } from '../../../members/households.ts'
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
import { doorIn } from './command.ts'
import { addDoorPage, doorPage } from './view.ts'

export const doorRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/doors/add', 'owner', (here) => here.context.html(addDoorPage(here))),
  get('/doors/:id', 'viewer', (here) => show(deps, here)),
  post('/doors/:id/settings', 'owner', (here) => change(deps, here)),
]

async function show(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  return page(deps, here, door, { typed: typedSettings(door.name, door.settings) })
}

interface Filled {
  readonly typed: TypedSettings
  readonly wrong?: readonly SettingsField[]
  readonly isOutdated?: boolean
}

async function page(deps: WebDeps, here: Here, door: Door, filled: Filled) {
  const { wrong = [], isOutdated = false } = filled
  const ref = { household: here.home.household, doorId: door.doorId }
  const [state, introduction] = await Promise.all([
    deps.doorStates.find(ref),
    deps.introductions.find(ref),
  ])
  const html = doorPage(here, {
    ...{ door, state, introduction, wrong, isOutdated, typed: filled.typed },
    nonces: { lift: deps.newId(), live: deps.newId(), mode: deps.newId() },
    nowMs: deps.clock.nowMs(),
  })
  return here.context.html(html, isOutdated ? 409 : wrong.length > 0 ? 422 : 200)
}

const text = z._default(z.string().check(z.maxLength(300)), '')
const formSchema = z.strictObject({
  revision: z.coerce.number().check(z.int(), z.nonnegative()),
  name: text,
  unlockSeconds: text,
  heldOpenSeconds: text,
  language: languageSchema,
  timeZone: text,
})

/** Sent twice it changes nothing the second time. */
async function change(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const form = await formOf(here, formSchema)
  if (!form) return invalidIn(here)
  const { revision, ...typed } = form
  const checked = checkSettings(typed)
  if (!checked.ok) return page(deps, here, door, { typed, wrong: checked.wrong })
  const { name } = checked
  const { modeHours } = door.settings
  const settings = { ...checked.settings, ...(modeHours && { modeHours }) }
  const isSame = JSON.stringify(settings) === JSON.stringify(ownOrder(door))
  if (!isSame && revision !== door.revision) {
    return page(deps, here, door, { typed, isOutdated: true })
  }
  const ref = { household: here.home.household, doorId: door.doorId }
  if (name !== door.name) await renameDoor(deps, ref, name)
  if (!isSame) await deps.owners.changeSettings(ref, settings)
  return goTo(here, `/doors/${door.doorId}`)
}

/** As `checkSettings` returns them. */
function ownOrder({ name, settings }: Door) {
  const own = checkSettings(typedSettings(name, settings))
  const { modeHours } = settings
  return own.ok ? { ...own.settings, ...(modeHours && { modeHours }) } : null
}
