/** A person confirmed their account, by Cognito: they join their household. */
import * as z from 'zod/mini'
import { joinHousehold } from '../members/join.ts'

const eventSchema = z.looseObject({
  request: z.looseObject({
    userAttributes: z.looseObject({
      sub: z.string(),
      email: z.string(),
      email_verified: z.optional(z.string()),
      'custom:household': z.optional(z.string()),
    }),
  }),
})

export const parts = ['households'] as const

/** Cognito expects its own event back. */
export const makeHandler =
  (deps: Parameters<typeof joinHousehold>[0]) => async (event: unknown) => {
    const { userAttributes: user } = z.parse(eventSchema, event).request
    await joinHousehold(deps, {
      memberId: user.sub,
      email: user.email,
      isEmailVerified: user.email_verified === 'true',
      household: user['custom:household'] ?? '',
    })
    return event
  }
