/** What browsers and clients reach of user pools: managed login, OAuth endpoints and public keys. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { decodeJwt } from 'jose'
import { AwsError } from '../wire.ts'
import { errorPage, newPasswordPage, noPasskeysPage, signInPage } from './login-pages.ts'
import { tokensFor } from './tokens.ts'
import type { Client, Session, User, UserPool } from './user-pool.ts'

export interface ManagedLoginOptions {
  pools(): Iterable<UserPool>
  issuerOf(pool: UserPool): string
  /** Throws to refuse the sign-in. */
  signedIn(pool: UserPool, client: Client, user: User): Promise<void>
  nowMs(): number
  /** Shown below the form. */
  readonly hint: string | null
  readonly events: SignInEvents
}

/** What a pool did with sign-ins, which its pages do not say. */
export interface SignInEvents {
  readonly refusals: { readonly clientId: string; readonly problem: string }[]
  /** The claims of every ID token. */
  readonly tokens: {
    readonly clientId: string
    readonly claims: Readonly<Record<string, unknown>>
  }[]
}

const codeLifeMs = 5 * 60_000
const challengeLifeMs = 3 * 60_000
const browserSessionMs = 60 * 60_000

interface Code {
  readonly session: Session
  readonly redirectUri: string
  readonly challenge: string | null
  readonly untilMs: number
}

/** A sign-in that waits for a new password. */
interface Challenge {
  readonly user: User
  readonly untilMs: number
}

interface BrowserSession {
  readonly user: User
  readonly atMs: number
}

interface Asked {
  readonly pool: UserPool
  readonly client: Client
  readonly redirectUri: string
  readonly query: URLSearchParams
}

export class ManagedLogin {
  readonly app = new Hono()
  readonly #options: ManagedLoginOptions
  readonly #codes = new Map<string, Code>()
  readonly #challenges = new Map<string, Challenge>()
  readonly #browsers = new Map<string, BrowserSession>()

