/** How a browser signs in and out. */
import { createHash, randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import {
  endSession,
  hasSession,
  hostCookie,
  isFromOurPage,
  startSession,
} from '../../api/sessions.ts'
import { languageOf, type WebDeps } from '../../api/shared.ts'
import { deviceName } from '../../members/core/device-name.ts'
import { asset } from '../asset.ts'
import { signInStyle } from '../assets.ts'
import { failedPage, welcomePage } from './view.ts'

/** Binds the answer of the login pages to the browser that asked. */
const requestCookie = 'sign-in'
const requestMaxAge = 10 * 60

export function signInPages(deps: WebDeps): Hono {
  const app = new Hono()
  app.get('/', (context, next) =>
    hasSession(context) ? next() : Promise.resolve(context.html(welcomePage(languageOf(context)))),
  )
  app.get('/sign-in/page.css', (context) => asset(context, 'text/css', signInStyle))
  app.get('/sign-in', (context) => signIn(deps, context))
  app.get('/signed-in', (context) => signedIn(deps, context))
  app.get('/passkey', async (context) => context.redirect(await deps.signIns.addPasskeyUrl()))
  app.post('/sign-out', (context) => signOut(deps, context))
  return app
}

/** Never leads to another site. */
const ownPath = (path: string): string =>
  /^\/(?![/\\])[\w/.?=&%-]{0,300}$/.test(path) ? path : '/'

const secret = (): string => randomBytes(32).toString('base64url')

async function signIn({ signIns }: WebDeps, context: Context) {
  const [state, nonce, verifier] = [secret(), secret(), secret()]
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const back = ownPath(context.req.query('back') ?? '')
  const value = [state, nonce, verifier, Buffer.from(back).toString('base64url')].join('.')
  setCookie(context, requestCookie, value, { ...hostCookie, maxAge: requestMaxAge })
  return context.redirect(await signIns.start({ state, nonce, challenge }))
}

async function signedIn(deps: WebDeps, context: Context) {
  const { code, state: returned, error } = context.req.query()
  // The login pages also come back here after a passkey was added.
  if (code === undefined && error === undefined) return context.redirect('/')
  const [state = '', nonce = '', verifier = '', back = ''] =
    getCookie(context, requestCookie, 'host')?.split('.') ?? []
  deleteCookie(context, requestCookie, hostCookie)
  const isOurs = code !== undefined && state !== '' && returned === state
  const tokens = isOurs ? await deps.signIns.finish({ code, verifier, nonce }) : null
  if (!tokens) {
    deps.log.warn({ reason: isOurs ? 'invalid-code' : 'not-asked' }, 'sign-in refused')
    return context.html(failedPage(languageOf(context)), 400)
  }
  startSession(context, tokens)
  await listSession(deps, context, tokens.idToken)
  return context.redirect(ownPath(Buffer.from(back, 'base64url').toString()), 303)
}

/** So that members see where they are signed in. */
async function listSession({ signIns, households }: WebDeps, { req }: Context, idToken: string) {
  const { session = null, ...signedIn } = (await signIns.verify(idToken)) ?? {}
  if (session === null || !('memberId' in signedIn)) return
  const device = deviceName(req.header('user-agent') ?? '')
  await households.startSession({ ...signedIn, session, device })
}

async function signOut(deps: WebDeps, context: Context) {
  if (!isFromOurPage(context, deps.webOrigin)) {
    deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
    return context.redirect('/', 303)
  }
  await endSession(deps, context)
  return context.redirect(await deps.signIns.signOutUrl(), 303)
}
