/**
 * What follows from a sighting, whichever source it came from. Everything here may happen twice, in
 * parallel and in any order: faces fold into sets of their visit, and whoever completes a set acts.
 */
import { type AskDeps, askOwner } from '../approvals/ask-owner.ts'
import { type ApprovalRequest, requestLifeMs } from '../approvals/core/approval.ts'
import { command } from '../doors/commands.ts'
import { tellOwner } from '../doors/owner-alarms.ts'
import { issueCode, type PasscodeDeps, resumeGrant } from '../passcodes/passcodes.ts'
import type { Faces, LimitedBy, VisitFacts, VisitRef, Visits } from '../ports.ts'
import {
  freshSnapshotMs,
  isTimely,
  type Recognition,
  type SeenFace,
  type Sighting,
} from './core/sighting.ts'
import {
  type Action,
  type AskOwner,
  afterMatch,
  afterSettling,
  afterStranger,
  lastSeenAtMs,
  mostStrangers,
  type Resemblance,
  seenOnce,
  subjectsLike,
  type Visit,
} from './core/visit.ts'

export interface SightingDeps extends AskDeps, PasscodeDeps {
  readonly visits: Visits
  readonly faces: Faces
  readonly recognition: Recognition
}

/** From a still until what is undecided goes to the owner. */
export const settleAfterMs = 5_000
const lastLookMs = 60_000

export async function takeSighting(deps: SightingDeps, sighting: Sighting): Promise<void> {
  const { household, doorId, visitId, faces, takenAtMs } = sighting
  if (!isTimely(takenAtMs, deps.clock.nowMs())) {
    deps.log.info({ doorId, visitId, takenAtMs }, 'sighting too old, or of a time to come')
    return
  }
  if (faces.length === 0) return
  await deps.later.settleVisit({ household, doorId, visitId }, settleAfterMs)
  for (const face of faces) await takeFace(deps, factsOf(sighting), sighting, face)
}

const factsOf = ({ household, doorId, visitId, visitNumber, takenAtMs }: Sighting): VisitFacts => ({
  ...{ household, doorId, visitId },
  number: visitNumber,
  seenAtMs: takenAtMs,
})

async function takeFace(
  deps: SightingDeps,
  facts: VisitFacts,
  sighting: Sighting,
  face: SeenFace,
): Promise<void> {
  const { best } = face
  const isSure = best !== null && best.similarity >= deps.recognition.sureSimilarity
  if (isSure && best.owner.kind === 'blocked') return turnAway(deps, facts, best.owner.blockId)
  if (isSure && best.owner.kind === 'visitor') {
    const { visitorId } = best.owner
    const visit = await deps.visits.addMatch(facts, visitorId, face.face.key)
    return fulfil(deps, visit, afterMatch(visit, visitorId))
  }
  const { visit, number } = await foldStranger(deps, facts, sighting.snapshot, face)
  if (number === null) return tellOfCrowd(deps, facts, visit)
  return fulfil(deps, visit, afterStranger(visit, number))
}

/** The owner does not want to hear of this person again; the keypad says what it says to anybody. */
async function turnAway(deps: SightingDeps, facts: VisitFacts, blockId: string): Promise<void> {
  const { doorId, visitId } = facts
  const why = 'the owner asked not to be told of this person again'
  const timelineEntry = { atMs: deps.clock.nowMs(), what: 'turned-away', why, visitorId: null }
  await deps.visits.tell(facts, `turned-away-${blockId}`, timelineEntry)
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'denied' })
}

