/** Unlocking a door at once: the form's answer, and the page that waits for the door's. */
import { html } from 'hono/html'
import * as z from 'zod/mini'
import { longestCommandLifeMs } from '../../../../protocol/messages/cloud.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import type { DoorState } from '../../../doors/core/door-state.ts'
import { type Door, doorOf } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
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
import { framed } from '../frame.ts'

export const unlockRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  post('/doors/:id/unlock', 'member', (here) => unlock(deps, here)),
  get('/doors/:id/unlock/:nonce', 'member', (here) => outcome(deps, here)),
]

/** The nonce comes from the page, so that a form that is sent twice opens once. */
const formSchema = z.strictObject({ nonce: hexId })

async function unlock(deps: WebDeps, here: Here) {
  const door = doorOf(here.home, here.context.req.param('id') ?? '')
  if (!door) return notFoundIn(here)
  const form = await formOf(here, formSchema)
  if (!form) return invalidIn(here)
  const { nonce } = form
  const { doorId } = door
  const { memberId } = here.member
  const atMs = deps.clock.nowMs()
  const expiresAtMs = atMs + longestCommandLifeMs
  const fresh = { type: 'unlock', nonce, expiresAtMs, by: `member ${memberId}` } as const
  if (!(await deps.owners.command(doorId, fresh, nonce))) {
    const { notSupported, notSupportedDetail } = here.words.unlock
    return here.context.html(
      page(here, door, { title: notSupported, detail: notSupportedDetail }),
      409,
    )
  }
  deps.log.info({ doorId, type: 'unlock', memberId }, 'command sent')
  return goTo(here, `/doors/${doorId}/unlock/${nonce}?sent=${atMs}`)
}

const sentSchema = z.coerce.number().check(z.int(), z.nonnegative())
/** The command has expired by then, and an answer has arrived. */
const answeredWithinMs = longestCommandLifeMs + 3_000

async function outcome(deps: WebDeps, here: Here) {
  const { id = '', nonce = '' } = here.context.req.param()
  const door = doorOf(here.home, id)
  if (!door) return notFoundIn(here)
  const sentAtMs = sentSchema.safeParse(here.context.req.query('sent')).data ?? 0
  const state = await deps.doorStates.find({ household: here.home.household, doorId: id })
  const isOver = deps.clock.nowMs() > sentAtMs + answeredWithinMs
  return here.context.html(page(here, door, said(here, door, state, { nonce, isOver })))
}

interface Said {
  readonly title: string
  readonly detail: string
  readonly isWaiting?: boolean
}

function said(
  { words: { unlock: words } }: Here,
  { name }: Door,
  { answer }: DoorState,
  { nonce, isOver }: { readonly nonce: string; readonly isOver: boolean },
): Said {
  if (answer?.value.commandId === nonce) {
    const { result } = answer.value
    if (result === 'accepted') {
      return { title: fill(words.accepted, { door: name }), detail: words.acceptedDetail }
    }
    const reasons: Readonly<Record<string, string>> = words.reasons
    return { title: words.refused, detail: reasons[result] ?? '' }
  }
  if (isOver) return { title: words.noAnswer, detail: words.noAnswerDetail }
  return { title: words.asking, detail: words.askingDetail, isWaiting: true }
}

const page = (here: Here, { name }: Door, { title, detail, isWaiting = false }: Said) =>
  framed(here, {
    title: fill(here.words.unlock.title, { door: name }),
    section: 'home',
    ...(isWaiting && { refreshSeconds: 1 }),
    body: html`<div aria-live="polite">
        <h1>${title}</h1>
        <p class="quiet">${detail}</p>
      </div>
      <p><a class="button" href="/">${here.words.sections.home}</a></p>`,
  })
