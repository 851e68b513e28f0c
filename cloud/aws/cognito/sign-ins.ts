/** Verifies Cognito's ID tokens. Users cannot change the attribute with their household. */
import {
  createRemoteJWKSet,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import * as z from 'zod/mini'
import type { Clock, SignIns } from '../../ports.ts'

interface Options {
  /** As in `https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc`. */
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
})

export function signInsCognito({ issuer, clientId, clock }: Options): SignIns {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    cacheMaxAge: keysMaxAgeMs,
  })
  return {
    async verify(token) {
      const claims = await claimsOf(token, keys, {
        issuer,
        audience: clientId,
        algorithms: ['RS256'],
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ['exp', 'iat', 'sub'],
      })
      const read = z.safeParse(claimsSchema, claims)
      if (!read.success) return null
      return { household: read.data['custom:household'], memberId: read.data.sub }
    },
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
