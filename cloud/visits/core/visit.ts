/** All that is stored about one visit. Every list is a set, so repeating an update changes nothing. */
import type { Picture } from './sighting.ts'

export interface Visit {
  readonly household: string
  readonly doorId: string
  readonly visitId: string
  readonly number: number | null
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  /** By visitor id: the keys of the faces that were recognised as this visitor on file. */
  readonly matches: Readonly<Record<string, readonly string[]>>
  /** Unknown visitors. Comparing their faces tells them apart. */
  readonly strangers: readonly Stranger[]
  /** By visitor id: the one code that a visitor may get in a visit. */
  readonly grants: Readonly<Record<string, VisitGrant>>
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[]
  /** By what is corrected: the id of a wrongly recognised visitor, or the subject of a stranger. */
  readonly corrections: Readonly<Record<string, Correction>>
  /** Null: its pictures and the visit itself expire. */
  readonly kept: Kept | null
}

/** What a member said about a person in a visit. */
export interface Correction {
  /** Who it is; null: not the person who was recognised. */
  readonly visitorId: string | null
  readonly by: string
  readonly atMs: number
}

export interface Kept {
  readonly by: string
  readonly atMs: number
}

export interface Stranger {
  /** Counts the strangers of a visit, from 1. */
  readonly number: number
  readonly face: Picture
  readonly snapshots: readonly string[]
  /** A visitor on file who looks similar, though not enough to be sure. */
  readonly resembles: Resemblance | null
  /** For a visitor who was recognised but gets no code by recognition. */
  readonly why?: ClosedReason | undefined
}

export interface Resemblance {
  readonly visitorId: string
  readonly similarity: number
}

interface VisitGrant {
  readonly grantId: string
  readonly expiresAtMs: number
}

export interface TimelineEntry {
  readonly atMs: number
  /** Usually one of those in timeline.ts. */
  readonly what: string
  readonly why: string
  readonly visitorId: string | null
}

export interface ApprovalNeeded {
  readonly kind: 'request-approval'
  /** Names the request within its visit. One subject gets one mail. */
  readonly subject: string
  readonly face: Picture
  readonly resembles: Resemblance | null
  readonly why: AskReason
}

export const askReasons = [
  'not-on-file',
  'weak-match',
  'seen-once',
  // These two are about visitors who were recognised for certain.
  'welcome-over',
  'outside-hours',
] as const
export type AskReason = (typeof askReasons)[number]

/** Why a visitor is asked about who was recognised for certain. */
export type ClosedReason = Extract<AskReason, 'welcome-over' | 'outside-hours'>

export const isRecognised = (why: AskReason): why is ClosedReason =>
  why === 'welcome-over' || why === 'outside-hours'

/** Bounds the mails and searches that one visit can cause. */
export const mostStrangers = 5

export const subjectOf = (strangerNumber: number): string => `stranger-${strangerNumber}`

/** The requests about strangers who resemble a visitor on file. */
export const subjectsLike = ({ strangers }: Visit, visitorId: string): string[] =>
  strangers
    .filter(({ resembles }) => resembles?.visitorId === visitorId)
    .map(({ number }) => subjectOf(number))

/** `…/1790000000000-2.jpg` is the second face of the snapshot `…/1790000000000.jpg`. */
export const takenAtOf = (key: string): number => Number(/(\d+)(-\d+)?\.jpg$/.exec(key)?.[1])
export const snapshotOf = (faceKey: string): string => faceKey.replace(/-\d+\.jpg$/, '')

/** When a visitor on file was last seen in the visit; 0 for never. */
export const lastSeenAtMs = ({ matches }: Visit, visitorId: string): number =>
  Math.max(0, ...(matches[visitorId] ?? []).map(takenAtOf))
