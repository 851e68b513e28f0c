/**
 * Commands that a door executes at once or never: the answer to their form, and the page that waits
 * for the answer of the door.
 */
import { html } from 'hono/html'
import * as z from 'zod/mini'
import { type CloudBody, longestCommandLifeMs } from '../../../../protocol/messages/cloud.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import type { DoorState } from '../../../doors/core/door-state.ts'
import { type Door, doorOf, type Role } from '../../../members/core/household.ts'
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

interface Kind {
  readonly name: 'unlock' | 'lift' | 'mode'
  readonly answer: 'answer' | 'liftAnswer' | 'modeAnswer'
  readonly role: Role
}

const kinds: readonly (Kind & { readonly type: 'unlock' | 'lift-pause' })[] = [
  { name: 'unlock', type: 'unlock', answer: 'answer', role: 'member' },
  { name: 'lift', type: 'lift-pause', answer: 'liftAnswer', role: 'owner' },
]

export const commandRoutes = (deps: WebDeps): readonly ConsoleRoute[] =>
  kinds.flatMap((kind) => [
    post(`/doors/:id/${kind.name}`, kind.role, (here) => command(deps, here, kind)),
    get(`/doors/:id/${kind.name}/:nonce`, kind.role, (here) => outcome(deps, here, kind)),
  ])

export const doorIn = (here: Here): Door | null =>
  doorOf(here.home, here.context.req.param('id') ?? '')

async function command(deps: WebDeps, here: Here, { name, type }: (typeof kinds)[number]) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const sent = await send(deps, here, door, (fresh) => ({ type, ...fresh }))
  if (sent === null) return invalidIn(here)
  if (!sent.isSupported) return notSupported(here, door)
  return goTo(here, `/doors/${door.doorId}/${name}/${sent.nonce}?sent=${sent.atMs}`)
}

export function notSupported(here: Here, door: Door) {
  const { notSupported: title, notSupportedDetail: detail } = here.words.unlock
  return here.context.html(page(here, door, { title, detail, back: '/' }), 409)
}

// ---------------------------------------------------------------- sending

/** The nonce comes from the page, so that the door executes a form that is sent twice once. */
const formSchema = z.strictObject({ nonce: hexId })

interface Fresh {
  readonly nonce: string
  readonly expiresAtMs: number
  readonly by: string
}

/** Null for a form that is not complete. */
export async function send(
  deps: WebDeps,
  here: Here,
  door: Door,
  bodyFor: (fresh: Fresh) => CloudBody,
) {
  const form = await formOf(here, formSchema)
  return form && sendFresh(deps, here, door, { nonce: form.nonce, bodyFor })
}

export async function sendFresh(
  deps: WebDeps,
  here: Here,
  { doorId }: Door,
  { nonce, bodyFor }: { readonly nonce: string; readonly bodyFor: (fresh: Fresh) => CloudBody },
) {
  const { memberId } = here.member
  const atMs = deps.clock.nowMs()
  const expiresAtMs = atMs + longestCommandLifeMs
  const body = bodyFor({ nonce, expiresAtMs, by: `member ${memberId}` })
  const isSupported = await deps.owners.command(doorId, body, nonce)
  if (isSupported) deps.log.info({ doorId, type: body.type, memberId }, 'command sent')
  return { nonce, atMs, isSupported }
}

// ---------------------------------------------------------------- waiting for the door

const sentSchema = z.coerce.number().check(z.int(), z.nonnegative())
export const sentAtMsIn = ({ context }: Here): number =>
  sentSchema.safeParse(context.req.query('sent')).data ?? 0

/** The command has expired by then, and an answer has arrived. */
export const answeredWithinMs = longestCommandLifeMs + 3_000

export async function outcome(deps: WebDeps, here: Here, kind: Kind) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const { doorId } = door
  const state = await deps.doorStates.find({ household: here.home.household, doorId })
  const isOver = deps.clock.nowMs() > sentAtMsIn(here) + answeredWithinMs
  const back = kind.name === 'unlock' ? '/' : `/doors/${doorId}`
  return here.context.html(page(here, door, { ...said(here, door, state, { kind, isOver }), back }))
}

interface Said {
  readonly title: string
  readonly detail: string
  readonly isWaiting?: boolean
}

function said(
  { words, context }: Here,
  { name }: Door,
  state: DoorState,
  { kind, isOver }: { readonly kind: Kind; readonly isOver: boolean },
): Said {
  const own = words[kind.name]
  const answer = state[kind.answer]?.value
  if (answer && answer.commandId === context.req.param('nonce')) {
    const { result } = answer
    if (result === 'accepted') {
      return { title: fill(own.accepted, { door: name }), detail: own.acceptedDetail }
    }
    return { title: words.unlock.refused, detail: reasonIn(words, result) }
  }
  if (isOver) return { title: words.unlock.noAnswer, detail: own.noAnswerDetail }
  const { asking: title, askingDetail: detail } = words.unlock
  return { title, detail, isWaiting: true }
}

/** Why a door refused a command. */
export function reasonIn({ unlock }: Here['words'], result: string): string {
  const reasons: Readonly<Record<string, string>> = unlock.reasons
  return reasons[result] ?? ''
}

const page = (
  here: Here,
  { name }: Door,
  { title, detail, isWaiting = false, back }: Said & { readonly back: string },
) =>
  framed(here, {
    title: fill(here.words.unlock.title, { door: name }),
    section: 'home',
    ...(isWaiting && { refreshSeconds: 1 }),
    body: html`<div aria-live="polite">
        <h1>${title}</h1>
        <p class="quiet">${detail}</p>
      </div>
      <p><a class="button" href="${back}">${back === '/' ? here.words.sections.home : name}</a></p>`,
  })
