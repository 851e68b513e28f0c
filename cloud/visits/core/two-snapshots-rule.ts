/**
 * The rule of recognition: one snapshot proves nothing. Two snapshots must agree before a visitor
 * gets a code or the owner a mail. What is undecided when no more snapshots come goes to the owner.
 */
import type { CodeWhy } from './timeline.ts'
import {
  type ApprovalNeeded,
  type AskReason,
  type Stranger,
  snapshotOf,
  subjectOf,
  takenAtOf,
  type Visit,
} from './visit.ts'

const snapshotsThatAgree = 2

export type Action =
  | { readonly kind: 'issue-code'; readonly visitorId: string; readonly why: CodeWhy }
  /** The code was issued before. Resuming it completes what a crash interrupted. */
  | { readonly kind: 'resume-code'; readonly grantId: string }
  | ApprovalNeeded

/** After a snapshot in which a visitor on file was recognised. */
export function afterMatch(visit: Visit, visitorId: string): Action | null {
  const grant = visit.grants[visitorId]
  if (grant) return { kind: 'resume-code', grantId: grant.grantId }
  const snapshots = new Set((visit.matches[visitorId] ?? []).map(snapshotOf))
  if (snapshots.size < snapshotsThatAgree) return null
  return { kind: 'issue-code', visitorId, why: `recognised in ${snapshots.size} snapshots` }
}

/** After a snapshot with the face of a stranger. */
export function afterStranger(visit: Visit, number: number): ApprovalNeeded | null {
  const stranger = visit.strangers.find((one) => one.number === number)
  if (!stranger || stranger.snapshots.length < snapshotsThatAgree) return null
  return isKnownAfterAll(visit, stranger) ? null : approvalOf(stranger)
}

/** While only visitors with a code were seen, one snapshot in this time looks for other people. */
const lookAgainMs = 3_000

/**
 * Whether a snapshot need not be searched: all who were seen have a code, and were seen a moment ago.
 * A stranger's visit is searched on, because the next face may be another stranger's. A snapshot that
 * was searched is tried again.
 */
export function isDecided(visit: Visit, takenAtMs: number): boolean {
  const matches = Object.entries(visit.matches)
  const seen = matches.flatMap(([, faces]) => faces).map(takenAtOf)
  const isWaiting =
    visit.strangers.length > 0 ||
    matches.some(([visitorId]) => visit.grants[visitorId] === undefined)
  if (seen.length === 0 || isWaiting || seen.includes(takenAtMs)) return false
  return takenAtMs - Math.max(...seen) < lookAgainMs
}

/** When no more snapshots are expected: the owner is asked about every stranger. */
export const afterSettling = (visit: Visit): ApprovalNeeded[] =>
  visit.strangers.filter((stranger) => !isKnownAfterAll(visit, stranger)).map(approvalOf)

/**
 * A recognised visitor who looks away becomes a stranger who resembles them. A stranger in the same
 * snapshot as that visitor is another person.
 */
function isKnownAfterAll(visit: Visit, { resembles, snapshots }: Stranger): boolean {
  if (!resembles || afterMatch(visit, resembles.visitorId) === null) return false
  const seenAt = new Set((visit.matches[resembles.visitorId] ?? []).map(takenAtOf))
  return !snapshots.some((snapshot) => seenAt.has(takenAtOf(snapshot)))
}

/** Visitors who were recognised in one snapshot only, and whom no stranger resembles. */
export function seenOnce(visit: Visit): { readonly visitorId: string; readonly face: string }[] {
  return Object.entries(visit.matches).flatMap(([visitorId, [face]]) => {
    const isKnown = afterMatch(visit, visitorId) !== null
    const isAsked = visit.strangers.some(({ resembles }) => resembles?.visitorId === visitorId)
    return isKnown || isAsked || face === undefined ? [] : [{ visitorId, face }]
  })
}

function approvalOf({ number, face, resembles, snapshots, why: closed }: Stranger): ApprovalNeeded {
  const unknown: AskReason = snapshots.length < snapshotsThatAgree ? 'seen-once' : 'not-on-file'
  const why = closed ?? (resembles ? 'weak-match' : unknown)
  return { kind: 'request-approval', subject: subjectOf(number), face, resembles, why }
}
