/** One question to the owner about one stranger of one visit, and how it may be answered. */
import { type DoorRef, doorRef } from '../../doors/core/door-ref.ts'
import type { Picture } from '../../visits/core/sighting.ts'
import type { AskReason, Resemblance } from '../../visits/core/visit.ts'

export const requestLifeMs = 15 * 60_000
/** How often a wrong visit number may be typed before the link is worth nothing. */
export const wrongNumbersAllowed = 5

export interface RequestRef extends DoorRef {
  readonly visitId: string
  readonly subject: string
}

export interface ApprovalRequest extends RequestRef {
  readonly visitNumber: number | null
  readonly face: Picture
  readonly why: AskReason
  readonly resembles: Resemblance | null
  readonly askedAtMs: number
  readonly expiresAtMs: number
  /** Of the secret in the mail's link, which itself is kept nowhere. */
  readonly tokenSha256: string
  readonly decision: Decision | null
}

export interface Decision {
  readonly outcome: 'allowed' | 'denied'
  readonly by: string
  readonly atMs: number
  /** Whoever was denied is not to be asked about again. */
  readonly blockFace?: boolean | undefined
}

/** `door.visit.subject`: what a link, a form and a log may show. It is no secret. */
export const requestId = ({ doorId, visitId, subject }: RequestRef): string =>
  `${doorId}.${visitId}.${subject}`

export function parseRequestId(text: string): RequestRef | null {
  const [doorId = '', visitId = '', subject = '', ...more] = text.split('.')
  const door = doorRef(doorId)
  const fits = /^[0-9a-f]{32}$/.test(visitId) && /^stranger-[1-9]\d?$/.test(subject)
  return door && fits && more.length === 0 ? { ...door, visitId, subject } : null
}
