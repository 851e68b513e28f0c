/**
 * Who a Cognito token is for. Its household is an attribute that the user pool lets nobody change
 * but the household's own setting up.
 */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as z from 'zod/mini'
import type { Clock, SignIns } from '../../ports.ts'

export interface SignInsDeps {
  /** As in `https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc`. */
  readonly issuer: string
  readonly clientId: string
  readonly clock: Clock
}

const keysMaxAgeMs = 60 * 60_000

const claimsSchema = z.object({
  sub: z.string().check(z.minLength(1), z.maxLength(100)),
  /** An access token would not carry the household. */
  token_use: z.literal('id'),
  'custom:household': z.string().check(z.minLength(1), z.maxLength(30)),
})

export function signInsCognito({ issuer, clientId, clock }: SignInsDeps): SignIns {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    cacheMaxAge: keysMaxAgeMs,
  })
  return {
    async verify(token) {
      const claims = await claimsOf(token, keys, { issuer, clientId, nowMs: clock.nowMs() })
      const read = z.safeParse(claimsSchema, claims)
      if (!read.success) return null
      return { household: read.data['custom:household'], memberId: read.data.sub }
    },
  }
}

interface Wanted {
  readonly issuer: string
  readonly clientId: string
  readonly nowMs: number
}

/** Null for a token that is no good. That the keys cannot be had is a fault. */
async function claimsOf(token: string, keys: JWTVerifyGetKey, { issuer, clientId, nowMs }: Wanted) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer, audience: clientId, algorithms: ['RS256'], currentDate: new Date(nowMs) },
      requiredClaims: ['exp', 'iat', 'sub'],
    })
    return payload
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
