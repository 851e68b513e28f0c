/** A member says who was in a visit, where recognition was wrong or did not know. */
import { visitorIdOf } from '../approvals/about-request.ts'
import { command } from '../doors/commands.ts'
import { findGrant } from '../passcodes/find-grant.ts'
import type { Uses } from '../ports.ts'
import { subjectOf, type Visit } from './core/visit.ts'
import { peopleIn, recognisedIn } from './core/who-came.ts'

export type CorrectDeps = Uses<
  | 'visits'
  | 'approvalRequests'
  | 'visitors'
  | 'photos'
  | 'passcodes'
  | 'secrets'
  | 'doors'
  | 'introductions'
>

export interface VisitCorrection {
  /** The id of a visitor who was recognised, or the subject of a stranger. */
  readonly subject: string
  /** Null: it was not the visitor who was recognised. */
  readonly visitorId: string | null
  readonly by: string
}

/** False when the visit has no such person, or the household no such visitor. */
export async function correctVisit(
  deps: CorrectDeps,
  visit: Visit,
  { subject, visitorId, by }: VisitCorrection,
): Promise<boolean> {
  const { household, doorId, visitId } = visit
  const isRecognised = recognisedIn(visit).includes(subject)
  const isStranger = visit.strangers.some(({ number }) => subjectOf(number) === subject)
  if (!isRecognised && !isStranger) return false
  if (visitorId !== null && !(await deps.visitors.find(household, visitorId))) return false
  const atMs = deps.clock.nowMs()
  const corrected = await deps.visits.correct(visit, subject, { visitorId, by, atMs })
  if (!corrected) return false
  deps.log.info({ doorId, visitId, subject, visitorId }, 'visit corrected')
  if (isRecognised && !peopleIn(corrected).includes(subject)) await takeBack(deps, visit, subject)
  return true
}

/** What the wrong person got because of the visit: a code, and a face on file. */
async function takeBack(deps: CorrectDeps, visit: Visit, visitorId: string): Promise<void> {
  await revokeCode(deps, visit, visitorId)
  const { household, doorId, visitId } = visit
  for (const { number } of visit.strangers) {
    const ref = { household, doorId, visitId, subject: subjectOf(number) }
    const request = await deps.approvalRequests.find(ref)
    if (request && visitorIdOf(request) === visitorId) await forgetFace(deps, household, visitorId)
  }
}

async function revokeCode(deps: CorrectDeps, visit: Visit, visitorId: string): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const grant = visit.grants[visitorId]
  if (!grant || grant.expiresAtMs <= nowMs) return
  const { grantId } = grant
  const found = await findGrant(deps, visit, grantId)
  if (!found || found.grant.closed !== null) return
  const reason = 'the owner said that it is another person'
  await command(deps, visit.doorId, { type: 'revoke-grant', grantId, reason })
  await deps.passcodes.close(found.ref, 'revoked', nowMs)
}

/** The stream of the table then deletes the face from the collection. */
async function forgetFace(deps: CorrectDeps, household: string, visitorId: string): Promise<void> {
  const visitor = await deps.visitors.find(household, visitorId)
  if (!visitor) return
  const stored = await deps.photos.list(`visitors/${household}/${visitorId}/`)
  if (stored.length > 0) await deps.photos.remove(stored.map(({ key }) => key))
  await deps.visitors.put({ ...visitor, remembersFace: false, photo: null, consent: null })
}
