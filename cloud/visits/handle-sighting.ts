/**
 * What follows from a sighting, whichever source it came from. Sightings may repeat, overlap and
 * arrive in any order: faces are added to the sets of their visit, and the call that completes a
 * set acts.
 */
import { notifyOwner } from '../doors/owner-alarms.ts'
import type { VisitFacts } from '../ports.ts'
import { type ActDeps, act } from './act.ts'
import { isTimely, type SeenFace, type Sighting } from './core/sighting.ts'
import type { NewEntry } from './core/timeline.ts'
import { afterMatch, afterStranger } from './core/two-snapshots-rule.ts'
import { mostStrangers, type Resemblance, type Visit } from './core/visit.ts'
import { turnAway } from './turn-away.ts'

/** So long after a snapshot, what is undecided goes to the owner. */
const settleAfterMs = 5_000

export async function handleSighting(deps: ActDeps, sighting: Sighting): Promise<void> {
  const { household, doorId, visitId, visitNumber, faces, takenAtMs } = sighting
  if (!isTimely(takenAtMs, deps.clock.nowMs())) {
    deps.log.info({ doorId, visitId, takenAtMs }, 'sighting too old or from the future')
    return
  }
  const facts = { household, doorId, visitId, number: visitNumber, seenAtMs: takenAtMs }
  if (sighting.refused > 0) await addRefusal(deps, facts)
  if (faces.length === 0) return
  await deps.delayedQueue.settleVisit({ household, doorId, visitId }, settleAfterMs)
  for (const face of faces) await handleFace(deps, facts, sighting.snapshot, face)
}

/** A refused picture says nothing about the person in it, who is therefore not a stranger. */
async function addRefusal(deps: ActDeps, facts: VisitFacts): Promise<void> {
  const why = 'the recognition service refused a picture'
  const entry: NewEntry = { atMs: deps.clock.nowMs(), what: 'not-searched', why, visitorId: null }
  await deps.visits.addTimelineEntry(facts, 'not-searched', entry)
}

async function handleFace(
  deps: ActDeps,
  facts: VisitFacts,
  snapshot: string,
  seen: SeenFace,
): Promise<void> {
  const { best, face } = seen
  const isSure = best !== null && best.similarity >= deps.recognition.sureSimilarity
  if (isSure && best.owner.kind === 'blocked') {
    return turnAway(deps, facts, { id: best.owner.blockId, visitorId: null })
  }
  if (isSure && best.owner.kind === 'visitor') {
    const { visitorId } = best.owner
    const visit = await deps.visits.addMatch(facts, visitorId, face.key)
    return act(deps, visit, afterMatch(visit, visitorId))
  }
  const { visit, number } = await addToStrangers(deps, facts, snapshot, seen)
  if (number === null) return alarmOfCrowd(deps, facts, visit)
  return act(deps, visit, afterStranger(visit, number))
}

async function addToStrangers(
  deps: ActDeps,
  facts: VisitFacts,
  snapshot: string,
  seen: SeenFace,
): Promise<{ readonly visit: Visit; readonly number: number | null }> {
  const resembles = resemblance(seen)
  let visit = await deps.visits.find(facts)
  for (;;) {
    const known = await strangerLike(deps, visit, seen.jpeg)
    if (known !== null) {
      const visit = await deps.visits.addStrangerSnapshot(facts, known, snapshot, resembles)
      return { visit, number: known }
    }
    if (visit && visit.strangers.length >= mostStrangers) return { visit, number: null }
    const number = (visit?.strangers.length ?? 0) + 1
    const stranger = { number, face: seen.face, snapshot, resembles }
    const answer = await deps.visits.addStranger(facts, stranger)
    if (answer.added) return { visit: answer.visit, number }
    // Another snapshot came first, perhaps of the same face: compare with that one too.
    visit = answer.visit
  }
}

async function strangerLike(
  deps: ActDeps,
  visit: Visit | null,
  jpeg: Uint8Array,
): Promise<number | null> {
  for (const { number, face } of visit?.strangers ?? []) {
    const known = await deps.photos.read(face.key)
    const similarity = known && (await deps.faces.compare(known.bytes, jpeg))
    if (known && similarity === null) {
      const { doorId, visitId } = visit ?? {}
      deps.log.warn({ doorId, visitId, number }, 'recognition refused to compare two faces')
    }
    if ((similarity ?? 0) >= deps.recognition.leastSimilarity) return number
  }
  return null
}

const resemblance = ({ best }: SeenFace): Resemblance | null =>
  best?.owner.kind === 'visitor'
    ? { visitorId: best.owner.visitorId, similarity: best.similarity }
    : null

/** One mail for the whole crowd. */
async function alarmOfCrowd(deps: ActDeps, facts: VisitFacts, visit: Visit): Promise<void> {
  const what = 'crowd'
  if (visit.timeline.some((entry) => entry.what === what)) return
  await notifyOwner(deps, facts, `crowd-${facts.visitId}`, 'too-much')
  const why = `more than ${mostStrangers} strangers at once`
  const entry: NewEntry = { atMs: deps.clock.nowMs(), what, why, visitorId: null }
  await deps.visits.addTimelineEntry(facts, what, entry)
}