  constructor(options: ManagedLoginOptions) {
    this.#options = options
    this.app.get('/:pool/.well-known/jwks.json', (context) => this.#keys(context))
    this.app.get('/:pool/.well-known/openid-configuration', (context) => this.#discovery(context))
    this.app.get('/oauth2/authorize', (context) => this.#authorize(context))
    this.app.get('/login', (context) =>
      this.#withAsked(context, (asked) => this.#form(context, asked)),
    )
    this.app.post('/login', (context) =>
      this.#withAsked(context, (asked) => this.#signIn(context, asked)),
    )
    this.app.post('/changePassword', (context) =>
      this.#withAsked(context, (asked) => this.#changePassword(context, asked)),
    )
    this.app.post('/oauth2/token', (context) => this.#token(context))
    this.app.post('/oauth2/revoke', (context) => this.#revoke(context))
    this.app.get('/passkeys/add', (context) =>
      this.#withAsked(context, ({ redirectUri }) => context.html(noPasskeysPage(redirectUri))),
    )
    this.app.get('/logout', (context) => this.#logout(context))
  }

  // -------------------------------------------------------------- discovery

  #poolOf(context: Context): UserPool | null {
    const id = context.req.param('pool')
    return [...this.#options.pools()].find((pool) => pool.id === id) ?? null
  }

  async #keys(context: Context) {
    const pool = this.#poolOf(context)
    return pool ? context.json({ keys: [(await pool.key).publicJwk] }) : context.notFound()
  }

  #discovery(context: Context) {
    const pool = this.#poolOf(context)
    if (!pool) return context.notFound()
    const issuer = this.#options.issuerOf(pool)
    const { origin } = new URL(issuer)
    return context.json({
      issuer,
      authorization_endpoint: `${origin}/oauth2/authorize`,
      token_endpoint: `${origin}/oauth2/token`,
      revocation_endpoint: `${origin}/oauth2/revoke`,
      end_session_endpoint: `${origin}/logout`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: ['code', 'token'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    })
  }

  // -------------------------------------------------------------- signing in

  /** Null, and an error page instead of a redirect, for an unknown client or address. */
  #asked({ req }: Context): Asked | null {
    const query = new URL(req.url).searchParams
    const redirectUri = query.get('redirect_uri') ?? ''
    const found = this.#client(query.get('client_id'))
    return found?.client.CallbackURLs.includes(redirectUri)
      ? { ...found, redirectUri, query }
      : null
  }

  #client(clientId: string | null): { pool: UserPool; client: Client } | null {
    for (const pool of this.#options.pools()) {
      const client = pool.clients.get(clientId ?? '')
      if (client && pool.domain !== null) return { pool, client }
    }
    return null
  }

  #withAsked(context: Context, answer: (asked: Asked) => Promise<Response> | Response) {
    const asked = this.#asked(context)
    if (!asked) {
      this.#refused(context.req.query('client_id'), 'redirect_mismatch')
      return context.html(errorPage('redirect_mismatch'), 400)
    }
    if (asked.client.branded) return answer(asked)
    // The newer managed login has no pages for a client without a branding.
    this.#refused(asked.client.clientId, 'there is no branding')
    return context.notFound()
  }

  #refused(clientId = '', problem: string): void {
    this.#options.events.refusals.push({ clientId, problem })
  }

  #authorize(context: Context) {
    return this.#withAsked(context, (asked) => {
      const problem = problemWith(asked)
      if (problem) {
        this.#refused(asked.client.clientId, problem)
        return context.redirect(withQuery(asked, { error: problem }))
      }
      const browser = this.#browsers.get(getCookie(context, 'cognito') ?? '')
      const isSignedIn = browser && browser.atMs + browserSessionMs > this.#options.nowMs()
      if (!isSignedIn || !browser.user.enabled) return context.redirect(`/login?${asked.query}`)
      return context.redirect(this.#codeFor(asked, browser))
    })
  }

  #form(context: Context, { query }: Asked, problem?: string) {
    const form = { action: `/login?${query}`, csrf: csrfOf(context) }
    return context.html(signInPage({ ...form, ...(problem && { problem }) }, this.#options.hint))
  }

  async #signIn(context: Context, asked: Asked) {
    const form = await formOf(context)
    if (!hasCsrf(context, form)) return context.html(errorPage('Invalid CSRF token'), 403)
    const user = asked.pool.authenticate(form.get('username') ?? '', form.get('password') ?? '')
    if (!user) return this.#form(context, asked, 'Incorrect username or password.')
    if (user.status === 'CONFIRMED') return this.#finish(context, asked, user)
    const session = randomBytes(32).toString('base64url')
    this.#challenges.set(session, { user, untilMs: this.#options.nowMs() + challengeLifeMs })
    return this.#passwordForm(context, asked, session)
  }

  #passwordForm(context: Context, { query }: Asked, session: string, problem?: string) {
    const form = { action: `/changePassword?${query}`, csrf: csrfOf(context) }
    return context.html(newPasswordPage({ ...form, ...(problem && { problem }) }, session))
  }

  async #changePassword(context: Context, asked: Asked) {
    const form = await formOf(context)
    if (!hasCsrf(context, form)) return context.html(errorPage('Invalid CSRF token'), 403)
    const session = form.get('session') ?? ''
    const challenge = this.#challenges.get(session)
    if (!challenge || challenge.untilMs <= this.#options.nowMs()) {
      return this.#form(context, asked, 'Invalid session for the user, session is expired.')
    }
    const password = form.get('new_password') ?? ''
    if (password !== form.get('confirm_password')) {
      return this.#passwordForm(context, asked, session, 'The passwords are not the same.')
    }
    try {
      asked.pool.setPassword(challenge.user, password)
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      return this.#passwordForm(context, asked, session, error.message)
    }
    this.#challenges.delete(session)
    return this.#finish(context, asked, challenge.user)
  }

  async #finish(context: Context, asked: Asked, user: User) {
    try {
      await this.#options.signedIn(asked.pool, asked.client, user)
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown'
      return this.#form(context, asked, `PostAuthentication failed with error ${message}.`)
    }
    const browser = { user, atMs: this.#options.nowMs() }
    const id = randomUUID()
    this.#browsers.set(id, browser)
    setCookie(context, 'cognito', id, { httpOnly: true, sameSite: 'Lax', path: '/' })
    return context.redirect(this.#codeFor(asked, browser), 302)
  }

  #codeFor(asked: Asked, { user, atMs }: BrowserSession): string {
    const { query, client, redirectUri } = asked
    const code = randomUUID()
    const scopes = query.get('scope')?.split(' ') ?? client.AllowedOAuthScopes
    const session = {
      ...{ user, client, scopes, nonce: query.get('nonce'), signedInAtMs: atMs },
      originId: randomUUID(),
    }
    const untilMs = this.#options.nowMs() + codeLifeMs
    this.#codes.set(code, { session, redirectUri, challenge: query.get('code_challenge'), untilMs })
    return withQuery(asked, { code })
  }

  // -------------------------------------------------------------- tokens

  async #token(context: Context) {
    const form = await formOf(context)
    const found = this.#client(form.get('client_id'))
    if (!found) return context.json({ error: 'invalid_client' }, 400)
    const grant = grants[form.get('grant_type') ?? '']
    if (!grant) return context.json({ error: 'unsupported_grant_type' }, 400)
    const session =
      grant === 'code' ? this.#redeem(form) : this.#refreshed(found.pool, form.get('refresh_token'))
    if (!session || session.client !== found.client || !session.user.enabled) {
      return context.json({ error: 'invalid_grant' }, 400)
    }
    const tokens = await tokensFor(found.pool, this.#options.issuerOf(found.pool), session)
    const { clientId } = found.client
    if (tokens.id_token) {
      this.#options.events.tokens.push({ clientId, claims: decodeJwt(tokens.id_token) })
    }
    const refresh = grant === 'code' && { refresh_token: found.pool.newRefreshToken(session) }
    return context.json({ ...tokens, ...refresh })
  }

  /** A code works once, also if what came with it is wrong. */
  #redeem(form: URLSearchParams): Session | null {
    const code = this.#codes.get(form.get('code') ?? '')
    this.#codes.delete(form.get('code') ?? '')
    if (!code || code.untilMs <= this.#options.nowMs()) return null
    if (code.redirectUri !== form.get('redirect_uri')) return null
    const verifier = form.get('code_verifier') ?? ''
    const proof = createHash('sha256').update(verifier).digest('base64url')
    return code.challenge === null || code.challenge === proof ? code.session : null
  }

  #refreshed(pool: UserPool, token: string | null): Session | null {
    const session = pool.refreshTokens.get(token ?? '')
    if (!session || session.untilMs <= this.#options.nowMs()) return null
    // A refreshed token has no nonce.
    return { ...session, nonce: null }
  }

  async #revoke(context: Context) {
    const form = await formOf(context)
    const found = this.#client(form.get('client_id'))
    if (!found?.client.EnableTokenRevocation) {
      return context.json({ error: 'invalid_request' }, 400)
    }
    found.pool.refreshTokens.delete(form.get('token') ?? '')
    return context.body(null, 200)
  }

  #logout(context: Context) {
    const to = context.req.query('logout_uri') ?? ''
    const found = this.#client(context.req.query('client_id') ?? null)
    if (!found?.client.LogoutURLs.includes(to)) {
      return context.html(errorPage('Required String parameter logout_uri is not present'), 400)
    }
    this.#browsers.delete(getCookie(context, 'cognito') ?? '')
    setCookie(context, 'cognito', '', { path: '/', maxAge: 0 })
    return context.redirect(to)
  }
}

