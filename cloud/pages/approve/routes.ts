/**
 * The approval page. Its link in the owner's mail changes and shows nothing by itself: mail scanners
 * open links, run scripts and even post forms. A decision takes the visit number, which is in the
 * mail and at the door, but not in anything sent to the page.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod/mini'
import type { Language } from '../../../protocol/messages/shared.ts'
import { isFromOurPage } from '../../api/sessions.ts'
import { bodyOf, languageOf, type WebDeps } from '../../api/shared.ts'
import {
  type AskedDecision,
  byMail,
  type DecisionOutcome,
  type ShownRequest,
} from '../../approvals/core/approval-request.ts'
import { fill, translations } from '../../translations/translations.ts'
import type { FormProblems } from '../../visitors/core/visitor-form.ts'
import { asset } from '../asset.ts'
import { approvalScript, approvalStyle } from '../assets.ts'
import {
  alreadyNotice,
  type FieldProblems,
  notice,
  outcomeNotice,
  page,
  question,
  type TypedAnswer,
} from './view.ts'

const maxPostBytes = 16 * 1024

const text = (maxLength: number) => z._default(z.string().check(z.maxLength(maxLength)), '')

const linkFields = {
  request: z.string().check(z.maxLength(200)),
  token: z.string().check(z.regex(/^[\w-]{43}$/)),
}
const showSchema = z.strictObject(linkFields)

const decideSchema = z.strictObject({
  ...linkFields,
  face: z.string().check(z.regex(/^([0-9a-f]{64})?$/)),
  decision: z.enum(['allow', 'deny', 'open']),
  visitNumber: text(20),
  name: text(200),
  phone: text(100),
  email: text(300),
  prefers: text(10),
  language: text(10),
  validity: text(10),
  remembersFace: text(10),
  blockFace: text(10),
})
type Link = z.infer<typeof showSchema>
type Form = z.infer<typeof decideSchema>

export function approvalPage(deps: WebDeps): Hono {
  const app = new Hono()
  app.get('/approve/', (context) => context.html(page(languageOf(context))))
  app.get('/approve/page.css', (context) => asset(context, 'text/css', approvalStyle))
  app.get('/approve/page.js', (context) => asset(context, 'text/javascript', approvalScript))
  const onError = (context: Context) => context.html(notice(wordsFor(context).malformed), 413)
  app.post('/approve/*', bodyLimit({ maxSize: maxPostBytes, onError }), async (context, next) => {
    if (isFromOurPage(context, deps.webOrigin)) return next()
    deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
    return context.html(notice(wordsFor(context).wrongOrigin), 403)
  })
  app.post('/approve/show', (context) => show(deps, context))
  app.post('/approve/decide', (context) => decide(deps, context))
  return app
}

const wordsFor = (context: Context) => translations[languageOf(context)].approvalPage

// ---------------------------------------------------------------- showing

async function show(deps: WebDeps, context: Context) {
  const link = await bodyOf(context, showSchema)
  if (!link.ok) return context.html(notice(wordsFor(context).refused.unknown), 404)
  return showQuestion(deps, context, link.data, null)
}

const nothingTyped = {
  visitNumber: '',
  name: '',
  phone: '',
  email: '',
  prefers: 'sms',
  validity: 'day',
  remembersFace: '',
  blockFace: '',
}

/** Before the first answer: what a visitor with a phone typed themselves. */
const asGiven = ({ request: { scan } }: ShownRequest, language: Language): TypedAnswer => ({
  ...nothingTyped,
  name: scan?.name ?? '',
  language: scan?.language ?? language,
})

async function showQuestion(
  deps: WebDeps,
  context: Context,
  { request, token }: Link,
  typed: TypedAnswer | null,
  problems: FieldProblems = {},
) {
  const language = languageOf(context)
  const words = translations[language].approvalPage
  const shown = await deps.approvals.show(request, { kind: 'mail', token }, language)
  if (!shown) return context.html(notice(words.refused.unknown), 404)
  const { decision } = shown.request
  if (decision) return context.html(alreadyNotice(words, decision, shown.decidedAt ?? ''))
  if (shown.state === 'expired')
    return context.html(notice(words.expired, words.expiredDetail), 410)
  if (shown.state === 'dead') return context.html(notice(words.refused.expired), 410)
  const status = Object.keys(problems).length > 0 ? 422 : 200
  const answer = typed ?? asGiven(shown, language)
  return context.html(question(language, shown, answer, problems), status)
}

// ---------------------------------------------------------------- deciding

async function decide(deps: WebDeps, context: Context) {
  const words = wordsFor(context)
  const body = await bodyOf(context, decideSchema)
  if (!body.ok) return context.html(notice(words.malformed, body.field), 400)
  const form = body.data
  const asked = askedDecision(form, languageOf(context), deps.newId())
  const outcome = await deps.approvals.answer(asked)
  const problems = outcome.outcome === 'unfit' ? sentencesFor(words, outcome.problems) : {}
  // Without a number nothing was decided, but all problems are shown at once.
  if (asked.visitNumber === null) problems.visitNumber = words.numberMissing
  else if (outcome.outcome === 'refused' && outcome.reason === 'wrong-number') {
    problems.visitNumber = wrongNumber(words, outcome.triesLeft)
  } else if (outcome.outcome !== 'unfit') {
    return context.html(outcomeNotice(words, outcome), statusOf(outcome))
  }
  return showQuestion(deps, context, form, form, problems)
}

function askedDecision(form: Form, language: Language, nonce: string): AskedDecision {
  const { request, token, face, decision, visitNumber, blockFace, ...visitor } = form
  const number = /^[1-9]\d{0,2}$/.exec(visitNumber.trim())?.[0]
  return {
    request,
    asker: { kind: 'mail', token },
    faceSha256: face === '' ? null : face,
    language,
    visitNumber: number === undefined ? null : Number(number),
    answer: {
      allow: { kind: 'allow', visitor } as const,
      deny: { kind: 'deny', blockFace: blockFace !== '' } as const,
      // A link opens once because it decides once, so every try may have a nonce of its own.
      open: { kind: 'open', nonce, by: byMail } as const,
    }[decision],
  }
}

function wrongNumber(words: ReturnType<typeof wordsFor>, triesLeft = 1): string {
  const left = triesLeft === 1 ? words.oneTryLeft : fill(words.triesLeft, { count: triesLeft })
  return `${words.refused['wrong-number']} ${left}`
}

const sentencesFor = (
  { problems: sentences }: ReturnType<typeof wordsFor>,
  problems: FormProblems,
): FieldProblems =>
  Object.fromEntries(
    Object.entries(problems).map(([field, problem]) => [field, sentences[problem]]),
  )

function statusOf(outcome: DecisionOutcome): 200 | 404 | 409 | 410 | 422 {
  if (outcome.outcome === 'already') return 409
  if (outcome.outcome !== 'refused') return 200
  return statuses[outcome.reason]
}

const statuses = {
  unknown: 404,
  'wrong-token': 404,
  expired: 410,
  'wrong-number': 422,
  'other-photo': 409,
  'not-supported': 409,
} as const
