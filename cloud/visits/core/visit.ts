/** All that is stored about one visit. Every list is a set, so repeating an update changes nothing. */
import type { Language } from '../../../protocol/messages/shared.ts'
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
  /** Subjects of the requests of visitors who scanned the code at the door. */
  readonly scans: readonly string[]
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
  /** Null when no face was seen. */
  readonly face: Picture | null
  readonly resembles: Resemblance | null
  readonly why: AskReason
  readonly scan?: ScannedBy | undefined
}

/** A visitor who scanned the code at the door, and rang with their phone. */
export interface ScannedBy {
  /** As they typed it. */
  readonly name: string
  readonly language: Language
  /** Of the secret in their browser. The secret itself is not stored. */
  readonly secretSha256: string
}

export const askReasons = [
  'not-on-file',
  'weak-match',
  'seen-once',
  'scanned',
  // These are about visitors who were recognised for certain.
  'welcome-over',
  'outside-hours',
  'holiday',
] as const
export type AskReason = (typeof askReasons)[number]

/** Why a visitor is asked about who was recognised for certain. */
export type ClosedReason = Extract<AskReason, 'welcome-over' | 'outside-hours' | 'holiday'>

export const isRecognised = (why: AskReason): why is ClosedReason =>
  why === 'welcome-over' || why === 'outside-hours' || why === 'holiday'

/** Bounds the mails and searches that one visit can cause. */
export const mostStrangers = 5

/** Bounds how often one visit can ask with a phone. */
export const mostScans = 3

/** One for each code that the keypad showed, so that no code asks twice. */
export const scanSubject = (window: number): string => `scan-${window}`

/** Of everyone in the visit whom the owner may be asked about. */
export const subjectsIn = ({ strangers, scans }: Pick<Visit, 'strangers' | 'scans'>): string[] => [
  ...strangers.map(({ number }) => subjectOf(number)),
  ...scans,
]

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
