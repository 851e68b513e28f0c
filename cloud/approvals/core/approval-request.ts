/** One question to the owner about one unknown visitor of a visit, and the owner's answer to it. */
import type { Language } from '../../../protocol/messages/shared.ts'
import { type DoorRef, doorRef } from '../../doors/core/door-ref.ts'
import type { CodeOutcome } from '../../passcodes/core/grant.ts'
import type { FormProblems, TypedVisitor } from '../../visitors/core/visitor-form.ts'
import type { Picture } from '../../visits/core/sighting.ts'
import type { AskReason, Resemblance, ScannedBy } from '../../visits/core/visit.ts'

export const requestLifeMs = 15 * 60_000
/** After so many wrong visit numbers the link stops working. */
export const wrongNumbersAllowed = 5

export interface RequestRef extends DoorRef {
  readonly visitId: string
  readonly subject: string
}

export interface ApprovalRequest extends RequestRef {
  readonly visitNumber: number | null
  /** Null when no face was seen. */
  readonly face: Picture | null
  readonly why: AskReason
  readonly resembles: Resemblance | null
  readonly askedAtMs: number
  readonly expiresAtMs: number
  /** Of the secret in the mail's link. The secret itself is not stored. */
  readonly tokenSha256: string
  readonly decision: Decision | null
  /** How many different wrong visit numbers were typed. */
  readonly wrongNumbers?: number | undefined
  /** Of a visitor who asks with their phone. */
  readonly scan?: ScannedBy | undefined
  /** How often a decision was undone. */
  readonly undone?: number | undefined
}

export interface Decision {
  /** `opened`: the door was unlocked once, and no visitor was put on file. */
  readonly outcome: 'allowed' | 'denied' | 'opened'
  readonly by: string
  readonly atMs: number
  /** Never ask about this person again. */
  readonly blockFace?: boolean | undefined
}

/** How long a decision can be undone. */
export const undoWithinMs = 60_000

/** Too many wrong numbers: only a signed-in owner can still decide it. */
export const isLinkDead = ({ wrongNumbers = 0 }: ApprovalRequest): boolean =>
  wrongNumbers >= wrongNumbersAllowed

/** Whether the owner has answered about this face, because its visitor also rang with their phone. */
export const isAnsweredByPhone = (
  { visitId, face }: ApprovalRequest,
  others: readonly ApprovalRequest[],
): boolean =>
  face !== null &&
  others.some(
    (other) =>
      other.scan && other.decision && other.visitId === visitId && other.face?.key === face.key,
  )

/** `door.visit.subject`. Not a secret: links, forms and logs may show it. */
export const requestId = ({ doorId, visitId, subject }: RequestRef): string =>
  `${doorId}.${visitId}.${subject}`

export function parseRequestId(text: string): RequestRef | null {
  const [doorId = '', visitId = '', subject = '', ...more] = text.split('.')
  const door = doorRef(doorId)
  const fits =
    /^[0-9a-f]{32}$/.test(visitId) && /^(stranger-[1-9]\d?|scan-[1-9]\d{0,8})$/.test(subject)
  return door && fits && more.length === 0 ? { ...door, visitId, subject } : null
}

// ---------------------------------------------------------------- the answer

/** Who looks or answers: the bearer of the mail's link, or a signed-in owner. */
export type Asker =
  | { readonly kind: 'mail'; readonly token: string }
  | { readonly kind: 'member'; readonly household: string; readonly email: string }

/** Stands for the bearer of the link where several owners got the mail. */
export const byMail = 'mail'

export interface ShownRequest {
  readonly request: ApprovalRequest
  readonly doorName: string
  /** What the door's screen speaks: the best guess for a visitor. */
  readonly doorLanguage: Language
  /** `dead`: for the bearer of the link, after too many wrong numbers. */
  readonly state: 'open' | 'expired' | 'decided' | 'dead'
  /** Null when the photo is gone or was replaced. */
  readonly jpeg: Uint8Array | null
  /** Name of the visitor on file with a similar face. */
  readonly looksLike: string | null
  /** In words, in the household's time zone. */
  readonly askedAt: string
  readonly decidedAt: string | null
}

/** Whether the owner sees what was seen. A request without a photo has none to miss. */
export const hasItsPhoto = ({ request, jpeg }: ShownRequest): boolean =>
  request.face === null || jpeg !== null

export interface AskedDecision {
  readonly request: string
  readonly asker: Asker
  /** Typed from the mail. Null for a signed-in owner. */
  readonly visitNumber: number | null
  /** Of the photo that was shown with the question; null without one. */
  readonly faceSha256: string | null
  readonly answer:
    | { readonly kind: 'allow'; readonly visitor: TypedVisitor }
    | { readonly kind: 'deny'; readonly blockFace: boolean }
    /** Unlocks the door now. The nonce is the command's id, so that repeating it opens once. */
    | { readonly kind: 'open'; readonly nonce: string; readonly by: string }
  /** For times in words. */
  readonly language: Language
}

export type DecisionOutcome =
  | { readonly outcome: 'allowed'; readonly visitorName: string; readonly code: CodeOutcome }
  | { readonly outcome: 'denied' }
  | { readonly outcome: 'opened'; readonly commandId: string; readonly sentAtMs: number }
  | {
      readonly outcome: 'already'
      readonly decision: Decision
      /** In words, in the household's time zone. */
      readonly decidedAt: string
    }
  | { readonly outcome: 'unfit'; readonly problems: FormProblems }
  | {
      readonly outcome: 'refused'
      readonly reason: DecisionRefusal
      /** After a wrong number. */
      readonly triesLeft?: number
    }

export type DecisionRefusal =
  | 'unknown'
  | 'expired'
  | 'wrong-token'
  | 'wrong-number'
  | 'other-photo'
  /** The door does not offer to be unlocked. */
  | 'not-supported'
