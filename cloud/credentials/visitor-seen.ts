/** Tells the door that the camera recognised a person, if one of their credentials takes their face. */
import { command } from '../doors/commands.ts'
import type { Uses, VisitRef } from '../ports.ts'
import { idsOf, type Visitor } from '../visitors/core/visitor.ts'
import { isLive } from './core/credential.ts'

export async function sendVisitorSeen(
  deps: Uses<'credentials' | 'doors' | 'introductions'>,
  { household, doorId, visitId }: VisitRef,
  visitor: Visitor,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  for (const visitorId of idsOf(visitor)) {
    const taking = await deps.credentials.takingFace({ household, doorId }, visitorId)
    if (!taking.some((one) => isLive(one, nowMs))) continue
    await command(deps, doorId, { type: 'visitor-seen', visitId, visitorId })
  }
}
