/**
 * The owner's answer to an approval request. May be repeated after a crash: the request says how
 * far the first try got, and the visitor's id is derived from the request.
 */
import { longestCommandLifeMs } from '../../protocol/messages/cloud.ts'
import { command } from '../doors/commands.ts'
import { dayAndTime, placeOf } from '../letters/date-words.ts'
import type { Household } from '../members/core/household.ts'
import { closeRequest } from '../notices/about-visits.ts'
import type { RecordAnswer } from '../ports.ts'
import { consentWording } from '../translations/consent-wording.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import { readVisitorForm, type TypedVisitor } from '../visitors/core/visitor-form.ts'
import { type AnswerDeps, addEntryAbout, visitorIdOf } from './about-request.ts'
import { newVisitorFor, sendCodeTo } from './allow.ts'
import {
  type ApprovalRequest,
  type AskedDecision,
  type Asker,
  byMail,
  type Decision,
  type DecisionOutcome,
} from './core/approval-request.ts'
import { turnAway } from './deny.ts'
import { sha256Of } from './request-approval.ts'
import { type FoundRequest, findRequest } from './show-request.ts'

export async function answerRequest(
  deps: AnswerDeps,
  asked: AskedDecision,
): Promise<DecisionOutcome> {
  const found = await findRequest(deps, asked.request, asked.asker)
  if (!found) return { outcome: 'refused', reason: 'unknown' }
  // A program that follows the link can read the page, but not the number in the mail.
  if (asked.asker.kind === 'mail' && asked.visitNumber === null) {
    return numberMissing(deps, found, asked)
  }
  const { answer } = asked
  let outcome = await carryOut(deps, found, asked, answer)
  const { doorId, visitId, subject } = found.request
  // The link is dead: nothing comes of waiting, and ringing asks anew.
  if (outcome.outcome === 'refused' && outcome.triesLeft === 0) {
    await command(deps, doorId, { type: 'visit-status', visitId, status: 'no-answer' })
    outcome = { outcome: 'refused', reason: 'expired' }
  }
  if (['allowed', 'denied', 'opened'].includes(outcome.outcome)) {
    await closeRequest(deps, found.household, found.request)
  }
  const reason = 'reason' in outcome ? outcome.reason : null
  deps.log.info({ doorId, visitId, subject, outcome: outcome.outcome, reason }, 'owner answered')
  return outcome
}

function carryOut(
  deps: AnswerDeps,
  found: FoundRequest,
  asked: AskedDecision,
  answer: AskedDecision['answer'],
): Promise<DecisionOutcome> {
  switch (answer.kind) {
    case 'allow':
      return answerAllow(deps, found, asked, answer)
    case 'deny':
      return answerDeny(deps, found, asked, answer)
    case 'open':
      return answerOpen(deps, found, asked, answer)
    default:
      return answer satisfies never
  }
}

type Answer<Kind> = Extract<AskedDecision['answer'], { kind: Kind }>

/** Decides nothing, but reports the other mistakes in the form at once. */
function numberMissing(
  deps: AnswerDeps,
  found: FoundRequest,
  { answer }: AskedDecision,
): DecisionOutcome {
  const refused = { outcome: 'refused', reason: 'wrong-number' } as const
  if (answer.kind !== 'allow') return refused
  const form = readForm(found, answer.visitor, deps.clock.nowMs())
  return form.ok ? refused : { outcome: 'unfit', problems: form.problems }
}

/** Without an address the code is shown on the page of the visitor's phone. */
const readForm = ({ request, household }: FoundRequest, typed: TypedVisitor, nowMs: number) =>
  readVisitorForm(typed, household.countries, nowMs, request.scan === undefined)

async function answerAllow(
  deps: AnswerDeps,
  found: FoundRequest,
  asked: AskedDecision,
  { visitor: typed }: Answer<'allow'>,
): Promise<DecisionOutcome> {
  const { request, household } = found
  if (request.decision) return alreadyDecided(deps, found, asked, request.decision)
  const nowMs = deps.clock.nowMs()
  const form = readForm(found, typed, nowMs)
  if (!form.ok) return { outcome: 'unfit', problems: form.problems }
  // Nothing is stored for an answer that is about to be refused.
  const withPhoto = form.fields.remembersFace && isProven(request, asked)
  const by = nameOf(asked.asker, household)
  const consent = { atMs: nowMs, by, wording: consentWording(asked.language) }
  const visitor = await newVisitorFor(deps, request, form.fields, { withPhoto, consent })
  if (!visitor) return { outcome: 'refused', reason: 'other-photo' }
  const decision = { outcome: 'allowed', by, atMs: nowMs } as const
  const answer = await record(deps, request, asked, { decision, visitor })
  if (answer.outcome === 'decided') {
    const code = await sendCodeTo(deps, request, visitor)
    return { outcome: 'allowed', visitorName: visitor.name, code }
  }
  const isOnFile = answer.outcome === 'already' && answer.decision.outcome === 'allowed'
  if (visitor.photo && !isOnFile) await deps.photos.remove([visitor.photo.key])
  if (answer.outcome === 'refused') return answer
  return alreadyDecided(deps, found, asked, answer.decision)
}