/** The number is null when the visit has as many strangers as it may have, and they are another one. */
async function foldStranger(
  deps: SightingDeps,
  facts: VisitFacts,
  snapshot: string,
  seen: SeenFace,
): Promise<{ readonly visit: Visit; readonly number: number | null }> {
  const looksLike = resemblance(seen)
  let visit = await deps.visits.find(facts)
  for (;;) {
    const same = await strangerLike(deps, visit, seen.jpeg)
    if (same !== null) {
      const visit = await deps.visits.addStrangerSnapshot(facts, same, snapshot, looksLike)
      return { visit, number: same }
    }
    if (visit && visit.strangers.length >= mostStrangers) return { visit, number: null }
    const number = (visit?.strangers.length ?? 0) + 1
    const stranger = { number, face: seen.face, snapshot, resembles: looksLike }
    const answer = await deps.visits.addStranger(facts, stranger)
    if (answer.added) return { visit: answer.visit, number }
    // Somebody else's still came first, perhaps of the same face: compare with that one, too.
    visit = answer.visit
  }
}

/** One mail for all of them: whoever they are, the owner has to look for themselves. */
async function tellOfCrowd(deps: SightingDeps, facts: VisitFacts, visit: Visit): Promise<void> {
  const what = 'crowd'
  if (visit.timeline.some((timelineEntry) => timelineEntry.what === what)) return
  await tellOwner(deps, facts, `crowd-${facts.visitId}`, 'too-much')
  const why = `more than ${mostStrangers} strangers at once`
  await deps.visits.tell(facts, what, {
    ...{ atMs: deps.clock.nowMs(), what, why, visitorId: null },
  })
}

async function strangerLike(
  deps: SightingDeps,
  visit: Visit | null,
  jpeg: Uint8Array,
): Promise<number | null> {
  for (const { number, face } of visit?.strangers ?? []) {
    const known = await deps.photos.read(face.key)
    const similarity = known ? await deps.faces.compare(known.bytes, jpeg) : 0
    if (similarity >= deps.recognition.leastSimilarity) return number
  }
  return null
}

const resemblance = ({ best }: SeenFace): Resemblance | null =>
  best?.owner.kind === 'visitor'
    ? { visitorId: best.owner.visitorId, similarity: best.similarity }
    : null

// ---------------------------------------------------------------- acting

async function fulfil(deps: SightingDeps, visit: Visit, wish: Action | null): Promise<void> {
  switch (wish?.kind) {
    case undefined:
      return
    case 'ask-owner':
      return ask(deps, visit, wish)
    case 'resume-code':
      return resumeGrant(deps, visit, wish.grantId)
    case 'issue-code':
      return welcome(deps, visit, wish.visitorId, wish.why)
    default:
      wish satisfies never
  }
}

async function ask(deps: SightingDeps, visit: Visit, wish: AskOwner): Promise<void> {
  await deps.later.settleVisit(visit, requestLifeMs)
  await askOwner(deps, visit, wish)
}

async function welcome(deps: SightingDeps, visit: Visit, visitorId: string, why: string) {
  const visitor = await deps.visitors.find(visit.household, visitorId)
  const isOver = (visitor?.welcomeUntilMs ?? Number.POSITIVE_INFINITY) < deps.clock.nowMs()
  if (!visitor || isOver) {
    const { doorId, visitId } = visit
    deps.log.info({ doorId, visitId, visitorId }, 'recognised, but no longer welcome')
    return askAboutSeen(deps, visit, visitorId, visit.matches[visitorId]?.[0])
  }
  if (await wasDenied(deps, visit, visitorId)) return
  const { visitId } = visit
  const issued = await issueCode(deps, { door: visit, visitId, visitor, why })
  if (issued.outcome === 'limited') await tellOfLimit(deps, visit, visitorId, issued.by)
}

/** Asked about somebody who looked like them, the owner said no: then no machine says yes. */
async function wasDenied(deps: SightingDeps, visit: Visit, visitorId: string): Promise<boolean> {
  const { household, doorId, visitId } = visit
  for (const subject of subjectsLike(visit, visitorId)) {
    const request = await deps.requests.find({ household, doorId, visitId, subject })
    if (request?.decision?.outcome !== 'denied') continue
    deps.log.info({ doorId, visitId, visitorId }, 'recognised, but the owner said no')
    return true
  }
  return false
}

