/** The front page, and how a browser signs in and out. */
import { createHash, randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { policyWith } from '../../api/security-headers.ts'
import {
  endSession,
  hostCookie,
  isFromOurPage,
  memberOf,
  sessionOf,
  startSession,
} from '../../api/sessions.ts'
import { languageOf, type WebDeps } from '../../api/shared.ts'
import { asset } from '../asset.ts'
import { homeStyle } from '../assets.ts'
import { failedPage, householdPage, strangerPage, welcomePage } from './view.ts'

/** Binds the answer of the login pages to the browser that asked. */
const requestCookie = 'sign-in'
const requestMaxAge = 10 * 60

export function homePage(deps: WebDeps): Hono {
  const app = new Hono()
  app.get('/', (context) => home(deps, context))
  app.get('/home/page.css', (context) => asset(context, 'text/css', homeStyle))
  app.get('/sign-in', (context) => signIn(deps, context))
  app.get('/signed-in', (context) => signedIn(deps, context))
  app.get('/passkey', async (context) => context.redirect(await deps.signIns.addPasskeyUrl()))
  app.post('/sign-out', (context) => signOut(deps, context))
  return app
}

async function home(deps: WebDeps, context: Context) {
  const language = languageOf(context)
  const signedIn = await sessionOf(deps, context)
  if (!signedIn) return context.html(welcomePage(language))
  // Without a referrer, browsers do not say where a form was sent from.
  context.header('referrer-policy', 'same-origin')
  // The form that signs out is redirected to the login pages.
  context.header('content-security-policy', policyWith(await deps.signIns.loginOrigin()))
  const member = await memberOf(deps, signedIn)
  const found = member && (await deps.households.find(member.household))
  if (!member || !found) return context.html(strangerPage(language), 403)
  return context.html(householdPage(language, found, member))
}

const secret = (): string => randomBytes(32).toString('base64url')

async function signIn({ signIns }: WebDeps, context: Context) {
  const [state, nonce, verifier] = [secret(), secret(), secret()]
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const value = [state, nonce, verifier].join('.')
  setCookie(context, requestCookie, value, { ...hostCookie, maxAge: requestMaxAge })
  return context.redirect(await signIns.start({ state, nonce, challenge }))
}

async function signedIn(deps: WebDeps, context: Context) {
  const { code, state: returned, error } = context.req.query()
  // The login pages also come back here after a passkey was added.
  if (code === undefined && error === undefined) return context.redirect('/')
  const [state = '', nonce = '', verifier = ''] =
    getCookie(context, requestCookie, 'host')?.split('.') ?? []
  deleteCookie(context, requestCookie, hostCookie)
  const isOurs = code !== undefined && state !== '' && returned === state
  const tokens = isOurs ? await deps.signIns.finish({ code, verifier, nonce }) : null
  if (!tokens) {
    deps.log.warn({ reason: isOurs ? 'invalid-code' : 'not-asked' }, 'sign-in refused')
    return context.html(failedPage(languageOf(context)), 400)
  }
  startSession(context, tokens)
  return context.redirect('/', 303)
}

async function signOut(deps: WebDeps, context: Context) {
  if (!isFromOurPage(context, deps.webOrigin)) {
    deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
    return context.redirect('/', 303)
  }
  await endSession(deps, context)
  return context.redirect(await deps.signIns.signOutUrl(), 303)
}