async function answerDeny(
  deps: AnswerDeps,
  found: FoundRequest,
  asked: AskedDecision,
  { blockFace }: Answer<'deny'>,
): Promise<DecisionOutcome> {
  const { request, household } = found
  const [by, atMs] = [nameOf(asked.asker, household), deps.clock.nowMs()]
  const decision = { outcome: 'denied', by, atMs, ...(blockFace && { blockFace }) } as const
  const answer = await record(deps, request, asked, { decision, visitor: null })
  if (answer.outcome === 'refused') return answer
  if (answer.outcome === 'already') return alreadyDecided(deps, found, asked, answer.decision)
  await turnAway(deps, request, decision)
  return { outcome: 'denied' }
}

/** The decision comes first, so that of two answers at once only one moves the lock. */
async function answerOpen(
  deps: AnswerDeps,
  found: FoundRequest,
  asked: AskedDecision,
  { nonce, by: caller }: Answer<'open'>,
): Promise<DecisionOutcome> {
  const { request, household } = found
  const [by, atMs] = [nameOf(asked.asker, household), deps.clock.nowMs()]
  const decision = { outcome: 'opened', by, atMs } as const
  const answer = await record(deps, request, asked, { decision, visitor: null })
  if (answer.outcome === 'refused') return answer
  if (answer.outcome === 'already') return alreadyDecided(deps, found, asked, answer.decision)
  const fresh = { nonce, expiresAtMs: atMs + longestCommandLifeMs, by: caller }
  if (!(await command(deps, request.doorId, { type: 'unlock', ...fresh }, nonce))) {
    await deps.approvalRequests.undo(request, decision)
    return { outcome: 'refused', reason: 'not-supported' }
  }
  await addEntryAbout(deps, request, { what: 'opened', why: by, visitorId: null })
  return { outcome: 'opened', commandId: nonce, sentAtMs: atMs }
}

/** The first answer may have crashed after its decision, so the same answer again completes it. */
async function alreadyDecided(
  deps: AnswerDeps,
  { request, household }: FoundRequest,
  asked: AskedDecision,
  decision: Decision,
): Promise<DecisionOutcome> {
  const isInTime = deps.clock.nowMs() < request.expiresAtMs
  const isSame = outcomes[asked.answer.kind] === decision.outcome
  if (isSame && isInTime && isProven(request, asked)) await complete(deps, request, decision)
  const decidedAt = dayAndTime(decision.atMs, asked.language, placeOf(household))
  return { outcome: 'already', decision, decidedAt }
}

const outcomes = { allow: 'allowed', deny: 'denied', open: 'opened' } as const

async function complete(
  deps: AnswerDeps,
  request: ApprovalRequest,
  decision: Decision,
): Promise<void> {
  if (decision.outcome === 'denied') return turnAway(deps, request, decision)
  if (decision.outcome === 'opened') return
  const visitor = await deps.visitors.find(request.household, visitorIdOf(request))
  if (visitor) await sendCodeTo(deps, request, visitor)
}

function record(
  deps: AnswerDeps,
  request: ApprovalRequest,
  { asker, faceSha256, visitNumber }: AskedDecision,
  { decision, visitor }: { readonly decision: Decision; readonly visitor: Visitor | null },
): Promise<RecordAnswer> {
  const isRight = visitNumber !== null && visitNumber === request.visitNumber
  const proof =
    asker.kind === 'mail' ? { tokenSha256: sha256Of(asker.token), visitNumber, isRight } : null
  return deps.approvalRequests.recordDecision({ request, proof, faceSha256, decision, visitor })
}

const isProven = (request: ApprovalRequest, { asker, visitNumber }: AskedDecision): boolean =>
  asker.kind === 'member' || (visitNumber !== null && visitNumber === request.visitNumber)

/** The bearer of the link is known by name only if there is one owner. */
function nameOf(asker: Asker, { owners }: Household): string {
  if (asker.kind === 'member') return asker.email
  return owners.length === 1 ? (owners[0]?.email ?? byMail) : byMail
}
