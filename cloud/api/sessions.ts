/**
 * Who is asking: by a bearer token, or by the session of a browser. A session is two cookies that no
 * script can read: the ID token, and the token that renews it.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Member } from '../members/core/household.ts'
import type { SignedIn, SignInTokens } from '../ports.ts'
import type { ApiEnv, WebDeps } from './shared.ts'

export const hostCookie = {
  prefix: 'host',
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'Lax',
} as const

/** As long as Cognito's refresh tokens. */
const sessionMaxAge = 30 * 24 * 60 * 60
const names = { idToken: 'session', refreshToken: 'session-renewal' } as const

export function startSession(context: Context, tokens: SignInTokens): void {
  for (const part of ['idToken', 'refreshToken'] as const) {
    setCookie(context, names[part], tokens[part], { ...hostCookie, maxAge: sessionMaxAge })
  }
}

/** Whether the browser says so. Only `sessionOf` knows whether that is true. */
export const hasSession = (context: Context): boolean =>
  getCookie(context, names.refreshToken, 'host') !== undefined

/** Also for copies of the cookies: a token that was issued lives for up to an hour. */
export async function endSession(deps: WebDeps, context: Context): Promise<void> {
  const idToken = getCookie(context, names.idToken, 'host')
  const refreshToken = getCookie(context, names.refreshToken, 'host')
  forgetSession(context)
  const { household, session = null } = (idToken && (await deps.signIns.verify(idToken))) || {}
  if (household !== undefined && session !== null) {
    await deps.households.endSession(household, session, deps.clock.nowMs())
  }
  if (refreshToken !== undefined) await deps.signIns.revoke(refreshToken)
}

export function forgetSession(context: Context): void {
  for (const name of Object.values(names)) deleteCookie(context, name, hostCookie)
}

/** Null for a token that is not valid, or whose session has ended. */
async function verified({ signIns, households }: WebDeps, token: string): Promise<SignedIn | null> {
  const found = await signIns.verify(token)
  if (!found || found.session === null) return found
  return (await households.hasEnded(found.household, found.session)) ? null : found
}

/** Null when the browser is not signed in. Renews the session if necessary. */
export async function sessionOf(deps: WebDeps, context: Context): Promise<SignedIn | null> {
  const idToken = getCookie(context, names.idToken, 'host')
  const signedIn = idToken === undefined ? null : await verified(deps, idToken)
  const refreshToken = getCookie(context, names.refreshToken, 'host')
  if (signedIn || refreshToken === undefined) return signedIn
  const renewed = await deps.signIns.refresh(refreshToken)
  if (renewed === null) {
    forgetSession(context)
    return null
  }
  // Ended from another browser, which does not have this one's refresh token.
  const found = await verified(deps, renewed)
  if (found) startSession(context, { idToken: renewed, refreshToken })
  else forgetSession(context)
  return found
}

/** Asks the table each time, so that who was removed or signed out is out at once. */
export async function memberOf(
  { households }: WebDeps,
  signedIn: SignedIn | null,
): Promise<Member | 'signed-out' | null> {
  const member = signedIn && (await households.member(signedIn.household, signedIn.memberId))
  if (!signedIn || !member) return null
  return signedIn.startedAtMs <= (member.signedOutAtMs ?? -1) ? 'signed-out' : member
}

export function signedIn(deps: WebDeps): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const member = await memberOf(deps, await callerOf(deps, context))
    if (!member || member === 'signed-out') {
      context.header('www-authenticate', 'Bearer')
      return context.json({ problem: 'not-signed-in', sentence: 'Please sign in.' }, 401)
    }
    context.set('member', member)
    return next()
  }
}

async function callerOf(deps: WebDeps, context: Context): Promise<SignedIn | null> {
  const header = context.req.header('authorization')
  if (header === undefined) {
    const isAllowed = isSafe(context.req.method) || isFromOurPage(context, deps.webOrigin)
    return isAllowed ? sessionOf(deps, context) : null
  }
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(header)?.[1]
  return token === undefined ? null : verified(deps, token)
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Browsers set these headers themselves; a page of another site cannot change them. */
export function isFromOurPage({ req }: Context, webOrigin: string): boolean {
  const site = req.header('sec-fetch-site')
  return req.header('origin') === webOrigin && (site === undefined || site === 'same-origin')
}
