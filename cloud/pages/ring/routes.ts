/**
 * The page on which a visitor rings with their phone. The code on the keypad leads here. It opens the
 * page without a sign-in and changes nothing: only the form does. A wrong, old or forged code, and
 * that of a door that does not exist, lead to the same page.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { hostCookie, isFromOurPage } from '../../api/sessions.ts'
import { languageOf, type WebDeps } from '../../api/shared.ts'
import type { RingOutcome } from '../../scans/ring.ts'
import { translations } from '../../translations/translations.ts'
import { asset } from '../asset.ts'
import { consoleScript, ringStyle } from '../assets.ts'
import { formPage, noticePage, progressPage } from './view.ts'

const path = '/ring'
/** Holds the ticket of the scan. No address has it, so that no log does. */
const cookie = 'ring'
/** Until a request and then its code have expired. */
const cookieMaxAge = 30 * 60
const maxPostBytes = 4 * 1024

export function ringPage(deps: WebDeps): Hono {
  const app = new Hono()
  app.use(path, (context, next) => {
    // Otherwise browsers leave out the origin of the form.
    context.header('referrer-policy', 'same-origin')
    return next()
  })
  app.get(path, (context) => (scannedIn(context) ? scanned(deps, context) : show(deps, context)))
  app.get(`${path}/page.css`, (context) => asset(context, 'text/css', ringStyle))
  app.get(`${path}/page.js`, (context) => asset(context, 'text/javascript', consoleScript))
  const onError = (context: Context) => context.html(problemPage(context, '', 'too-long'), 413)
  app.post(path, bodyLimit({ maxSize: maxPostBytes, onError }), (context) => ring(deps, context))
  return app
}

/** All that is behind the question mark: the gateway logs paths, but not this. */
const scannedIn = ({ req }: Context): string => new URL(req.url).search.slice(1)

const ticketIn = (context: Context): string => getCookie(context, cookie, 'host') ?? ''

/** Leads on to the address without the code, which is then in no history either. */
async function scanned(deps: WebDeps, context: Context) {
  const { at } = await deps.scans.progress(ticketIn(context))
  // A second scan with the same phone must not lose the question that it has asked.
  const isAsking = at === 'waiting' || at === 'allowed' || at === 'code'
  if (!isAsking) {
    const ticket = await deps.scans.ticketFor(scannedIn(context))
    if (ticket === null) deleteCookie(context, cookie, hostCookie)
    else setCookie(context, cookie, ticket, { ...hostCookie, maxAge: cookieMaxAge })
  }
  return context.redirect(path, 303)
}

async function show(deps: WebDeps, context: Context) {
  const progress = await deps.scans.progress(ticketIn(context))
  return context.html(progressPage(languageOf(context), progress))
}

// ---------------------------------------------------------------- ringing

async function ring(deps: WebDeps, context: Context) {
  const language = languageOf(context)
  if (!isFromOurPage(context, deps.webOrigin)) {
    deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
    return context.redirect(path, 303)
  }
  const { name: typed } = await context.req.parseBody()
  const name = typeof typed === 'string' ? typed : ''
  const outcome = await deps.scans.ring(ticketIn(context), { name, language })
  const answer = answers[outcome]
  if (answer === 'see') return context.redirect(path, 303)
  if (answer === 'taken') return context.html(noticePage(language, answer), 409)
  if (answer === 'limited') return context.html(noticePage(language, answer), 429)
  return context.html(problemPage(context, name, answer), 422)
}

const answers = {
  rung: 'see',
  'too-late': 'see',
  taken: 'taken',
  limited: 'limited',
  'name-missing': 'missing',
  'name-unfit': 'unfit',
} as const satisfies Record<RingOutcome, string>

function problemPage(context: Context, name: string, problem: 'missing' | 'unfit' | 'too-long') {
  const language = languageOf(context)
  return formPage(language, name, translations[language].approvalPage.problems[problem])
}
