/** Approval requests for signed-in members: the question, the answer, and a minute to undo it. */
import * as z from 'zod/mini'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import type {
  AskedDecision,
  DecisionOutcome,
  ShownRequest,
} from '../../../approvals/core/approval-request.ts'
import { requestsSince } from '../../../approvals/open-requests.ts'
import { canBeUndone } from '../../../approvals/undo.ts'
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
import { listPage } from './list.ts'
import { decidedPage, expiredPage, questionPage, type Typed } from './view.ts'

export const requestPages = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/requests', 'viewer', (here) => list(deps, here)),
  get('/requests/:id', 'viewer', (here) => show(deps, here)),
  post('/requests/:id/allow', 'owner', (here) => allow(deps, here)),
  post('/requests/:id/open', 'member', (here) => open(deps, here)),
  post('/requests/:id/deny', 'owner', (here) => deny(deps, here)),
  post('/requests/:id/undo', 'owner', (here) => undo(deps, here)),
]

const askerOf = ({ member: { household, email } }: Here) =>
  ({ kind: 'member', household, email }) as const

const idOf = (here: Here): string => here.context.req.param('id') ?? ''

const find = (deps: WebDeps, here: Here): Promise<ShownRequest | null> =>
  deps.approvals.show(idOf(here), askerOf(here), here.language)

// ---------------------------------------------------------------- looking

/** Older ones are found with their visits. */
const listedMs = 7 * 24 * 3_600_000

async function list(deps: WebDeps, here: Here) {
  const nowMs = deps.clock.nowMs()
  const requests = await requestsSince(deps, here.home.household, nowMs - listedMs)
  return here.context.html(listPage(here, requests, nowMs))
}

async function show(deps: WebDeps, here: Here) {
  const shown = await find(deps, here)
  if (!shown) return notFoundIn(here)
  if (shown.state === 'open') return ask(deps, here, shown, nothingTyped(shown))
  if (shown.state === 'expired') return here.context.html(expiredPage(here, shown))
  const code = codeSchema.safeParse(here.context.req.query('code')).data ?? null
  const isUndoable = canBeUndone(shown.request, deps.clock.nowMs())
  return here.context.html(decidedPage(here, shown, { code, isUndoable }))
}

/** What became of the code, when the page before this one allowed the visitor. */
const codeSchema = z.enum(['on-its-way', 'has-one', 'limited', 'unknown-door', 'crowded'])

const nothingTyped = ({ doorLanguage, request: { scan } }: ShownRequest): Typed => ({
  name: scan?.name ?? '',
  phone: '',
  email: '',
  prefers: 'sms',
  language: scan?.language ?? doorLanguage,
  validity: 'day',
  remembersFace: '',
})

function ask(
  deps: WebDeps,
  here: Here,
  shown: ShownRequest,
  typed: Typed,
  problems: Extract<DecisionOutcome, { outcome: 'unfit' }>['problems'] = {},
) {
  const page = questionPage(here, shown, {
    ...{ typed, problems },
    nonce: deps.newId(),
    nowMs: deps.clock.nowMs(),
  })
  return here.context.html(page, Object.keys(problems).length > 0 ? 422 : 200)
}

// ---------------------------------------------------------------- answering

const text = z._default(z.string().check(z.maxLength(300)), '')
const face = z.string().check(z.regex(/^([0-9a-f]{64})?$/))

const allowSchema = z.strictObject({
  face,
  name: text,
  phone: text,
  email: text,
  prefers: text,
  language: text,
  validity: text,
  remembersFace: text,
})
const openSchema = z.strictObject({ face, nonce: hexId })
const denySchema = z.strictObject({ face, blockFace: text })

const answer = (
  deps: WebDeps,
  here: Here,
  faceSha256: string,
  given: AskedDecision['answer'],
): Promise<DecisionOutcome> =>
  deps.approvals.answer({
    request: idOf(here),
    asker: askerOf(here),
    visitNumber: null,
    faceSha256: faceSha256 === '' ? null : faceSha256,
    language: here.language,
    answer: given,
  })

async function allow(deps: WebDeps, here: Here) {
  const form = await formOf(here, allowSchema)
  if (!form) return invalidIn(here)
  const { face: faceSha256, ...typed } = form
  const outcome = await answer(deps, here, faceSha256, { kind: 'allow', visitor: typed })
  if (outcome.outcome === 'unfit') {
    const shown = await find(deps, here)
    if (shown?.state === 'open') return ask(deps, here, shown, typed, outcome.problems)
  }
  const query = outcome.outcome === 'allowed' ? `?code=${outcome.code}` : ''
  return afterAnswer(here, outcome, query)
}

async function open(deps: WebDeps, here: Here) {
  const form = await formOf(here, openSchema)
  if (!form) return invalidIn(here)
  const { nonce } = form
  const by = `member ${here.member.memberId}`
  const outcome = await answer(deps, here, form.face, { kind: 'open', nonce, by })
  if (outcome.outcome !== 'opened') return afterAnswer(here, outcome)
  const [doorId = ''] = idOf(here).split('.')
  return goTo(here, `/doors/${doorId}/unlock/${nonce}?sent=${outcome.sentAtMs}`)
}

async function deny(deps: WebDeps, here: Here) {
  const form = await formOf(here, denySchema)
  if (!form) return invalidIn(here)
  const blockFace = form.blockFace !== ''
  return afterAnswer(here, await answer(deps, here, form.face, { kind: 'deny', blockFace }))
}

/** The page of the request shows what was decided, by the first who answered. */
function afterAnswer(here: Here, outcome: DecisionOutcome, query = '') {
  const isUnknown = outcome.outcome === 'refused' && outcome.reason === 'unknown'
  return isUnknown ? notFoundIn(here) : goTo(here, `/requests/${idOf(here)}${query}`)
}

async function undo(deps: WebDeps, here: Here) {
  const outcome = await deps.approvals.undo(idOf(here), askerOf(here))
  return outcome === 'unknown' ? notFoundIn(here) : goTo(here, `/requests/${idOf(here)}`)
}