const grants: Readonly<Record<string, 'code' | 'refresh'>> = {
  authorization_code: 'code',
  refresh_token: 'refresh',
}

function problemWith({ query, client }: Asked): string | null {
  if (query.get('response_type') !== 'code') return 'unauthorized_client'
  const scopes = query.get('scope')?.split(' ') ?? []
  if (scopes.some((scope) => !client.AllowedOAuthScopes.includes(scope))) return 'invalid_scope'
  const method = query.get('code_challenge_method')
  return query.has('code_challenge') && method !== 'S256' ? 'invalid_request' : null
}

function withQuery({ redirectUri, query }: Asked, answer: Readonly<Record<string, string>>) {
  const url = new URL(redirectUri)
  const state = query.get('state')
  const all = { ...answer, ...(state !== null && { state }) }
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value)
  return url.href
}

const formOf = async (context: Context) => new URLSearchParams(await context.req.text())

/** The form repeats the value of the cookie, which other sites cannot read. */
function csrfOf(context: Context): string {
  const value = getCookie(context, 'XSRF-TOKEN') ?? randomUUID()
  setCookie(context, 'XSRF-TOKEN', value, { httpOnly: true, path: '/' })
  return value
}

const hasCsrf = (context: Context, form: URLSearchParams): boolean =>
  form.get('_csrf') === getCookie(context, 'XSRF-TOKEN')
