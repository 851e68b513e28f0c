/**
 * What becomes of who was seen. A face in one still proves nothing: two stills have to agree before
 * anybody gets a code or the owner a mail. What is still undecided when no more stills come goes to
 * the owner, with the reason.
 */
import type { Picture } from './sighting.ts'

/** All that is known about one visit. Every list is a set, so that doing a thing twice is no more. */
export interface Visit {
  readonly household: string
  readonly doorId: string
  readonly visitId: string
  readonly number: number | null
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  /** As which faces a visitor on file was recognised, by visitor id. */
  readonly matches: Readonly<Record<string, readonly string[]>>
  /** Faces of nobody on file, told apart by comparing them, by their number in the visit. */
  readonly strangers: readonly Stranger[]
  /** The one code that each visitor may get in a visit, by visitor id. */
  readonly grants: Readonly<Record<string, VisitGrant>>
  /** What was decided and why, oldest first. */
  readonly timeline: readonly TimelineEntry[]
}

export interface Stranger {
  readonly number: number
  readonly face: Picture
  readonly snapshots: readonly string[]
  /** Whom they look like, though not surely enough. */
  readonly resembles: Resemblance | null
}

export interface Resemblance {
  readonly visitorId: string
  readonly similarity: number
}

export interface VisitGrant {
  readonly grantId: string
  readonly expiresAtMs: number
}

export interface TimelineEntry {
  readonly atMs: number
  /** One word of a fixed list, so that it can be searched for. */
  readonly what: string
  readonly why: string
  readonly visitorId: string | null
}

export type Action =
  | { readonly kind: 'issue-code'; readonly visitorId: string; readonly why: string }
  /** It was issued before; should somebody have crashed then, this takes it up again. */
  | { readonly kind: 'resume-code'; readonly grantId: string }
  | AskOwner

export interface AskOwner {
  readonly kind: 'ask-owner'
  /** Names the request within its visit: one of these is one mail. */
  readonly subject: string
  readonly face: Picture
  readonly resembles: Resemblance | null
  readonly why: AskReason
}

export type AskReason = 'nobody-on-file' | 'weak-match' | 'seen-once'

const snapshotsThatAgree = 2

/** After a still in which somebody on file was recognised. */
export function afterMatch(visit: Visit, visitorId: string): Action | null {
  const grant = visit.grants[visitorId]
  if (grant) return { kind: 'resume-code', grantId: grant.grantId }
  const snapshots = new Set((visit.matches[visitorId] ?? []).map(snapshotOf))
  if (snapshots.size < snapshotsThatAgree) return null
  return { kind: 'issue-code', visitorId, why: `recognised in ${snapshots.size} snapshots` }
}

/** After a still with a face of nobody on file. */
export function afterStranger(visit: Visit, number: number): AskOwner | null {
  const stranger = visit.strangers.find((one) => one.number === number)
  if (!stranger || stranger.snapshots.length < snapshotsThatAgree) return null
  return isKnownAfterAll(visit, stranger) ? null : askAbout(stranger)
}

/** When no more stills are to be expected: nobody is left standing at the door unheard. */
export const afterSettling = (visit: Visit): AskOwner[] =>
  visit.strangers.filter((stranger) => !isKnownAfterAll(visit, stranger)).map(askAbout)

/**
 * Somebody who was recognised for sure also looks away, and is then only like themselves. Whoever is
 * in one still together with the one they look like is somebody else.
 */
function isKnownAfterAll(visit: Visit, { resembles, snapshots }: Stranger): boolean {
  if (!resembles || afterMatch(visit, resembles.visitorId) === null) return false
  const seenAt = new Set((visit.matches[resembles.visitorId] ?? []).map(momentOf))
  return !snapshots.some((snapshot) => seenAt.has(momentOf(snapshot)))
}

/** Recognised, but not surely enough for a code, and no stranger looks like them: one face each. */
export function seenOnce(visit: Visit): { readonly visitorId: string; readonly face: string }[] {
  return Object.entries(visit.matches).flatMap(([visitorId, [face]]) => {
    const isKnown = afterMatch(visit, visitorId) !== null
    const isAsked = visit.strangers.some(({ resembles }) => resembles?.visitorId === visitorId)
    return isKnown || isAsked || face === undefined ? [] : [{ visitorId, face }]
  })
}

/** A stranger's request is named after their number. */
export const subjectOf = (number: number): string => `stranger-${number}`

/** The requests that are, as far as anybody can tell, about somebody on file. */
export const subjectsLike = ({ strangers }: Visit, visitorId: string): string[] =>
  strangers
    .filter(({ resembles }) => resembles?.visitorId === visitorId)
    .map(({ number }) => subjectOf(number))

/** Whoever shows the camera more faces than these makes the owner no more mails and us no more bills. */
export const mostStrangers = 5

function askAbout({ number, face, resembles, snapshots }: Stranger): AskOwner {
  const doubt = snapshots.length < snapshotsThatAgree ? 'seen-once' : 'nobody-on-file'
  const why = resembles ? 'weak-match' : doubt
  return { kind: 'ask-owner', subject: subjectOf(number), face, resembles, why }
}

/** Until when somebody on file was seen: a face is named after the moment it was taken at. */
export function lastSeenAtMs({ matches }: Visit, visitorId: string): number {
  return Math.max(0, ...(matches[visitorId] ?? []).map(momentOf))
}

/** A still's faces are numbered: `…/1790000000000-2.jpg` is the second face of one still. */
const snapshotOf = (face: string): string => face.replace(/-\d+\.jpg$/, '')

/** Pictures are named after the moment they were taken at. */
export const momentOf = (picture: string): number => Number(/(\d+)(-\d+)?\.jpg$/.exec(picture)?.[1])
