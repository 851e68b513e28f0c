/**
 * What an owner is shown of a request, and what becomes of the answer. Answering may be tried again
 * after a crash: the request says how far things got, and what it allows is named after it, so that a
 * second try makes the same visitor and not another.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Language } from '../../protocol/messages/shared.ts'
import { command } from '../doors/commands.ts'
import { once } from '../idempotency.ts'
import { dayAndTime, placeOf } from '../letters/date-words.ts'
import { doorOf } from '../members/households.ts'
import { findGrant, issueCode, type PasscodeDeps } from '../passcodes/passcodes.ts'
import {
  type DecideAnswer,
  type Faces,
  type IdempotencyStore,
  type Photos,
  type Pictures,
  type Requests,
  StoreFault,
  type Visitors,
  type Visits,
} from '../ports.ts'
import type { Household, Visitor } from '../visitors/core/people.ts'
import {
  newVisitor,
  readVisitorForm,
  type TypedVisitor,
  type VisitorFields,
} from '../visitors/core/visitor-form.ts'
import { visitorIdOf } from '../visitors/visitor-id.ts'
import { blockIdAt, type Picture } from '../visits/core/sighting.ts'
import { resembledName, sha256Of } from './ask-owner.ts'
import {
  type AskedDecision,
  type Asker,
  byMail,
  type CodeNews,
  type DecisionOutcome,
  type ShownRequest,
} from './core/answer.ts'
import { type ApprovalRequest, type Decision, parseRequestId, requestId } from './core/approval.ts'

export interface AnswerDeps extends PasscodeDeps {
  readonly requests: Requests
  readonly visits: Visits
  readonly visitors: Visitors
  readonly photos: Photos
  readonly pictures: Pictures
  readonly faces: Faces
  readonly once: IdempotencyStore
}

/** What the page and the console may do about a request. */
export const ownerAnswers = (deps: AnswerDeps) => ({
  show: (id: string, asker: Asker, language: Language) => showRequest(deps, id, asker, language),
  decide: (asked: AskedDecision) => decideRequest(deps, asked),
})

// ---------------------------------------------------------------- looking

/** Null for what does not exist, and alike for what the asker has no right to. */
export async function showRequest(
  deps: AnswerDeps,
  id: string,
  asker: Asker,
  language: Language,
): Promise<ShownRequest | null> {
  const found = await findRequest(deps, id, asker)
  if (!found) return null
  const { request, household } = found
  const { decision, doorId, askedAtMs } = request
  const isOver = request.expiresAtMs <= deps.clock.nowMs()
  const state = decision ? 'decided' : isOver ? 'expired' : 'open'
  const inWords = (atMs: number) => dayAndTime(atMs, language, placeOf(household))
  // What was decided needs no picture any more, and whoever finds the mail later gets none.
  const jpeg = state === 'open' ? await picture(deps, request.face) : null
  const looksLike = state === 'open' ? await resembledName(deps, request) : null
  return {
    ...{ request, state, jpeg, looksLike, doorName: doorOf(household, doorId)?.name ?? '' },
    askedAt: inWords(askedAtMs),
    decidedAt: decision && inWords(decision.atMs),
  }
}

async function findRequest(deps: AnswerDeps, id: string, asker: Asker) {
  const ref = parseRequestId(id)
  if (!ref || (asker.kind === 'member' && asker.household !== ref.household)) return null
  const request = await deps.requests.find(ref)
  if (!request || (asker.kind === 'mail' && !isTokenOf(request, asker.token))) return null
  const household = await deps.household(ref.household)
  return household && { request, household }
}

