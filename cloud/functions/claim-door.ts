/**
 * Before AWS IoT gives a device with a claim certificate a certificate of its own. Accepts only
 * expected doors that have no certificate, so that a stolen claim cannot impersonate a door.
 */
import * as z from 'zod/mini'
import type { Uses } from '../ports.ts'

const eventSchema = z.looseObject({
  claimCertificateId: z.string(),
  parameters: z.looseObject({ ThingName: z.string() }),
})

export const parts = ['doorRegistry', 'claimableDoors'] as const

type Deps = Uses<(typeof parts)[number]>

/** A fault is a refusal too: without an answer AWS issues no certificate. */
export const makeHandler = (deps: Deps) => async (event: unknown) => {
  const { claimCertificateId, parameters } = z.parse(eventSchema, event)
  const doorId = parameters.ThingName
  const reason = await refusalOf(deps, doorId)
  if (reason === null) deps.log.info({ doorId, claimCertificateId }, 'door claimed')
  // The name comes from an unknown device, so it is not logged.
  else deps.log.warn({ reason, claimCertificateId }, 'claim refused')
  return { allowProvisioning: reason === null }
}

async function refusalOf({ claimableDoors, doorRegistry }: Deps, doorId: string) {
  if (!claimableDoors.includes(doorId)) return 'not-expected'
  return (await doorRegistry.hasCertificate(doorId)) ? 'has-a-certificate' : null
}
