/** A new PIN or code, for a person on file or for one who is only named. */
import * as z from 'zod/mini'
import { leastDigitsOfNextPin } from '../../../../protocol/guessing.ts'
import type { WebDeps } from '../../../api/shared.ts'
import { isChosen, type Purpose } from '../../../credentials/core/credential.ts'
import { noTerms, readTerms, type TypedTerms } from '../../../credentials/core/terms-form.ts'
import { doorOf } from '../../../members/core/household.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { nameIn, nameProblem } from '../../../visitors/core/visitor-form.ts'
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
import { personOf } from '../people/asked.ts'
import { type CodeProblems, codeFormPage } from './form-view.ts'
import {
  anyForm,
  newCodeSchema,
  outcomeSentences,
  termsSentences,
  typedTermsIn,
  waySchema,
} from './typed.ts'

export const newCodeRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/doors/:id/codes/new', 'owner', (here) => open(deps, here, atDoor(here))),
  post('/doors/:id/codes/new', 'owner', (here) => set(deps, here, atDoor(here))),
  get('/people/:id/codes/new', 'owner', async (here) =>
    open(deps, here, await forPerson(deps, here)),
  ),
  post('/people/:id/codes/new', 'owner', async (here) =>
    set(deps, here, await forPerson(deps, here)),
  ),
  post('/people/:id/codes/link', 'owner', (here) => sendLink(deps, here)),
]

/** Where a form is, and whom it may be for. */
interface Place {
  readonly path: string
  readonly back: string
  readonly person: Visitor | null
  readonly doorId: string
  readonly purposes: readonly Purpose[]
}

function atDoor(here: Here): Place | null {
  const door = doorOf(here.home, here.context.req.param('id') ?? '')
  if (!door) return null
  const back = `/doors/${door.doorId}/codes`
  return {
    ...{ path: `${back}/new`, back, person: null, doorId: door.doorId },
    purposes: ['guest', 'courier'],
  }
}

async function forPerson(deps: WebDeps, here: Here): Promise<Place | null> {
  const person = await personOf(deps, here)
  if (!person || person.blocked) return null
  const back = `/people/${person.visitorId}`
  return {
    ...{ path: `${back}/codes/new`, back, person, doorId: here.home.doors[0]?.doorId ?? '' },
    purposes: ['pin', 'duress', 'guest'],
  }
}

interface Filled {
  readonly purpose: Purpose
  readonly formId: string
  readonly doorId: string
  readonly name: string
  readonly typed: TypedTerms
  readonly problems: CodeProblems
}

async function open(deps: WebDeps, here: Here, place: Place | null) {
  const asked = z
    .enum(['pin', 'duress', 'guest', 'courier'])
    .safeParse(here.context.req.query('for'))
  const purpose = asked.data ?? 'guest'
  if (!place?.purposes.includes(purpose)) return notFoundIn(here)
  return page(deps, here, place, {
    ...{ purpose, formId: deps.newId(), doorId: place.doorId, name: '' },
    ...{ typed: noTerms, problems: {} },
  })
}

async function page(deps: WebDeps, here: Here, place: Place, filled: Filled) {
  const { path, back, person } = place
  const ref = { household: here.home.household, doorId: filled.doorId }
  const isPin = isChosen(filled.purpose)
  const least = isPin ? leastDigitsOfNextPin(await deps.owners.credentials.counts(ref)) : null
  const html = codeFormPage(here, {
    ...{ ...filled, path, back, least },
    person: person && { name: person.name, hasFace: person.faceIds.length > 0 },
    doorId: person ? filled.doorId : null,
  })
  return here.context.html(html, Object.keys(filled.problems).length > 0 ? 422 : 200)
}

async function set(deps: WebDeps, here: Here, place: Place | null) {
  if (!place) return notFoundIn(here)
  const given = await formOf(here, anyForm)
  const form = newCodeSchema.safeParse(given)
  if (!given || !form.success || !place.purposes.includes(form.data.for)) return invalidIn(here)
  const { formId, for: purpose, pin } = form.data
  const door = doorOf(here.home, place.person ? form.data.doorId : place.doorId)
  if (!door) return invalidIn(here)
  const name = nameIn(form.data.name)
  const typed = typedTermsIn(given)
  const nowMs = deps.clock.nowMs()
  const read = readTerms(typed, { purpose, timeZone: door.settings.timeZone, nowMs })
  const isNamed = place.person !== null || nameProblem(name) === null
  const again = (problems: CodeProblems) =>
    page(deps, here, place, { purpose, formId, doorId: door.doorId, name, typed, problems })
  if (!read.ok || !isNamed) {
    return again({
      ...(!read.ok && termsSentences(here, read.problems)),
      ...(!isNamed && { name: here.words.codes.problems.name }),
    })
  }
  const holder = place.person ?? { visitorId: formId, name, language: door.settings.language }
  const { visitorId, language } = holder
  const asked = {
    ...{ door: { household: here.home.household, doorId: door.doorId }, formId },
    ...{
      holder: { visitorId, name: holder.name, language },
      by: here.member.memberId,
      ...read.terms,
    },
  }
  const done = await deps.owners.credentials.set(
    purpose === 'pin' || purpose === 'duress' ? { ...asked, purpose, pin } : { ...asked, purpose },
  )
  if (done.outcome !== 'set') return again(outcomeSentences(here, done, purpose))
  return goTo(
    here,
    isChosen(purpose) ? place.back : `/doors/${door.doorId}/codes/${done.credential.grantId}`,
  )
}

async function sendLink(deps: WebDeps, here: Here) {
  const place = await forPerson(deps, here)
  if (!place?.person) return notFoundIn(here)
  const form = await formOf(here, waySchema)
  if (!form) return invalidIn(here)
  await deps.owners.credentials.sendPinLink(place.person, form.way)
  return goTo(here, `${place.back}?said=link`)
}
