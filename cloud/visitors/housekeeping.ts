/**
 * Once a day: deletes guests whose time is long over, and then faces from collections, and photos
 * under `visitors/`, that belong to no visitor on file. Everything else expires by rules of the bucket
 * and the tables.
 */
import type { Uses } from '../ports.ts'
import { blockedAtMs, faceOwner } from '../visits/core/sighting.ts'
import type { Visitor } from './core/visitor.ts'

export type HousekeepingDeps = Uses<'households' | 'visitors' | 'faces' | 'photos'>

/** For so long an owner can renew a guest whose time is over. Then everything about them is deleted. */
export const guestKeptMs = 30 * 24 * 3_600_000

/** After that a blocked person is asked about again. */
const blockedForMs = 180 * 24 * 3_600_000

/** A failure in one household does not stop the others. */
export async function runHousekeeping(deps: HousekeepingDeps): Promise<void> {
  let failed = 0
  for (const household of await deps.households.list()) {
    try {
      await cleanUp(deps, household)
    } catch (error) {
      failed += 1
      deps.log.error({ household, error }, 'housekeeping failed')
    }
  }
  // Throwing makes the schedule retry, and raises an alarm in the end.
  if (failed > 0) throw new HousekeepingFault(`Housekeeping failed for ${failed} households.`)
}

class HousekeepingFault extends Error {
  override readonly name = 'HousekeepingFault'
  readonly code = 'HOUSEKEEPING_FAILED'
}

/** The table's stream then deletes their photos, faces, codes and snapshots, also at the doors. */
async function removeGuests(deps: HousekeepingDeps, household: string): Promise<void> {
  const nowMs = deps.clock.nowMs()
  for (const { visitorId, welcomeUntilMs } of await deps.visitors.list(household)) {
    if (welcomeUntilMs === null || welcomeUntilMs + guestKeptMs > nowMs) continue
    await deps.visitors.remove(household, visitorId, nowMs)
    deps.log.info({ household, visitorId }, 'guest deleted')
  }
}

/** Faces and photos are listed first: a visitor stored later is then on file when looked up. */
async function cleanUp(deps: HousekeepingDeps, household: string): Promise<void> {
  await removeGuests(deps, household)
  const faces = await deps.faces.list(household)
  const photos = await oldPhotos(deps, household)
  const onFile = await visitorsOnFile(deps, household)
  const unwanted: string[] = []
  for (const { faceId, name } of faces) {
    if (!(await mayStay(deps, name, onFile))) unwanted.push(faceId)
  }
  const orphans: string[] = []
  for (const { key, visitorId } of photos) {
    const visitor = await onFile(visitorId)
    const isTheirs = visitor === 'unreadable' || visitor?.photo?.key === key
    if (!isTheirs) orphans.push(key)
  }
  if (unwanted.length > 0) await deps.faces.forget(household, unwanted)
  if (orphans.length > 0) await deps.photos.remove(orphans)
  const counts = { faces: faces.length, forgotten: unwanted.length, orphans: orphans.length }
  deps.log.info({ household, ...counts }, 'housekeeping done')
}

/** Null for one who is not on file. */
type OnFile = (visitorId: string) => Promise<Visitor | 'unreadable' | null>

async function mayStay({ clock }: HousekeepingDeps, name: string, onFile: OnFile) {
  const owner = faceOwner(name)
  if (owner?.kind === 'blocked') return blockedAtMs(owner.blockId) + blockedForMs > clock.nowMs()
  const visitor = owner && (await onFile(owner.visitorId))
  return visitor === 'unreadable' || visitor?.remembersFace === true
}

async function visitorsOnFile(deps: HousekeepingDeps, household: string): Promise<OnFile> {
  const all = await deps.visitors.list(household)
  const known = new Map<string, Awaited<ReturnType<OnFile>>>()
  for (const visitor of all) known.set(visitor.visitorId, visitor)
  return async (visitorId) => {
    const found = known.get(visitorId)
    if (found !== undefined) return found
    const answer = await lookUp(deps, household, visitorId)
    known.set(visitorId, answer)
    return answer
  }
}

/** The list skips malformed rows. Their photos and faces stay until the row is repaired. */
async function lookUp(
  { visitors, log }: HousekeepingDeps,
  household: string,
  visitorId: string,
): ReturnType<OnFile> {
  try {
    return await visitors.find(household, visitorId)
  } catch (error) {
    log.error({ household, visitorId, error }, 'visitor unreadable, nothing deleted')
    return 'unreadable'
  }
}

/** A photo is stored shortly before its visitor. */
const graceMs = 3_600_000

async function oldPhotos({ photos, clock }: HousekeepingDeps, household: string) {
  const folder = `visitors/${household}/`
  const untilMs = clock.nowMs() - graceMs
  return (await photos.list(folder))
    .filter(({ atMs }) => atMs <= untilMs)
    .map(({ key }) => ({ key, visitorId: key.slice(folder.length).split('/')[0] ?? '' }))
}
