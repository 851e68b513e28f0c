/** Signs members in by Cognito's managed login: the authorization code flow with PKCE. */
import * as z from 'zod/mini'
import { type Clock, OutsideFault, type SignIns } from '../../ports.ts'
import { idTokenVerifier, type VerifyIdToken } from './id-token.ts'

interface Options {
  /** As in `https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc`. */
  readonly issuer: string
  readonly clientId: string
  readonly webOrigin: string
  readonly clock: Clock
}

/** The issuer publishes where its login pages are. */
const endpointsSchema = z.object({
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  revocation_endpoint: z.url(),
  end_session_endpoint: z.url(),
})
type Endpoints = z.infer<typeof endpointsSchema>

const tokensSchema = z.object({ id_token: z.string(), refresh_token: z.optional(z.string()) })

/** All that the member's identity needs. With other scopes the token would lack the household. */
const scope = 'openid'
const timeoutMs = 5_000

export function signInsCognito(options: Options): SignIns {
  const { issuer, clientId, webOrigin } = options
  const client = { client_id: clientId }
  const redirect = { redirect_uri: `${webOrigin}/signed-in` }
  const endpoints = once(() => discover(issuer))
  const verify = idTokenVerifier(options)
  return {
    async verify(token) {
      const found = await verify(token)
      if (!found) return null
      const { nonce: _, ...signedIn } = found
      return signedIn
    },
    async loginOrigin() {
      return new URL((await endpoints()).authorization_endpoint).origin
    },
    async start({ state, nonce, challenge }) {
      const proof = { code_challenge: challenge, code_challenge_method: 'S256' }
      const query = { ...client, ...redirect, response_type: 'code', scope, state, nonce, ...proof }
      return withQuery((await endpoints()).authorization_endpoint, query)
    },
    async finish({ code, verifier, nonce }) {
      const grant = { grant_type: 'authorization_code', code, code_verifier: verifier }
      const tokens = await tokensFor(await endpoints(), { ...client, ...redirect, ...grant })
      if (!tokens?.refresh_token) return null
      const { id_token: idToken, refresh_token: refreshToken } = tokens
      return (await isForNonce(verify, idToken, nonce)) ? { idToken, refreshToken } : null
    },
    async refresh(refreshToken) {
      const grant = { grant_type: 'refresh_token', refresh_token: refreshToken }
      return (await tokensFor(await endpoints(), { ...client, ...grant }))?.id_token ?? null
    },
    async revoke(refreshToken) {
      const { revocation_endpoint: url } = await endpoints()
      await post(url, { ...client, token: refreshToken })
    },
    async signOutUrl() {
      const query = { ...client, logout_uri: `${webOrigin}/` }
      return withQuery((await endpoints()).end_session_endpoint, query)
    },
    async addPasskeyUrl() {
      const url = new URL('/passkeys/add', (await endpoints()).authorization_endpoint)
      return withQuery(url.href, { ...client, ...redirect })
    },
  }
}

/** A token that was made for another request is not for this browser. */
const isForNonce = async (verify: VerifyIdToken, token: string, nonce: string): Promise<boolean> =>
  (await verify(token))?.nonce === nonce

/** Null for a code or token that is not valid any more. */
async function tokensFor({ token_endpoint: url }: Endpoints, fields: Record<string, string>) {
  const response = await post(url, fields)
  return response.status === 400 ? null : z.parse(tokensSchema, await response.json())
}

async function discover(issuer: string): Promise<Endpoints> {
  const response = await call(`${issuer}/.well-known/openid-configuration`)
  return z.parse(endpointsSchema, await response.json())
}

const post = (url: string, fields: Record<string, string>): Promise<Response> =>
  call(url, { method: 'POST', body: new URLSearchParams(fields) })

async function call(url: string, init: RequestInit = {}): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await fetch(url, { ...init, signal }).catch((error: unknown) => {
    throw new OutsideFault('Cognito did not answer.', error)
  })
  if (response.ok || response.status === 400) return response
  throw new OutsideFault(`Cognito answered ${response.status}.`, null)
}

function withQuery(address: string, query: Record<string, string>): string {
  const url = new URL(address)
  url.search = new URLSearchParams(query).toString()
  return url.href
}

/** After a failure it is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null
      throw error
    })
    return made
  }
}
