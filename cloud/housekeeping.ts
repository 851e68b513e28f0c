/**
 * Once a day: no face stays in a collection that nobody allowed to be there. Stills, crops and
 * unanswered requests need no housekeeping: the bucket's and the tables' own rules let go of them.
 */
import { blockedAtMs, faceOwner } from './core/sighting.ts'
import type { Clock, Faces, Households, Log, Visitors } from './ports.ts'

export interface HousekeepingDeps {
  readonly households: Pick<Households, 'list'>
  readonly visitors: Pick<Visitors, 'list'>
  readonly faces: Pick<Faces, 'list' | 'forget'>
  readonly clock: Clock
  readonly log: Log
}

/** How long somebody whom the owner does not want to hear of is recognised as such. */
export const blockedForMs = 180 * 24 * 3_600_000

export async function keepHouse(deps: HousekeepingDeps): Promise<void> {
  for (const household of await deps.households.list()) await keepFaces(deps, household)
}

async function keepFaces(deps: HousekeepingDeps, household: string): Promise<void> {
  const visitors = await deps.visitors.list(household)
  const mayStay = new Set(visitors.filter((one) => one.remembersFace).map((one) => one.visitorId))
  const isAllowed = (name: string): boolean => {
    const owner = faceOwner(name)
    if (owner?.kind === 'visitor') return mayStay.has(owner.visitorId)
    return owner !== null && blockedAtMs(owner.blockId) + blockedForMs > deps.clock.nowMs()
  }
  const faces = await deps.faces.list(household)
  const unwanted = faces.filter(({ name }) => !isAllowed(name)).map(({ faceId }) => faceId)
  if (unwanted.length > 0) await deps.faces.forget(household, unwanted)
  deps.log.info({ household, faces: faces.length, forgotten: unwanted.length }, 'house kept')
}
