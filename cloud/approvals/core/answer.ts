/** What an owner may say to a request, and what they hear back. */
import type { Language } from '../../../protocol/messages/shared.ts'
import type { Visitor } from '../../visitors/core/people.ts'
import type { FormProblems, TypedVisitor } from '../../visitors/core/visitor-form.ts'
import type { ApprovalRequest, Decision } from './approval.ts'

/** Who wants to look or decide: whoever has the mail, or somebody of the household. */
export type Asker =
  | { readonly kind: 'mail'; readonly token: string }
  | { readonly kind: 'member'; readonly household: string; readonly email: string }

export interface ShownRequest {
  readonly request: ApprovalRequest
  readonly doorName: string
  readonly state: 'open' | 'expired' | 'decided'
  /** Null when it is gone, or is not the one that the question was about. */
  readonly jpeg: Uint8Array | null
  /** The name of the visitor on file whom they look like. */
  readonly looksLike: string | null
  /** In words, by the household's clock. */
  readonly askedAt: string
  readonly decidedAt: string | null
}

export interface AskedDecision {
  readonly request: string
  readonly asker: Asker
  /** Typed from the mail. A signed-in owner needs none. */
  readonly visitNumber: number | null
  /** Of the picture that the asker had in front of them. */
  readonly faceSha256: string
  readonly answer:
    | { readonly kind: 'allow'; readonly visitor: TypedVisitor }
    | { readonly kind: 'deny'; readonly blockFace: boolean }
  /** For the words of what they hear back. */
  readonly language: Language
}

/** What became of the code that an allowed visitor is to get. */
export type CodeNews = 'on-its-way' | 'has-one' | 'limited' | 'unknown-door' | 'crowded'

export type DecisionOutcome =
  | { readonly outcome: 'allowed'; readonly visitorName: string; readonly code: CodeNews }
  | { readonly outcome: 'denied' }
  | {
      readonly outcome: 'already'
      readonly decision: Decision
      /** In words, by the household's clock. */
      readonly decidedAt: string
    }
  | { readonly outcome: 'unfit'; readonly problems: FormProblems }
  | { readonly outcome: 'refused'; readonly reason: DecisionRefusal }

export type DecisionRefusal = 'unknown' | 'expired' | 'wrong-token' | 'wrong-number' | 'other-photo'

/** Stands for whoever followed the mail's link, where that could be several people. */
export const byMail = 'mail'

/** What stays as it is is not there. */
export type VisitorEdit = {
  readonly [Field in keyof Omit<TypedVisitor, 'remembersFace'>]?: string | undefined
} & {
  readonly remembersFace?: boolean | undefined
  readonly trusted?: boolean | undefined
  readonly tags?: readonly string[] | undefined
}

export type EditOutcome =
  | { readonly outcome: 'changed'; readonly visitor: Visitor }
  | { readonly outcome: 'unfit'; readonly problems: FormProblems }
  /** Somebody else was quicker. */
  | { readonly outcome: 'conflict' }
