/**
 * The page that an owner's mail leads to. Getting it changes nothing and shows nothing: machines
 * that read mail do that, and some run scripts and post forms, too. What decides is a number that
 * stands in the mail and at the door and in nothing that the page is sent.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod/mini'
import type { Language } from '../../../protocol/messages/shared.ts'
import type { WebDeps } from '../../api/deps.ts'
import type { AskedDecision, Asker, DecisionOutcome } from '../../approvals/core/answer.ts'
import type { FormProblems } from '../../visitors/core/visitor-form.ts'
import { languageFrom, wordsIn } from '../translations/translations.ts'
import { approveScript } from './script.ts'
import { approveStyle } from './style.ts'
import {
  alreadyPage,
  emptyPage,
  expiredPage,
  type FieldProblems,
  outcomePage,
  problemWords,
  question,
  refusalPage,
  sentencePage,
  type TypedAnswer,
} from './view.ts'

const largestPostBytes = 16 * 1024
const fileMaxAgeSeconds = 300

const text = (longest: number) => z._default(z.string().check(z.maxLength(longest)), '')

const linkFields = {
  request: z.string().check(z.maxLength(200)),
  token: z.string().check(z.regex(/^[\w-]{43}$/)),
}
const showSchema = z.strictObject(linkFields)

const decideSchema = z.strictObject({
  ...linkFields,
  face: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  decision: z.enum(['allow', 'deny']),
  visitNumber: text(20),
  ...{ name: text(200), phone: text(100), email: text(300), prefers: text(10) },
  ...{ language: text(10), validity: text(10), remembersFace: text(10), blockFace: text(10) },
})
type Posted = z.infer<typeof decideSchema>

export function approvePages(deps: WebDeps): Hono {
  const app = new Hono()
  const page = (context: Context) => context.html(emptyPage(languageOf(context)))
  app.get('/approve/', page)
  app.get('/approve/page.css', (context) => file(context, 'text/css', approveStyle))
  app.get('/approve/page.js', (context) => file(context, 'text/javascript', approveScript))
  const onError = (context: Context) =>
    context.html(sentencePage(languageOf(context), 'faulty'), 413)
  app.post(
    '/approve/*',
    bodyLimit({ maxSize: largestPostBytes, onError }),
    async (context, next) => {
      if (isFromOurPage(context, deps.webOrigin)) return next()
      deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
      return context.html(sentencePage(languageOf(context), 'wrongOrigin'), 403)
    },
  )
  app.post('/approve/show', (context) => show(deps, context))
  app.post('/approve/decide', (context) => decide(deps, context))
  return app
}

const languageOf = (context: Context): Language =>
  languageFrom(context.req.header('accept-language'))

function file(context: Context, type: string, content: string) {
  context.header('content-type', `${type}; charset=utf-8`)
  context.header('cache-control', `public, max-age=${fileMaxAgeSeconds}`)
  return context.body(content)
}

/** Browsers send where a post comes from, and let no page lie about it. */
function isFromOurPage({ req }: Context, webOrigin: string): boolean {
  const site = req.header('sec-fetch-site')
  return req.header('origin') === webOrigin && (site === undefined || site === 'same-origin')
}

async function posted<T extends z.ZodMiniType>(
  context: Context,
  schema: T,
): Promise<z.infer<T> | null> {
  const body: unknown = await context.req.json().catch(() => null)
  const read = z.safeParse(schema, body)
  return read.success ? read.data : null
}

// ---------------------------------------------------------------- showing

async function show(deps: WebDeps, context: Context) {
  const language = languageOf(context)
  const link = await posted(context, showSchema)
  if (!link) return context.html(refusalPage(language, 'unknown'), 404)
  return questionPage(deps, context, link, { ...nothingTyped, language }, {})
}

const nothingTyped = {
  ...{ visitNumber: '', name: '', phone: '', email: '', prefers: 'sms' },
  ...{ validity: 'day', remembersFace: '', blockFace: '' },
}

async function questionPage(
  deps: WebDeps,
  context: Context,
  { request, token }: { readonly request: string; readonly token: string },
  typed: TypedAnswer,
  problems: FieldProblems,
) {
  const language = languageOf(context)
  const shown = await deps.approvals.show(request, { kind: 'mail', token }, language)
  if (!shown) return context.html(refusalPage(language, 'unknown'), 404)
  const { decision } = shown.request
  if (decision) return context.html(alreadyPage(language, decision, shown.decidedAt ?? ''))
  if (shown.state === 'expired') return context.html(expiredPage(language), 410)
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return context.html(question(language, shown, typed, problems), status)
}

// ---------------------------------------------------------------- deciding

async function decide(deps: WebDeps, context: Context) {
  const language = languageOf(context)
  const form = await posted(context, decideSchema)
  if (!form) return context.html(sentencePage(language, 'faulty'), 400)
  const { numberMissing, refused } = wordsIn[language]
  const asked = askedDecision(form, language)
  const outcome = await deps.approvals.decide(asked)
  const others = outcome.outcome === 'unfit' ? inWords(language, outcome.problems) : {}
  // All that is wrong is told at once, but nothing can be decided without the number.
  if (asked.visitNumber === null) {
    return questionPage(deps, context, form, form, { ...others, visitNumber: numberMissing })
  }
  if (outcome.outcome === 'unfit') return questionPage(deps, context, form, form, others)
  if (outcome.outcome === 'refused' && outcome.reason === 'wrong-number') {
    return questionPage(deps, context, form, form, { visitNumber: refused['wrong-number'] })
  }
  return context.html(outcomePage(language, outcome), statusOf(outcome))
}

function askedDecision(form: Posted, language: Language): AskedDecision {
  const asker: Asker = { kind: 'mail', token: form.token }
  const { request, face: faceSha256, decision } = form
  const visitNumber = /^[1-9]\d{0,2}$/.exec(form.visitNumber.trim())?.[0]
  return {
    ...{ request, asker, faceSha256, language },
    visitNumber: visitNumber === undefined ? null : Number(visitNumber),
    answer:
      decision === 'allow'
        ? { kind: 'allow', visitor: typedVisitor(form) }
        : { kind: 'deny', blockFace: form.blockFace !== '' },
  }
}

const typedVisitor = (form: Posted) => {
  const { name, phone, email, prefers, language, remembersFace, validity } = form
  return { name, phone, email, prefers, language, remembersFace, validity }
}

const inWords = (language: Language, problems: FormProblems): FieldProblems =>
  Object.fromEntries(
    Object.entries(problems).map(([field, problem]) => [field, problemWords(language, problem)]),
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
} as const
