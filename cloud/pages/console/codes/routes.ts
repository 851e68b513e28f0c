/** PINs and codes of guests and couriers, for owners: of a door, and one of them. */
import type { WebDeps } from '../../../api/shared.ts'
import { readTerms, typedTerms } from '../../../credentials/core/terms-form.ts'
import type { ShownCredential } from '../../../credentials/owner-credentials.ts'
import type { Door } from '../../../members/core/household.ts'
import { seesDuress } from '../../../notices/notify.ts'
import { idsOf, type Visitor } from '../../../visitors/core/visitor.ts'
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
import { doorIn } from '../doors/command.ts'
import { codePage, type OneCode } from './code-view.ts'
import { type DoorCodes, doorCodesPage } from './list-view.ts'
import { newCodeRoutes } from './new-code.ts'
import { anyForm, saidSchema, termsSentences, typedTermsIn, waySchema } from './typed.ts'

export const codeRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/doors/:id/codes', 'owner', (here) => list(deps, here)),
  // Before `/doors/:id/codes/:grant`, which would take "new" for an id.
  ...newCodeRoutes(deps),
  get('/doors/:id/codes/:grant', 'owner', (here) => withOne(deps, here, (one) => show(here, one))),
  post('/doors/:id/codes/:grant/terms', 'owner', (here) =>
    withOne(deps, here, (one) => changeTerms(deps, here, one)),
  ),
  post('/doors/:id/codes/:grant/send', 'owner', (here) =>
    withOne(deps, here, async (one) => {
      await deps.owners.credentials.sendAgain(one.shown.credential)
      return goTo(here, `${pathOf(one)}?said=again`)
    }),
  ),
  post('/doors/:id/codes/:grant/deliver', 'owner', (here) =>
    withOne(deps, here, (one) => deliver(deps, here, one)),
  ),
  post('/doors/:id/codes/:grant/withdraw', 'owner', (here) =>
    withOne(deps, here, async (one) => {
      await deps.owners.credentials.withdraw(one.shown.credential)
      return goTo(here, pathOf(one))
    }),
  ),
]

const pathOf = ({ door, shown }: OneCode): string =>
  `/doors/${door.doorId}/codes/${shown.credential.grantId}`

/** A duress PIN is there only for those who are alarmed by it. */
async function codesOf(deps: WebDeps, here: Here, door: Door): Promise<DoorCodes> {
  const ref = { household: here.home.household, doorId: door.doorId }
  const [{ credentials, heardAtMs }, sees] = await Promise.all([
    deps.owners.credentials.ofDoor(ref),
    seesDuress(deps, here.home, here.member),
  ])
  const { timeZone } = door.settings
  return {
    door,
    credentials: credentials.filter(({ credential }) => sees || credential.purpose !== 'duress'),
    clocks: { nowMs: deps.clock.nowMs(), timeZone, heardAtMs },
  }
}

/** Of one person, at every door. */
export async function codesOfPerson(
  deps: WebDeps,
  here: Here,
  person: Visitor,
): Promise<readonly DoorCodes[]> {
  const ids = idsOf(person)
  const all = await Promise.all(here.home.doors.map((door) => codesOf(deps, here, door)))
  return all.map(({ credentials, ...rest }) => ({
    ...rest,
    credentials: credentials.filter(({ credential }) => ids.includes(credential.visitorId)),
  }))
}

async function list(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  return here.context.html(doorCodesPage(here, await codesOf(deps, here, door)))
}

// ---------------------------------------------------------------- one

async function withOne(
  deps: WebDeps,
  here: Here,
  answer: (one: OneCode) => Response | Promise<Response>,
): Promise<Response> {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const { credentials, clocks } = await codesOf(deps, here, door)
  const id = here.context.req.param('grant')
  const shown = credentials.find(({ credential }) => credential.grantId === id)
  return shown ? answer(await oneCode(deps, here, { door, shown, clocks })) : notFoundIn(here)
}

async function oneCode(
  deps: WebDeps,
  { home, context, words }: Here,
  { door, shown, clocks }: Pick<OneCode, 'door' | 'clocks'> & { readonly shown: ShownCredential },
): Promise<OneCode> {
  const { credential } = shown
  const [code, person] = await Promise.all([
    deps.owners.credentials.codeOf(credential),
    deps.visitors.find(home.household, credential.visitorId),
  ])
  const said = saidSchema.safeParse(context.req.query('said')).data
  return {
    ...{ door, shown, clocks, code, person, problems: {} },
    typed: typedTerms(credential, clocks.timeZone),
    said: said ? words.codes.said[said] : null,
  }
}

const show = (here: Here, one: OneCode) => {
  const isWrong = one.notice !== undefined || Object.keys(one.problems).length > 0
  return here.context.html(codePage(here, one), isWrong ? 422 : 200)
}

async function changeTerms(deps: WebDeps, here: Here, one: OneCode) {
  const given = await formOf(here, anyForm)
  if (!given || Object.keys(given).length === 0) return invalidIn(here)
  const typed = typedTermsIn(given)
  const { credential } = one.shown
  const { purpose, validity: before } = credential
  const { nowMs, timeZone } = one.clocks
  const read = readTerms(typed, { purpose, timeZone, nowMs, before })
  if (!read.ok) return show(here, { ...one, typed, problems: termsSentences(here, read.problems) })
  const changed = await deps.owners.credentials.changeTerms(credential, read.terms)
  if (changed?.outcome === 'stored') return goTo(here, pathOf(one))
  const { words } = here
  const notice = changed?.outcome === 'code-in-use' ? words.codes.codeTaken : words.codes.changed
  return show(here, { ...one, typed, notice })
}

async function deliver(deps: WebDeps, here: Here, one: OneCode) {
  const form = await formOf(here, waySchema)
  if (!form) return invalidIn(here)
  const isSent = await deps.owners.credentials.deliver(one.shown.credential, form.way)
  return goTo(here, `${pathOf(one)}?said=${isSent ? form.way : 'notAtDoor'}`)
}
