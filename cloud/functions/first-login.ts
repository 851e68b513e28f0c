/** Somebody confirmed their account, by Cognito: from now on they are a member of their household. */
import * as z from 'zod/mini'
import { isHousehold } from '../doors/core/door-ref.ts'
import type { Clock, Households, Log } from '../ports.ts'
import { clock, log } from '../wiring/basics.ts'
import { households } from '../wiring/tables.ts'

/** Which household, the owner said when they invited them; nobody can write it into their own account. */
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

interface Deps {
  readonly households: Pick<Households, 'addMember'>
  readonly clock: Clock
  readonly log: Log
}

/** Cognito wants its own event back. */
export const makeHandler = (deps: Deps) => async (event: unknown) => {
  const {
    sub,
    email,
    email_verified: isVerified,
    'custom:household': household = '',
  } = z.parse(eventSchema, event).request.userAttributes
  if (!isHousehold(household)) {
    deps.log.warn({ memberId: sub }, 'signed in without a household')
    return event
  }
  // Whose address is an owner's may do what owners may, so it has to be shown to be theirs.
  if (isVerified !== 'true') {
    deps.log.warn({ memberId: sub }, 'signed in with an address that nobody verified')
    return event
  }
  const joinedAtMs = deps.clock.nowMs()
  await deps.households.addMember({ household, memberId: sub, email, role: 'member', joinedAtMs })
  deps.log.info({ household, memberId: sub }, 'member joined')
  return event
}

export const handler = makeHandler({
  households: households(),
  clock,
  log,
})
