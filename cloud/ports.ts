/**
 * All that the cloud half needs of the world. Whatever could happen twice is one conditional call,
 * whose answer says who was first. Faults are thrown; refusals are values.
 */
import type { CloudMessage, Settings } from '../protocol/messages/cloud.ts'
import type { Language } from '../protocol/messages/shared.ts'
import type { ApprovalRequest, Decision, RequestRef } from './approvals/core/approval.ts'
import type { DoorRef } from './doors/core/door-ref.ts'
import type { Grant, Limit } from './passcodes/core/grant.ts'
import type { Household, Member, Visitor } from './visitors/core/people.ts'
import type {
  Crop,
  FaceMatch,
  FaceOwner,
  FoundFace,
  Picture,
  Size,
} from './visits/core/sighting.ts'
import type { Resemblance, TimelineEntry, Visit } from './visits/core/visit.ts'

export interface VisitRef extends DoorRef {
  readonly visitId: string
}

/** What a still tells about its visit; the first one opens it. */
export interface VisitFacts extends VisitRef {
  readonly number: number | null
  readonly seenAtMs: number
}

export interface Visits {
  /** Repeating it adds nothing. One write, and what the visit is now. */
  addMatch(visit: VisitFacts, visitorId: string, snapshot: string): Promise<Visit>
  find(visit: VisitRef): Promise<Visit | null>
  /** One write. When another was first with this number, nothing changes and the visit is theirs. */
  addStranger(
    visit: VisitFacts,
    stranger: { number: number; face: Picture; snapshot: string; resembles: Resemblance | null },
  ): Promise<{ readonly added: boolean; readonly visit: Visit }>
  /** Also keeps who they resemble, should they not have resembled anybody before. */
  addStrangerSnapshot(
    visit: VisitFacts,
    number: number,
    snapshot: string,
    resembles: Resemblance | null,
  ): Promise<Visit>
  /** Repeating it with the same `id` adds nothing. Opens the visit when need be. */
  tell(visit: VisitFacts, id: string, timelineEntry: TimelineEntry): Promise<void>
  /** Here `seenAtMs` is when it began. */
  end(visit: VisitFacts, lastedMs: number): Promise<void>
  /** Newest first, of one household; `after` is what an earlier answer gave as `next`. */
  history(query: {
    readonly household: string
    readonly fromMs?: number
    readonly toMs?: number
    readonly limit: number
    readonly after?: string
  }): Promise<{ readonly visits: readonly Visit[]; readonly next: string | null }>
}

export interface Requests {
  /**
   * Whoever gets `mine` sends the mail, now. Nobody else does until the lease is over, and nobody at
   * all once it was marked as mailed.
   */
  open(
    request: ApprovalRequest,
    leaseUntilMs: number,
    /** As many as a door's owners are mailed. When it is `limited` nothing was kept. */
    limits?: readonly Limit[],
  ): Promise<'mine' | 'taken' | 'limited'>
  markMailed(request: RequestRef, atMs: number): Promise<void>
  find(request: RequestRef): Promise<ApprovalRequest | null>
  /**
   * Holds only for a request that is open, of this secret, photo and (unless the owner is signed in)
   * visit number, and puts the visitor on file in the same breath.
   */
  decide(asked: {
    readonly request: RequestRef
    /** Null when a signed-in owner decides. */
    readonly proof: {
      readonly tokenSha256: string
      readonly visitNumber: number | null
      /** It is the number that was read a moment ago, so there is no wrong one to count. */
      readonly isRight?: boolean
    } | null
    readonly faceSha256: string
    readonly decision: Decision
    readonly visitor: Visitor | null
  }): Promise<DecideAnswer>
}

export type DecideAnswer =
  | { readonly outcome: 'decided' }
  | { readonly outcome: 'already'; readonly decision: Decision }
  | {
      readonly outcome: 'refused'
      readonly reason: 'unknown' | 'expired' | 'wrong-token' | 'wrong-number' | 'other-photo'
    }

