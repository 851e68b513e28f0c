/** Verifies Cognito's ID tokens. Users cannot change the attribute with their household. */
import {
  createRemoteJWKSet,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import * as z from 'zod/mini'
import type { Clock, SignedIn } from '../../ports.ts'

interface Options {
  readonly issuer: string
  readonly clientId: string
  readonly clock: Clock
}

const keysMaxAgeMs = 60 * 60_000

const claimsSchema = z.object({
  sub: z.string().check(z.minLength(1), z.maxLength(100)),
  /** An access token does not contain the household. */
  token_use: z.literal('id'),
  'custom:household': z.string().check(z.minLength(1), z.maxLength(30)),
  /** The same in all tokens of one sign-in. */
  origin_jti: z.optional(z.string().check(z.maxLength(100))),
  /** When the person signed in, in seconds; the same in renewed tokens. */
  auth_time: z.optional(z.number()),
  iat: z.number(),
  /** Of the request that a browser signed in with. */
  nonce: z.optional(z.string()),
})

/** The second is null for a token that did not come from a browser's request. */
export type VerifyIdToken = (
  token: string,
) => Promise<(SignedIn & { readonly nonce: string | null }) | null>

export function idTokenVerifier({ issuer, clientId, clock }: Options): VerifyIdToken {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    cacheMaxAge: keysMaxAgeMs,
  })
  return async (token) => {
    const claims = await claimsOf(token, keys, {
      issuer,
      audience: clientId,
      algorithms: ['RS256'],
      currentDate: new Date(clock.nowMs()),
      requiredClaims: ['exp', 'iat', 'sub'],
    })
    const read = z.safeParse(claimsSchema, claims)
    if (!read.success) return null
    const { sub: memberId, 'custom:household': household, nonce = null } = read.data
    const { origin_jti: session = null, auth_time: startedAt = read.data.iat } = read.data
    return { household, memberId, session, startedAtMs: startedAt * 1_000, nonce }
  }
}

/** Null for an invalid token. Throws when the keys cannot be fetched. */
async function claimsOf(token: string, keys: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return (await jwtVerify(token, keys, options)).payload
  } catch (error) {
    if (isAboutTheToken(error)) return null
    throw error
  }
}

const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== 'ERR_JOSE_GENERIC'
