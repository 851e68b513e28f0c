/**
 * Somebody with a claim wants to be a door. AWS asks before it gives them a certificate: only a door
 * that is expected may come this way, and only once, so that a claim which got into wrong hands makes
 * nobody a door that is there already.
 */
import * as z from 'zod/mini'
import { settings } from '../config.ts'
import type { Log, Things } from '../ports.ts'
import { log } from '../wiring/basics.ts'
import { things } from '../wiring/things.ts'

const eventSchema = z.looseObject({
  claimCertificateId: z.string(),
  parameters: z.looseObject({ ThingName: z.string() }),
})

interface Deps {
  readonly claimable: readonly string[]
  readonly things: Things
  readonly log: Log
}

/** A fault is a refusal too: without an answer AWS gives no certificate. */
export const makeHandler = (deps: Deps) => async (event: unknown) => {
  const { claimCertificateId, parameters } = z.parse(eventSchema, event)
  const doorId = parameters.ThingName
  const reason = await refusalOf(deps, doorId)
  if (reason === null) deps.log.info({ doorId, claimCertificateId }, 'door claimed')
  // A stranger chose that name: it is not repeated.
  else deps.log.warn({ reason, claimCertificateId }, 'claim refused')
  return { allowProvisioning: reason === null }
}

async function refusalOf({ claimable, things }: Deps, doorId: string) {
  if (!claimable.includes(doorId)) return 'not-expected'
  return (await things.hasCertificate(doorId)) ? 'has-a-certificate' : null
}

export const handler = makeHandler({
  claimable: settings('CLAIMABLE_DOORS').CLAIMABLE_DOORS.split(','),
  things: things(),
  log,
})