const isTokenOf = ({ tokenSha256 }: ApprovalRequest, token: string): boolean => {
  const [ours, theirs] = [Buffer.from(tokenSha256, 'hex'), Buffer.from(sha256Of(token), 'hex')]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

/** A picture that was exchanged since is none. */
async function picture({ photos }: AnswerDeps, face: Picture): Promise<Uint8Array | null> {
  const stored = await photos.read(face.key)
  return stored && stored.sha256 === face.sha256 ? stored.bytes : null
}

// ---------------------------------------------------------------- deciding

export async function decideRequest(
  deps: AnswerDeps,
  asked: AskedDecision,
): Promise<DecisionOutcome> {
  const found = await findRequest(deps, asked.request, asked.asker)
  if (!found) return { outcome: 'refused', reason: 'unknown' }
  // Nothing that a machine can read from a link or a page alone may stand for the typed number.
  if (asked.asker.kind === 'mail' && asked.visitNumber === null) {
    return withoutNumber(deps, found, asked)
  }
  const outcome = await answered(deps, found, asked)
  const { doorId, visitId, subject } = found.request
  const reason = 'reason' in outcome ? outcome.reason : null
  deps.log.info({ doorId, visitId, subject, outcome: outcome.outcome, reason }, 'owner answered')
  return outcome
}

/** Nothing is decided, but whoever forgot the number hears at once what else is amiss. */
function withoutNumber(
  deps: AnswerDeps,
  { household }: Found,
  { answer }: AskedDecision,
): DecisionOutcome {
  const refused = { outcome: 'refused', reason: 'wrong-number' } as const
  if (answer.kind === 'deny') return refused
  const form = readVisitorForm(answer.visitor, household.countries, deps.clock.nowMs())
  return form.ok ? refused : { outcome: 'unfit', problems: form.problems }
}

interface Found {
  readonly request: ApprovalRequest
  readonly household: Household
}

function answered(deps: AnswerDeps, found: Found, asked: AskedDecision): Promise<DecisionOutcome> {
  const { answer } = asked
  if (answer.kind === 'deny') return deny(deps, found, asked, answer.blockFace)
  return allow(deps, found, asked, answer.visitor)
}

async function allow(
  deps: AnswerDeps,
  { request, household }: Found,
  asked: AskedDecision,
  typed: TypedVisitor,
): Promise<DecisionOutcome> {
  if (request.decision) return replayed(deps, { request, household }, asked, request.decision)
  const nowMs = deps.clock.nowMs()
  const form = readVisitorForm(typed, household.countries, nowMs)
  if (!form.ok) return { outcome: 'unfit', problems: form.problems }
  const visitor = await visitorFor(deps, request, asked, form.fields)
  if (!visitor) return { outcome: 'refused', reason: 'other-photo' }
  const decision = { outcome: 'allowed', by: nameOf(asked.asker, household), atMs: nowMs } as const
  const answer = await decide(deps, request, asked, decision, visitor)
  if (answer.outcome === 'decided') {
    const code = await sendCode(deps, request, visitor)
    return { outcome: 'allowed', visitorName: visitor.name, code }
  }
  await forgetCopies(deps, visitor, answer)
  if (answer.outcome === 'refused') return answer
  return replayed(deps, { request, household }, asked, answer.decision)
}

/** Whoever followed the link is known by name only where nobody else has the mail. */
function nameOf(asker: Asker, { owners }: Household): string {
  if (asker.kind === 'member') return asker.email
  return owners.length === 1 ? (owners[0]?.email ?? byMail) : byMail
}

const decide = (
  deps: AnswerDeps,
  request: ApprovalRequest,
  { asker, faceSha256, visitNumber }: AskedDecision,
  decision: Decision,
  visitor: Visitor | null,
): Promise<DecideAnswer> => {
  const isRight = visitNumber !== null && visitNumber === request.visitNumber
  const proof =
    asker.kind === 'mail' ? { tokenSha256: sha256Of(asker.token), visitNumber, isRight } : null
  return deps.requests.decide({ request, proof, faceSha256, decision, visitor })
}

/**
 * Their photo lies at its place before they are on file, so that no record ever names a picture
 * that is not there. Without consent there is none: the face at the door goes by its own time.
 */
async function visitorFor(
  deps: AnswerDeps,
  request: ApprovalRequest,
  asked: AskedDecision,
  fields: VisitorFields,
): Promise<Visitor | null> {
  const { household } = request
  const visitorId = visitorIdOf(request)
  const keep = fields.remembersFace && isWhole(request, asked)
  const jpeg = keep ? await picture(deps, request.face) : null
  if (keep && !jpeg) return null
  const photo = jpeg && (await copyPhoto(deps, folderOf(household, visitorId), jpeg))
  if (keep && !photo) return null
  return newVisitor({ household, visitorId, fields, photo, nowMs: deps.clock.nowMs() })
}

/** Nothing is stored for somebody who will be refused a moment later. */
const isWhole = (request: ApprovalRequest, { asker, visitNumber }: AskedDecision): boolean =>
  asker.kind === 'member' || (visitNumber !== null && visitNumber === request.visitNumber)

const thumbLongestPx = 160

async function copyPhoto(
  deps: AnswerDeps,
  folder: string,
  jpeg: Uint8Array,
): Promise<Picture | null> {
  const thumb = deps.pictures.shrink(jpeg, thumbLongestPx)
  if (!thumb) return null
  const [{ key, sha256 }] = await Promise.all([
    deps.photos.write(`${folder}/photo.jpg`, jpeg),
    deps.photos.write(`${folder}/thumb.jpg`, thumb),
  ])
  return { key, sha256 }
}

async function forgetCopies(
  { photos }: AnswerDeps,
  { photo, household, visitorId }: Visitor,
  answer: DecideAnswer,
): Promise<void> {
  const isOnFile = answer.outcome === 'already' && answer.decision.outcome === 'allowed'
  if (isOnFile || !photo) return
  await photos.remove(copiesOf(household, visitorId))
}

const folderOf = (household: string, visitorId: string): string =>
  `visitors/${household}/${visitorId}`

const copiesOf = (household: string, visitorId: string): string[] =>
  ['photo.jpg', 'thumb.jpg'].map((name) => `${folderOf(household, visitorId)}/${name}`)

async function sendCode(
  deps: AnswerDeps,
  request: ApprovalRequest,
  visitor: Visitor,
): Promise<CodeNews> {
  const { visitId } = request
  const why = 'the owner allowed it'
  const { outcome } = await issueCode(deps, { door: request, visitId, visitor, why })
  if (outcome === 'limited' || outcome === 'crowded') {
    await tell(deps, request, 'no-code', outcome, visitor.visitorId)
  }
  return outcome
}

/** Whoever was here before may have crashed before the code was on its way. */
async function replayed(
  deps: AnswerDeps,
  { request, household }: Found,
  asked: AskedDecision,
  decision: Decision,
): Promise<DecisionOutcome> {
  const isInTime = deps.clock.nowMs() < request.expiresAtMs
  if (decision.outcome === 'allowed' && isInTime && isWhole(request, asked)) {
    const visitor = await deps.visitors.find(request.household, visitorIdOf(request))
    if (visitor) await sendCode(deps, request, visitor)
  }
  return already(household, asked, decision)
}

const already = (
  household: Household,
  { language }: AskedDecision,
  decision: Decision,
): DecisionOutcome => ({
  outcome: 'already',
  decision,
  decidedAt: dayAndTime(decision.atMs, language, placeOf(household)),
})

async function deny(
  deps: AnswerDeps,
  { request, household }: Found,
  asked: AskedDecision,
  blockFace: boolean,
): Promise<DecisionOutcome> {
  const by = nameOf(asked.asker, household)
  const atMs = deps.clock.nowMs()
  const decision = { outcome: 'denied', by, atMs, ...(blockFace && { blockFace }) } as const
  const answer = await decide(deps, request, asked, decision, null)
  if (answer.outcome === 'refused') return answer
  if (answer.outcome === 'decided') {
    await turnAway(deps, request, blockFace, atMs)
    return { outcome: 'denied' }
  }
  const { decision: kept } = answer
  // Whoever was here before may have crashed: what they decided goes on, and nothing beyond it.
  const isInTime = atMs < request.expiresAtMs
  if (kept.outcome === 'denied' && isInTime && isWhole(request, asked)) {
    await turnAway(deps, request, kept.blockFace ?? false, kept.atMs)
  }
  return already(household, asked, kept)
}

/** Each step may be repeated: a second try ends where the first one did not get. */
async function turnAway(
  deps: AnswerDeps,
  request: ApprovalRequest,
  blockFace: boolean,
  deniedAtMs: number,
): Promise<void> {
  const { doorId, visitId } = request
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'denied' })
  const why = blockFace ? 'the owner does not want to be asked again' : 'the owner said no'
  await tell(deps, request, 'denied', why, null)
  await withdrawCode(deps, request, deniedAtMs)
  // Somebody may have begun to allow them and crashed before the decision.
  await deps.photos.remove(copiesOf(request.household, visitorIdOf(request)))
  if (!blockFace) return
  await block(deps, request, deniedAtMs)
  await endWelcome(deps, request, deniedAtMs)
}

