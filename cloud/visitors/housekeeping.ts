/**
 * Once a day: no face stays in a collection, and no photo under `visitors/`, that nobody allowed to
 * be there. Stills, crops and unanswered requests need no housekeeping: the bucket's and the tables'
 * own rules let go of them.
 */

import type { Clock, Faces, Households, Log, Photos, Visitors } from '../ports.ts'
import { blockedAtMs, faceOwner } from '../visits/core/sighting.ts'

export interface HousekeepingDeps {
  readonly households: Pick<Households, 'list'>
  readonly visitors: Pick<Visitors, 'list' | 'find'>
  readonly faces: Pick<Faces, 'list' | 'forget'>
  readonly photos: Pick<Photos, 'list' | 'remove'>
  readonly clock: Clock
  readonly log: Log
}

/** How long somebody whom the owner does not want to hear of is recognised as such. */
export const blockedForMs = 180 * 24 * 3_600_000

/** What goes wrong in one household is no reason for another to keep what it may not. */
export async function keepHouse(deps: HousekeepingDeps): Promise<void> {
  let failed = 0
  for (const household of await deps.households.list()) {
    try {
      await keepHousehold(deps, household)
    } catch (error) {
      failed += 1
      deps.log.error({ household, error }, 'house not kept')
    }
  }
  // So that it is tried again, and then somebody is told.
  if (failed > 0) throw new HouseNotKept(`${failed} households could not be kept.`)
}

export class HouseNotKept extends Error {
  override readonly name = 'HouseNotKept'
  readonly code = 'HOUSE_NOT_KEPT'
}

/** Looked at first, because whoever is put on file meanwhile is on file before their face is known. */
async function keepHousehold(deps: HousekeepingDeps, household: string): Promise<void> {
  const faces = await deps.faces.list(household)
  const photos = await oldPhotos(deps, household)
  const mayStay = await thoseOnFile(deps, household)
  const unwanted: string[] = []
  for (const { faceId, name } of faces) {
    if (!(await isAllowed(deps, name, mayStay))) unwanted.push(faceId)
  }
  const orphans: string[] = []
  for (const { key, visitorId } of photos) {
    if (!(await mayStay(visitorId))) orphans.push(key)
  }
  if (unwanted.length > 0) await deps.faces.forget(household, unwanted)
  if (orphans.length > 0) await deps.photos.remove(orphans)
  const counts = { faces: faces.length, forgotten: unwanted.length, orphans: orphans.length }
  deps.log.info({ household, ...counts }, 'house kept')
}

type MayStay = (visitorId: string) => Promise<boolean>

async function isAllowed(
  { clock }: HousekeepingDeps,
  name: string,
  mayStay: MayStay,
): Promise<boolean> {
  const owner = faceOwner(name)
  if (owner?.kind === 'visitor') return mayStay(owner.visitorId)
  return owner !== null && blockedAtMs(owner.blockId) + blockedForMs > clock.nowMs()
}

/** Whoever is not among all is looked up: they may be on file with a line that nobody can read. */
async function thoseOnFile(deps: HousekeepingDeps, household: string): Promise<MayStay> {
  const all = await deps.visitors.list(household)
  const known = new Map(all.map(({ visitorId, remembersFace }) => [visitorId, remembersFace]))
  return async (visitorId) => {
    const answer = known.get(visitorId) ?? (await mayBeKept(deps, household, visitorId))
    known.set(visitorId, answer)
    return answer
  }
}

async function mayBeKept(
  { visitors, log }: HousekeepingDeps,
  household: string,
  visitorId: string,
): Promise<boolean> {
  try {
    return (await visitors.find(household, visitorId))?.remembersFace ?? false
  } catch (error) {
    log.error({ household, visitorId, error }, 'left as it is')
    return true
  }
}

/** A photo is put where it belongs a moment before whom it shows is put on file. */
const putOnFileWithinMs = 3_600_000

async function oldPhotos({ photos, clock }: HousekeepingDeps, household: string) {
  const folder = `visitors/${household}/`
  const untilMs = clock.nowMs() - putOnFileWithinMs
  return (await photos.list(folder))
    .filter(({ atMs }) => atMs <= untilMs)
    .map(({ key }) => ({ key, visitorId: key.slice(folder.length).split('/')[0] ?? '' }))
}