export interface Passcodes {
  /**
   * One call that either does all of it or nothing: keeps the code unique among the door's live
   * ones, takes it as the visitor's only one of this visit, and counts it against the limits.
   */
  issue(grant: Grant, tag: string, address: string): Promise<IssueAnswer>
  /** The door has it. Whoever gets the grant sends the text; everybody else gets null. */
  claimText(ref: GrantRef, nowMs: number, leaseUntilMs: number): Promise<Grant | null>
  markTexted(ref: GrantRef, atMs: number): Promise<void>
  find(ref: GrantRef): Promise<Grant | null>
  /** Null when the door has it already, or it is closed: then nothing changes. */
  revokeUnstored(ref: GrantRef, atMs: number): Promise<Grant | null>
  /** Says whether it was open until now. Whose it was is not kept any longer. */
  close(ref: GrantRef, as: 'used' | 'revoked', atMs: number): Promise<boolean>
  /** Live and open ones of a door. */
  live(door: DoorRef, nowMs: number): Promise<readonly LiveGrant[]>
}

export interface LiveGrant extends Grant {
  readonly tag: string
}

/** `tag` is where a grant lies: `passcodeTag` of its code, in hex. */
export interface GrantRef extends DoorRef {
  readonly grantId: string
  readonly tag: string
}

/** `address-anywhere` counts over all households. */
export type LimitedBy = 'address' | 'address-anywhere' | 'door'

export type IssueAnswer =
  | { readonly outcome: 'issued' }
  | { readonly outcome: 'code-in-use' }
  | { readonly outcome: 'has-one'; readonly grantId: string }
  | { readonly outcome: 'limited'; readonly by: LimitedBy }

export interface Visitors {
  /** Not those who were deleted. */
  find(household: string, visitorId: string): Promise<Visitor | null>
  /** False, and nothing is done, when somebody else changed or deleted them since they were read. */
  put(visitor: Visitor): Promise<boolean>
  /** Without those whose line nobody can read: `find` of one of them throws. */
  list(household: string): Promise<readonly Visitor[]>
  /** Only while they are on file. */
  setFaceIds(household: string, visitorId: string, faceIds: readonly string[]): Promise<boolean>
  /** Leaves nothing but that they were removed. */
  remove(household: string, visitorId: string, atMs: number): Promise<void>
  removedSince(household: string, sinceMs: number): Promise<readonly string[]>
}

export interface Households {
  find(household: string): Promise<Household | null>
  put(household: Household): Promise<void>
  /** Touches nothing else of the household. The revision it then has; null without such a door. */
  changeSettings(door: DoorRef, settings: Settings): Promise<number | null>
  list(): Promise<readonly string[]>
  /** Once for each person, however often they sign in. */
  addMember(member: Member): Promise<void>
  member(household: string, memberId: string): Promise<Member | null>
}

/** For effects that nothing else keeps from happening twice, such as a mail about an alarm. */
export interface IdempotencyStore {
  begin(key: string, nowMs: number, leaseUntilMs: number): Promise<'mine' | 'taken'>
  finish(key: string, atMs: number): Promise<void>
  /** Counts one more, unless as many as there may be were counted in that time. */
  allows(key: string, limits: readonly Limit[], nowMs: number): Promise<boolean>
  /** Keeps the one with the highest number of all that it was shown, and says which that is. */
  highest(key: string, mark: Mark): Promise<Mark>
}

/** A place in something that is numbered, such as a door's log. */
export interface Mark {
  readonly seq: number
  readonly id: string
  readonly atMs: number
}

export interface Photos {
  /** Null for what is not there, and for what is larger than any photo of ours may be. */
  read(key: string): Promise<StoredPhoto | null>
  write(key: string, bytes: Uint8Array): Promise<Picture>
  remove(keys: readonly string[]): Promise<void>
  list(prefix: string): Promise<readonly { readonly key: string; readonly atMs: number }[]>
  /** What a browser needs to upload one JPEG to exactly this key. */
  uploadForm(
    key: string,
  ): Promise<{ readonly url: string; readonly fields: Record<string, string> }>
}

export interface StoredPhoto extends Picture {
  readonly bytes: Uint8Array
  /** What the door wrote beside it. */
  readonly visitNumber: number | null
}

/** Pictures are JPEG. Null means that it is none that can be read. */
export interface Pictures {
  size(jpeg: Uint8Array): Size | null
  crop(jpeg: Uint8Array, area: Crop): Uint8Array | null
  /** No side is longer than this; smaller ones stay as they are, without what was written in them. */
  shrink(jpeg: Uint8Array, longestPx: number): Uint8Array | null
}

/** Pictures out of a door's video. */
export interface Frames {
  frame(at: FrameRef): Promise<FrameAnswer>
}

export interface FrameRef {
  readonly streamName: string
  readonly fragmentNumber: string
  /** When the fragment begins, by the door's clock. */
  readonly producerAtMs: number
  /** From there to the frame. */
  readonly offsetMs: number
}