async function tellOfLimit(
  deps: SightingDeps,
  visit: Visit,
  visitorId: string,
  by: LimitedBy,
): Promise<void> {
  const why = by === 'door' ? 'too many codes for one door' : 'too many codes for one visitor'
  const timelineEntry = { atMs: deps.clock.nowMs(), what: 'no-code', why, visitorId }
  await deps.visits.tell(factsAbout(visit), `limit-${visitorId}`, timelineEntry)
  await tellOwner(deps, visit, `limit-${visit.visitId}-${visitorId}`, 'limit-hit')
}

const factsAbout = ({ household, doorId, visitId, number, startedAtMs }: Visit): VisitFacts => ({
  ...{ household, doorId, visitId, number },
  seenAtMs: startedAtMs,
})

// ---------------------------------------------------------------- when no more stills come

/** Some seconds after a still, and again when a request about the visit has run out. */
export async function settleVisit(deps: SightingDeps, ref: VisitRef): Promise<void> {
  const visit = await deps.visits.find(ref)
  if (!visit) return
  // Whoever was about to act on a still may have crashed, and a still comes again too late to help.
  for (const visitorId of Object.keys(visit.matches)) {
    if (deps.clock.nowMs() - lastSeenAtMs(visit, visitorId) > freshSnapshotMs) continue
    await fulfil(deps, visit, afterMatch(visit, visitorId))
  }
  for (const wish of afterSettling(visit)) await settleStranger(deps, visit, wish)
  for (const { visitorId, face } of seenOnce(visit)) {
    await askAboutSeen(deps, visit, visitorId, face)
  }
}

async function settleStranger(deps: SightingDeps, visit: Visit, wish: AskOwner): Promise<void> {
  const { household, doorId, visitId } = visit
  const request = await deps.requests.find({ household, doorId, visitId, subject: wish.subject })
  if (!request) return ask(deps, visit, wish)
  const nowMs = deps.clock.nowMs()
  if (request.decision !== null) return
  const leftMs = request.expiresAtMs - nowMs
  if (leftMs > 0) {
    // Ordered before the request was made, so the last look comes a moment too early.
    if (leftMs < lastLookMs) await deps.later.settleVisit(visit, leftMs + 1_000)
    return
  }
  await tellOfSilence(deps, visit, request)
}

/** The door first: the chapter says that it has been told, however many looks are still to come. */
async function tellOfSilence(deps: SightingDeps, visit: Visit, request: ApprovalRequest) {
  const { doorId, visitId } = visit
  const { expiresAtMs: atMs, subject } = request
  const what = 'no-answer'
  if (
    visit.timeline.some(
      (timelineEntry) => timelineEntry.what === what && timelineEntry.atMs === atMs,
    )
  )
    return
  await command(deps, doorId, { type: 'visit-status', visitId, status: what })
  const timelineEntry = { atMs, what, why: 'the owner did not answer in time', visitorId: null }
  await deps.visits.tell(factsAbout(visit), `no-answer-${subject}`, timelineEntry)
}

/** The owner is asked about their face as about a stranger's, and told whom they look like. */
async function askAboutSeen(
  deps: SightingDeps,
  visit: Visit,
  visitorId: string,
  face: string | undefined,
): Promise<void> {
  const photo = face === undefined ? null : await deps.photos.read(face)
  if (!photo) return
  const { key, sha256 } = photo
  const resembles = { visitorId, similarity: deps.recognition.sureSimilarity }
  const number = visit.strangers.length + 1
  const stranger = { number, face: { key, sha256 }, snapshot: key, resembles }
  const answer = await deps.visits.addStranger(factsAbout(visit), stranger)
  const wish = afterSettling(answer.visit).find(
    ({ resembles }) => resembles?.visitorId === visitorId,
  )
  if (wish) await ask(deps, answer.visit, wish)
}
