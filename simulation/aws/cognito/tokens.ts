/** The tokens of a sign-in. Scopes and the client's readable attributes decide what they say. */
import { randomUUID } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { standardAttributes } from './settings.ts'
import type { Session, UserPool } from './user-pool.ts'

const alg = 'RS256'

export interface SigningKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const publicJwk = { ...(await exportJWK(publicKey)), kid: randomUUID(), alg, use: 'sig' }
  return { privateKey, publicJwk }
}

export async function tokensFor(pool: UserPool, issuer: string, session: Session) {
  const { client, user, scopes, originId } = session
  const shared = {
    origin_jti: originId,
    event_id: randomUUID(),
    auth_time: Math.floor(session.signedInAtMs / 1_000),
  }
  const sign = await signer(pool, issuer, user.username)
  const [accessToken, idToken] = await Promise.all([
    sign(
      {
        ...shared,
        ...{ token_use: 'access', version: 2, client_id: client.clientId },
        ...{ scope: scopes.join(' '), username: user.username },
      },
      client.AccessTokenValidity,
    ),
    sign(
      {
        ...shared,
        ...claimsOf(session),
        ...{ token_use: 'id', aud: client.clientId, 'cognito:username': user.username },
        ...(session.nonce !== null && { nonce: session.nonce }),
      },
      client.IdTokenValidity,
    ),
  ])
  return {
    access_token: accessToken,
    ...(scopes.includes('openid') && { id_token: idToken }),
    expires_in: client.AccessTokenValidity * 60,
    token_type: 'Bearer',
  }
}

async function signer(pool: UserPool, issuer: string, subject: string) {
  const { privateKey, publicJwk } = await pool.key
  const nowSeconds = Math.floor(pool.nowMs() / 1_000)
  return (claims: Record<string, unknown>, validMinutes: number): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg, kid: publicJwk.kid ?? '' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setJti(randomUUID())
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + validMinutes * 60)
      .sign(privateKey)
}

/**
 * `openid` alone, or `profile`, releases every attribute that the client may read; `openid` with
 * other scopes only what these name. Without a list a client reads the standard attributes.
 */
function claimsOf({ user, client, scopes }: Session): Record<string, string | boolean> {
  const readable = client.ReadAttributes ?? standardAttributes
  const isNarrowed =
    !scopes.includes('profile') && ['email', 'phone'].some((scope) => scopes.includes(scope))
  const released = isNarrowed ? scopes.flatMap((scope) => scopeAttributes[scope] ?? []) : readable
  const given = Object.entries(user.attributes).filter(
    ([name]) => name !== 'sub' && readable.includes(name) && released.includes(name),
  )
  return Object.fromEntries(
    given.map(([name, value]) => [name, name.endsWith('_verified') ? value === 'true' : value]),
  )
}

const scopeAttributes: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
}