export type FrameAnswer =
  | {
      readonly outcome: 'frame'
      readonly jpeg: Uint8Array
      /** What the door said that the fragment shows. */
      readonly visitId: string | null
      readonly visitNumber: number | null
    }
  | { readonly outcome: 'no-frame'; readonly why: 'not-found' | 'unreadable' }

/** A door's video, for people to look at. */
export interface Recordings {
  /** As one MP4, of three minutes at most. */
  clip(span: RecordingSpan): Promise<ClipAnswer>
  /** Null when there is nothing to play. */
  play(what: RecordingSpan | { readonly streamName: string }): Promise<RecordingSession | null>
}

export interface RecordingSpan {
  readonly streamName: string
  readonly fromMs: number
  readonly toMs: number
}

export type ClipAnswer =
  | { readonly outcome: 'clip'; readonly mp4: Uint8Array<ArrayBuffer> }
  /** `too-long` for one file: it can still be played. */
  | { readonly outcome: 'no-clip'; readonly why: 'nothing-there' | 'too-long' }

/** Clips lie ready to be fetched past the functions, whose answers are too small for most. */
export interface Clips {
  /** Takes the place of what had this key. */
  keep(clip: ClipFile): Promise<RecordingSession>
}

export interface ClipFile {
  readonly key: string
  readonly mp4: Uint8Array<ArrayBuffer>
  /** What it is called where it is saved; letters, digits, `-`, `_` and `.` only. */
  readonly fileName: string
}

/** Whoever has the address can look until then, so it is a secret. */
export interface RecordingSession {
  readonly url: string
  readonly expiresAtMs: number
}

export interface Faces {
  /** None in what is no picture. */
  find(jpeg: Uint8Array): Promise<readonly FoundFace[]>
  /** Of a picture of one face, the likest first. A picture without one has no match. */
  search(
    household: string,
    jpeg: Uint8Array,
    leastSimilarity: number,
  ): Promise<readonly FaceMatch[]>
  /** From 0 to 100. */
  compare(one: Uint8Array, other: Uint8Array): Promise<number>
  remember(household: string, jpeg: Uint8Array, owner: FaceOwner): Promise<readonly string[]>
  forget(household: string, faceIds: readonly string[]): Promise<void>
  list(household: string): Promise<readonly { readonly faceId: string; readonly name: string }[]>
}

export interface Mail {
  send(letter: Letter): Promise<void>
}

export interface Letter {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Shown within the mail, as `cid:` and this name. */
  readonly pictures: readonly { readonly name: string; readonly jpeg: Uint8Array }[]
}

export interface Texts {
  /** `code` and `language` are for services that only send templates of their own. */
  send(text: {
    readonly to: string
    readonly body: string
    readonly code: string
    readonly language: Language
  }): Promise<void>
}

export interface Doors {
  send(message: CloudMessage): Promise<void>
}

/** What AWS IoT knows of doors. */
export interface Things {
  hasCertificate(doorId: string): Promise<boolean>
}

export interface Secrets {
  doorKey(doorId: string): Promise<Uint8Array>
}

/** Messages that this half sends itself, for later. */
export interface DelayedQueue {
  checkGrant(ref: GrantRef): Promise<void>
  /** At most fifteen minutes later. */
  settleVisit(visit: VisitRef, delayMs: number): Promise<void>
}

/** Who a bearer token is for. Whether they still belong to that household, the member record says. */
export interface SignIns {
  verify(token: string): Promise<{ readonly household: string; readonly memberId: string } | null>
}

export interface Clock {
  nowMs(): number
}

/** What is stored is not as it was written, or could not be stored. Never says what is in it. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
  readonly code: 'malformed-row' | 'busy' | 'other-household' | 'malformed-query' | 'exists'
  constructor(code: StoreFault['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface Log {
  info(data: object, text: string): void
  warn(data: object, text: string): void
  error(data: object, text: string): void
}

/**
 * A service did not do what it was asked to. Keeps the name of what was thrown, never its words:
 * services repeat in them what they were sent, such as phone numbers.
 */
export class OutsideFault extends Error {
  override readonly name = 'OutsideFault'
  readonly code: string

  constructor(sentence: string, thrown: unknown) {
    super(sentence)
    this.code = thrown instanceof Error ? thrown.name : 'Unknown'
  }
}