/** Whoever they look like may have been recognised meanwhile, and have got a code in this visit. */
async function withdrawCode(
  deps: AnswerDeps,
  request: ApprovalRequest,
  atMs: number,
): Promise<void> {
  const { resembles, household, doorId } = request
  const visit = resembles && (await deps.visits.find(request))
  const grantId = resembles && visit?.grants[resembles.visitorId]?.grantId
  const found = grantId ? await findGrant(deps, request, grantId) : null
  if (!found || found.grant.closed !== null) return
  const ref = { household, doorId, grantId: found.grant.grantId, tag: found.tag }
  const reason = 'the owner said no'
  await command(deps, doorId, { type: 'revoke-grant', grantId: ref.grantId, reason })
  await deps.passcodes.close(ref, 'revoked', atMs)
}

const editTries = 5

/** Whoever the owner never wants to hear of again gets no code by themselves, on file or not. */
async function endWelcome(
  { visitors, log }: AnswerDeps,
  { household, resembles, doorId, visitId }: ApprovalRequest,
  atMs: number,
): Promise<void> {
  if (!resembles) return
  for (let nth = 0; nth < editTries; nth += 1) {
    const visitor = await visitors.find(household, resembles.visitorId)
    if (!visitor || (visitor.welcomeUntilMs ?? Number.POSITIVE_INFINITY) <= atMs) return
    if (!(await visitors.put({ ...visitor, welcomeUntilMs: atMs }))) continue
    return log.info({ doorId, visitId, visitorId: visitor.visitorId }, 'welcome ended')
  }
  throw new StoreFault('busy', 'A welcome could not be ended.')
}

async function block(
  deps: AnswerDeps,
  request: ApprovalRequest,
  deniedAtMs: number,
): Promise<void> {
  const jpeg = await picture(deps, request.face)
  if (!jpeg) return
  const blockId = blockIdAt(deniedAtMs, visitorIdOf(request))
  await once(deps, `block#${requestId(request)}`, () =>
    deps.faces.remember(request.household, jpeg, { kind: 'blocked', blockId }),
  )
}

async function tell(
  deps: AnswerDeps,
  request: ApprovalRequest,
  what: string,
  why: string,
  visitorId: string | null,
): Promise<void> {
  const { household, doorId, visitId, subject, visitNumber: number, askedAtMs } = request
  const facts = { household, doorId, visitId, number, seenAtMs: askedAtMs }
  const timelineEntry = { atMs: deps.clock.nowMs(), what, why, visitorId }
  await deps.visits.tell(facts, `${what}-${subject}`, timelineEntry)
}
