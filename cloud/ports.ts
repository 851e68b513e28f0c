/**
 * What the cloud needs from the outside. An operation that two processes may try at once is one
 * conditional call, and its answer says who was first. Faults are thrown; refusals are values.
 */
import type { CloudMessage, Settings } from '../protocol/messages/cloud.ts'
import type { GrantRefusal } from '../protocol/messages/door.ts'
import type {
  ApprovalRequest,
  Decision,
  DecisionRefusal,
  RequestRef,
} from './approvals/core/approval-request.ts'
import type { Calendar, CalendarRef, FeedFailure, FeedResult } from './calendars/core/calendar.ts'
import type { CredentialRef, StandingCredential, Terms } from './credentials/core/credential.ts'
import type { KnownRow } from './doors/core/door-log.ts'
import type { DoorRef } from './doors/core/door-ref.ts'
import type { DoorReport, DoorState } from './doors/core/door-state.ts'
import type { Household, Member, MemberSession } from './members/core/household.ts'
import type { FindHousehold } from './members/household-cache.ts'
import type { NoticeSettings } from './notices/core/notice-settings.ts'
import type { Grant, Limit, LimitedBy, Way } from './passcodes/core/grant.ts'
import type { ListedPerson } from './visitors/core/people-search.ts'
import type { Visitor } from './visitors/core/visitor.ts'
import type {
  Crop,
  FaceMatch,
  FaceOwner,
  FoundFace,
  Picture,
  Recognition,
  Size,
} from './visits/core/sighting.ts'
import type { NewEntry } from './visits/core/timeline.ts'
import type { Correction, Kept, Resemblance, Stranger, Visit } from './visits/core/visit.ts'
import type { VisitFilter } from './visits/core/who-came.ts'

/** Everything a step of the cloud may use, under the same names everywhere. */
export interface CloudContext {
  readonly visits: Visits
  readonly approvalRequests: ApprovalRequests
  readonly passcodes: Passcodes
  readonly credentials: Credentials
  readonly calendars: Calendars
  readonly calendarFeeds: CalendarFeeds
  readonly visitors: Visitors
  readonly households: Households
  readonly accounts: Accounts
  /** Cached for a minute. */
  readonly household: FindHousehold
  readonly doorLogs: DoorLogs
  readonly doorStates: DoorStates
  readonly idempotency: IdempotencyStore
  readonly photos: Photos
  readonly pictures: Pictures
  readonly faces: Faces
  readonly recognition: Recognition
  readonly frames: Frames
  readonly recordings: Recordings
  readonly clips: Clips
  readonly mail: Mail
  readonly notices: Notices
  readonly push: PushSender
  readonly sms: Sms
  readonly doors: Doors
  /** Cached for a minute. */
  readonly introductions: Introductions
  readonly doorRegistry: DoorRegistry
  /** Doors that may be provisioned by a claim. */
  readonly claimableDoors: readonly string[]
  readonly secrets: Secrets
  readonly delayedQueue: DelayedQueue
  readonly signIns: SignIns
  /** Where the pages are, as in `https://door.example`. */
  readonly webOrigin: string
  /** What every request through CloudFront carries; null without CloudFront. */
  readonly frontKey: string | null
  readonly clock: Clock
  /** 128 random bits in hex. */
  readonly newId: () => string
  readonly log: Log
}

/** What every step may use. */
export type Basics = Pick<CloudContext, 'clock' | 'newId' | 'log'>

/** The part of the context that a step uses. */
export type Uses<Name extends keyof CloudContext> = Pick<CloudContext, Name> & Basics

// ---------------------------------------------------------------- tables

export interface VisitRef extends DoorRef {
  readonly visitId: string
}

/** What a snapshot says about its visit. The first one opens the visit. */
export interface VisitFacts extends VisitRef {
  readonly number: number | null
  readonly seenAtMs: number
}

export interface NewStranger extends Pick<Stranger, 'number' | 'face' | 'resembles' | 'why'> {
  readonly snapshot: string
}

/** Each update is one write that returns the visit as it is then. Repeating it changes nothing. */
export interface Visits {
  addMatch(visit: VisitFacts, visitorId: string, snapshot: string): Promise<Visit>
  find(visit: VisitRef): Promise<Visit | null>
  /** Not added when the visit has a stranger of this number: then the visit is the other writer's. */
  addStranger(
    visit: VisitFacts,
    stranger: NewStranger,
  ): Promise<{ readonly added: boolean; readonly visit: Visit }>
  /** The first resemblance of a stranger is stored. */
  addStrangerSnapshot(
    visit: VisitFacts,
    number: number,
    snapshot: string,
    resembles: Resemblance | null,
  ): Promise<Visit>
  /** `full`: more than the visit may have. Opens the visit if necessary. */
  addScan(visit: VisitFacts, subject: string): Promise<'added' | 'taken' | 'full'>
  /** One entry for each `id`. Opens the visit if necessary. */
  addTimelineEntry(visit: VisitFacts, id: string, entry: NewEntry): Promise<void>
  /** Here `seenAtMs` is when the visit began. */
  end(visit: VisitFacts, lastedMs: number): Promise<void>
  /** When a visitor on file was last recognised. An earlier time changes nothing. */
  markSeen(household: string, visitorId: string, atMs: number): Promise<void>
  forgetSeen(household: string, visitorId: string): Promise<void>
  /** By visitor id. */
  lastSeen(household: string): Promise<ReadonlyMap<string, number>>
  /** Reads the visit, after bringing its entries in the index of filters up to date. */
  index(visit: VisitRef): Promise<Visit | null>
  /** Null without the visit. A later correction replaces the earlier. */
  correct(visit: VisitRef, subject: string, correction: Correction): Promise<Visit | null>
  /** From now on it does not expire. */
  keep(visit: VisitRef, kept: Kept): Promise<Visit | null>
  /** Messages about it that arrive later are ignored. */
  remove(visit: VisitRef, atMs: number): Promise<void>
  /**
   * Newest first, of one household. `after` is the `next` of the previous page. A page is full
   * unless it is the last, and costs the same however many visits do not fit the filter.
   */
  history(query: HistoryQuery): Promise<HistoryPage>
}

export interface HistoryQuery extends VisitFilter {
  readonly household: string
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly limit: number
  readonly after?: string | undefined
}

export interface HistoryPage {
  readonly visits: readonly Visit[]
  readonly next: string | null
}

export interface ApprovalRequests {
  /**
   * The caller that gets `mine` sends the mail. No other caller gets it before the lease is over,
   * and none at all after `markMailed`. When it is `limited` nothing was stored.
   */
  open(
    request: ApprovalRequest,
    leaseUntilMs: number,
    limits?: readonly Limit[],
  ): Promise<'mine' | 'taken' | 'limited'>
  /** Replaces a request that was not decided and can no longer be answered by its link. */
  reopen(request: ApprovalRequest, leaseUntilMs: number): Promise<'mine' | 'taken'>
  markMailed(request: RequestRef, atMs: number): Promise<void>
  find(request: RequestRef): Promise<ApprovalRequest | null>
  /** Decides an open request and stores the allowed visitor, both or neither. */
  recordDecision(asked: DecisionToRecord): Promise<RecordAnswer>
  /** Deletes the name that the visitor gave. */
  forgetName(request: RequestRef): Promise<void>
  /** Opens the request again. False when this is no longer its decision. */
  undo(request: RequestRef, decision: Decision): Promise<boolean>
}

export interface DecisionToRecord {
  readonly request: RequestRef
  /** Null when a signed-in owner decides. */
  readonly proof: {
    readonly tokenSha256: string
    readonly visitNumber: number | null
    /** The caller just read this number from the request, so it need not be counted as a guess. */
    readonly isRight?: boolean
  } | null
  /** Null when the request has no picture. */
  readonly faceSha256: string | null
  readonly decision: Decision
  readonly visitor: Visitor | null
}

export type RecordAnswer =
  | { readonly outcome: 'decided' }
  | { readonly outcome: 'already'; readonly decision: Decision }
  | {
      readonly outcome: 'refused'
      readonly reason: DecisionRefusal
      /** After a wrong number. */
      readonly triesLeft?: number
    }

export interface Passcodes {
  /**
   * All or nothing: reserves the code among the door's live ones, makes it the visitor's only code
   * of this visit, and counts it against the limits.
   */
  issue(grant: Grant, tag: string, address: string): Promise<IssueAnswer>
  /** Marks it as stored by the door. One caller gets the grant and sends the code, others get null. */
  claimSending(ref: GrantRef, nowMs: number, leaseUntilMs: number): Promise<Grant | null>
  markSent(ref: GrantRef, atMs: number, by: Way | 'page'): Promise<void>
  markConfirmed(ref: GrantRef, atMs: number): Promise<void>
  find(ref: GrantRef): Promise<Grant | null>
  /** Null, and nothing changes, when the door has stored it or it is closed. */
  revokeUnstored(ref: GrantRef, atMs: number): Promise<Grant | null>
  /** True when it was open. The visitor's name is deleted from it. */
  close(ref: GrantRef, as: 'used' | 'revoked', atMs: number): Promise<boolean>
  /** Open grants of a door that have not expired. */
  live(door: DoorRef, nowMs: number): Promise<readonly LiveGrant[]>
}

export interface LiveGrant extends Grant {
  readonly tag: string
}

/** `tag` is the grant's key: `passcodeTag` of its code, in hex. */
export interface GrantRef extends DoorRef {
  readonly grantId: string
  readonly tag: string
}

export type IssueAnswer =
  | { readonly outcome: 'issued' }
  | { readonly outcome: 'code-in-use' }
  | { readonly outcome: 'has-one'; readonly grantId: string }
  | { readonly outcome: 'limited'; readonly by: LimitedBy }

/** Standing credentials. Their codes are in the same place as one-time codes, so no two are the same. */
export interface Credentials {
  /** All or nothing: stores it, and reserves its code among the live ones of the door. */
  add(credential: StandingCredential): Promise<'added' | 'code-in-use' | 'exists'>
  find(ref: CredentialRef): Promise<StandingCredential | null>
  /** Also those that ended a few days ago. */
  ofDoor(door: DoorRef): Promise<readonly StandingCredential[]>
  /** New terms of the same code. `changed`: it is not as it was read. */
  changeTerms(
    credential: StandingCredential,
    terms: Terms,
    atMs: number,
  ): Promise<'stored' | 'changed' | 'code-in-use'>
  rename(ref: CredentialRef, holder: Pick<StandingCredential, 'name' | 'language'>): Promise<void>
  markOffered(ref: CredentialRef, atMs: number): Promise<void>
  /** `offeredByMs`: an answer to what was offered later is another one. Null, and nothing changes, then. */
  markStored(
    ref: CredentialRef,
    at: { readonly atMs: number; readonly offeredByMs: number },
  ): Promise<StandingCredential | null>
  markRefused(
    ref: CredentialRef,
    reason: GrantRefusal,
    at: { readonly atMs: number; readonly offeredByMs: number },
  ): Promise<StandingCredential | null>
  /** Null without it. Its code stays reserved until the door does not have it any more. */
  withdraw(ref: CredentialRef, at: Withdrawal): Promise<StandingCredential | null>
  markGone(credential: StandingCredential, atMs: number): Promise<void>
  /** Each visit counts once. */
  addUse(ref: CredentialRef, use: { readonly visit: string; readonly atMs: number }): Promise<void>
  /** Credentials of this holder that take their face besides. */
  takingFace(door: DoorRef, visitorId: string): Promise<readonly StandingCredential[]>
  addDuress(visit: VisitRef, atMs: number): Promise<void>
  isDuress(visit: VisitRef): Promise<boolean>
  addPinLink(link: PinLink): Promise<void>
  pinLink(tokenSha256: string): Promise<PinLink | null>
}

/** Lets a person on file choose a PIN. */
export interface PinLink {
  readonly tokenSha256: string
  readonly household: string
  readonly visitorId: string
  readonly expiresAtMs: number
}

interface Withdrawal {
  readonly atMs: number
  readonly why: string
  /** Deletes the name, for a person who was deleted. */
  readonly forgets?: boolean
}

export interface Calendars {
  /** Once for each id. */
  add(calendar: Calendar): Promise<void>
  ofDoor(door: DoorRef): Promise<readonly Calendar[]>
  /** False when it was removed. */
  markFetched(
    ref: CalendarRef,
    fetched: Pick<Calendar, 'events' | 'etag'> & {
      readonly atMs: number
      readonly result: FeedResult
    },
  ): Promise<boolean>
  /** Forgets its address and its bookings. */
  remove(ref: CalendarRef, atMs: number): Promise<void>
}

/** Reads addresses of the internet, and no others. */
export interface CalendarFeeds {
  fetch(url: string, etag: string | null): Promise<FeedAnswer>
}

export type FeedAnswer =
  | { readonly outcome: 'fetched'; readonly text: string; readonly etag: string | null }
  | { readonly outcome: 'not-modified' }
  | { readonly outcome: 'failed'; readonly why: FeedFailure }

export interface Visitors {
  /** Null for deleted visitors; for one who was merged into another, the other. */
  find(household: string, visitorId: string): Promise<Visitor | null>
  /** False, and nothing changes, when the visitor was changed or deleted since it was read. */
  put(visitor: Visitor): Promise<boolean>
  /** Skips malformed rows, for which `find` throws. */
  list(household: string): Promise<readonly Visitor[]>
  /** What a list shows of each, in one query. */
  people(household: string): Promise<readonly ListedPerson[]>
  /** Stores `kept`, and `find` finds it for the other too. False when one of them was changed. */
  merge(kept: Visitor, gone: Visitor): Promise<boolean>
  /** False when the visitor is not on file. */
  setFaceIds(household: string, visitorId: string, faceIds: readonly string[]): Promise<boolean>
  /** Leaves only the fact that the visitor was removed. */
  remove(household: string, visitorId: string, atMs: number): Promise<void>
  removedSince(household: string, sinceMs: number): Promise<readonly string[]>
}

export interface Households {
  find(household: string): Promise<Household | null>
  /**
   * Writes what `change` makes of the household, or null if there is none, and returns it. Nothing
   * is written when that is null. When another write was first, `change` is called again.
   */
  change(
    household: string,
    change: (now: Household | null) => Household | null,
  ): Promise<Household | null>
  remove(household: string): Promise<void>
  /** The new revision; null without such a door. */
  changeSettings(door: DoorRef, settings: Settings): Promise<number | null>
  list(): Promise<readonly string[]>
  /** A person who is a member already stays what they are. */
  addMember(member: Member): Promise<void>
  member(household: string, memberId: string): Promise<Member | null>
  members(household: string): Promise<readonly Member[]>
  /** Nothing happens to a person who is no member any more. */
  changeMember(
    household: string,
    memberId: string,
    change: Partial<Pick<Member, 'role' | 'signedOutAtMs'>>,
  ): Promise<void>
  /** The person cannot join again with the same account. */
  removeMember(household: string, memberId: string, atMs: number): Promise<void>
  startSession(session: MemberSession): Promise<void>
  /** Those that have not ended, newest first. */
  sessions(household: string, memberId: string): Promise<readonly MemberSession[]>
  /** Remembered until its last token has expired, also the one that renews it. */
  endSession(household: string, session: string, atMs: number): Promise<void>
  hasEnded(household: string, session: string): Promise<boolean>
}

/** Which notices members want, and where they get pushes. */
export interface Notices {
  of(household: string): Promise<{
    /** By member. Those who never chose are missing. */
    readonly settings: ReadonlyMap<string, NoticeSettings>
    readonly devices: readonly NoticeDevice[]
  }>
  putSettings(household: string, memberId: string, settings: NoticeSettings): Promise<void>
  /** Replaces the device with the same id. */
  addDevice(device: NoticeDevice): Promise<void>
  removeDevice(device: NoticeDevice, atMs: number): Promise<void>
  markDelivered(device: NoticeDevice, atMs: number): Promise<void>
  /** Its push service does not know it any more. */
  markGone(device: NoticeDevice, atMs: number): Promise<void>
}

export interface NoticeDevice {
  readonly household: string
  readonly memberId: string
  /** Derived from its endpoint. */
  readonly deviceId: string
  /** As in `Chrome, Android`. */
  readonly name: string
  /** As the browser gave them; with them anyone could send it notices. */
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
  readonly addedAtMs: number
  readonly deliveredAtMs?: number | undefined
  readonly goneAtMs?: number | undefined
}

export interface PushSender {
  /** What a browser needs to accept pushes from this deployment only. */
  publicKey(): Promise<string>
  send(
    device: Pick<NoticeDevice, 'endpoint' | 'p256dh' | 'auth'>,
    payload: string,
    options: { readonly ttlSeconds: number; readonly topic: string },
  ): Promise<'delivered' | 'gone' | 'failed'>
}

/** What people sign in with. A person has one account, in one household. */
export interface Accounts {
  find(email: string): Promise<Account | null>
  /** Mails a temporary password, also to an account that has never been used. */
  invite(email: string, household: string): Promise<void>
  /** Ends every session of the account. */
  signOut(email: string): Promise<void>
  /** Ends every session of the account, and deletes it. */
  remove(email: string): Promise<void>
  list(household: string): Promise<readonly Account[]>
}

export interface Account {
  readonly email: string
  readonly household: string | null
  /** Whether the person has chosen a password of their own. */
  readonly isUsed: boolean
}

/** For effects that no other record makes happen once, such as a mail about an alarm. */
export interface IdempotencyStore {
  begin(key: string, nowMs: number, leaseUntilMs: number): Promise<'mine' | 'taken'>
  finish(key: string, atMs: number): Promise<void>
  /** Counts one more unless a limit is reached. */
  allows(key: string, limits: readonly Limit[], nowMs: number): Promise<boolean>
}

/** Number and hash of each message of a door. */
export interface DoorLogs {
  /** Stores it unless it is stored, and returns the rows with its number and the numbers beside it. */
  add(door: DoorRef, row: KnownRow, receivedAtMs: number): Promise<readonly KnownLogRow[]>
  between(door: DoorRef, fromSeq: number, toSeq: number): Promise<readonly KnownLogRow[]>
  /** The change of the log that was noticed last, if that was within this time; else a new one. */
  change(door: DoorRef, id: string, nowMs: number, withinMs: number): Promise<string>
}

export interface KnownLogRow extends KnownRow {
  readonly receivedAtMs: number
}

export interface DoorStates {
  /** A part that a later message reported stays as it is. */
  report(
    door: DoorRef,
    message: { readonly seq: number; readonly atMs: number },
    report: DoorReport,
    nowMs: number,
  ): Promise<void>
  find(door: DoorRef): Promise<DoorState>
}

// ---------------------------------------------------------------- photos and video

export interface Photos {
  /** Null for what does not exist, and for what is larger than a photo may be. */
  read(key: string): Promise<StoredPhoto | null>
  write(key: string, bytes: Uint8Array): Promise<Picture>
  remove(keys: readonly string[]): Promise<void>
  list(prefix: string): Promise<readonly { readonly key: string; readonly atMs: number }[]>
  /** What a browser needs to upload one JPEG to exactly this key. */
  uploadForm(
    key: string,
    /** The page to which the browser returns. */
    backTo?: string,
  ): Promise<{ readonly url: string; readonly fields: Record<string, string> }>
}

interface StoredPhoto extends Picture {
  readonly bytes: Uint8Array
  /** From the metadata that the door wrote with it. */
  readonly visitNumber: number | null
}

/** For JPEGs. Null for bytes that cannot be decoded. */
export interface Pictures {
  size(jpeg: Uint8Array): Size | null
  crop(jpeg: Uint8Array, area: Crop): Uint8Array | null
  /** No side is longer than `longestPx`. Removes metadata, also from pictures that are small enough. */
  shrink(jpeg: Uint8Array, longestPx: number): Uint8Array | null
}

/** Single frames of a door's video. */
export interface Frames {
  frame(at: FrameRef): Promise<FrameAnswer>
}

export interface FrameRef {
  readonly streamName: string
  readonly fragmentNumber: string
  /** When the fragment begins, by the door's clock. */
  readonly producerAtMs: number
  /** From the beginning of the fragment to the frame. */
  readonly offsetMs: number
}

export type FrameAnswer =
  | {
      readonly outcome: 'frame'
      readonly jpeg: Uint8Array
      /** From the tags that the door wrote into the fragment. */
      readonly visitId: string | null
      readonly visitNumber: number | null
    }
  | { readonly outcome: 'no-frame'; readonly why: 'not-found' | 'unreadable' }

export interface Recordings {
  /** One MP4, of three minutes at most. */
  clip(span: RecordingSpan): Promise<ClipAnswer>
  /** Null when there is nothing to play. */
  play(what: RecordingSpan | { readonly streamName: string }): Promise<RecordingSession | null>
}

export interface RecordingSpan {
  readonly streamName: string
  readonly fromMs: number
  readonly toMs: number
}

type ClipAnswer =
  | { readonly outcome: 'clip'; readonly mp4: Uint8Array<ArrayBuffer> }
  /** `too-long` for one file; it can be played. */
  | { readonly outcome: 'no-clip'; readonly why: 'nothing-there' | 'too-long' }

/** Stores clips for download, since most are too large for the answer of a function. */
export interface Clips {
  /** Replaces what had this key. */
  put(clip: ClipFile): Promise<RecordingSession>
  /** Of a clip that was put, or is not there. */
  link(key: string): Promise<RecordingSession>
}

interface ClipFile {
  readonly key: string
  readonly mp4: Uint8Array<ArrayBuffer>
  /** For the browser to save it under; letters, digits, `-`, `_` and `.` only. */
  readonly fileName: string
}

/** The URL needs no sign-in until it expires, so it is a secret. */
interface RecordingSession {
  readonly url: string
  readonly expiresAtMs: number
}

export interface Faces {
  /** Null when the service refuses the picture. */
  find(jpeg: Uint8Array): Promise<readonly FoundFace[] | null>
  /** Matches of a picture of one face, best first. Null when the service finds no face to search. */
  search(
    household: string,
    jpeg: Uint8Array,
    leastSimilarity: number,
  ): Promise<readonly FaceMatch[] | null>
  /** From 0 to 100. Null when one of the pictures has no face, or the service refuses it. */
  compare(one: Uint8Array, other: Uint8Array): Promise<number | null>
  /** Empty when the picture has no face that can be recognised. */
  remember(household: string, jpeg: Uint8Array, owner: FaceOwner): Promise<readonly string[]>
  forget(household: string, faceIds: readonly string[]): Promise<void>
  list(household: string): Promise<readonly { readonly faceId: string; readonly name: string }[]>
}

// ---------------------------------------------------------------- messages

export interface Mail {
  send(letter: Letter): Promise<void>
}

export interface Letter {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Shown in the mail as `cid:` and this name. */
  readonly pictures: readonly { readonly name: string; readonly jpeg: Uint8Array }[]
}

export interface Sms {
  /** A provider that reports deliveries names the grant in its report. */
  send(sms: {
    readonly to: string
    readonly body: string
    readonly grant: GrantRef
    /** How long it may take to arrive; as long as a one-time code is valid by default. */
    readonly lifeMs?: number
  }): Promise<void>
}

/** What each door declared when it last connected. */
export interface Introductions {
  find(door: DoorRef): Promise<Introduction | null>
  /** Replaces the one before. */
  put(door: DoorRef, introduction: Introduction): Promise<void>
}

interface Introduction {
  readonly protocol: number
  readonly software: string
  readonly capabilities: readonly string[]
  readonly atMs: number
}

export interface Doors {
  send(message: CloudMessage): Promise<void>
}

/** The doors that AWS IoT knows. */
export interface DoorRegistry {
  hasCertificate(doorId: string): Promise<boolean>
}

export interface Secrets {
  doorKey(doorId: string): Promise<Uint8Array>
}

/** Messages from the cloud to itself, delivered later. */
export interface DelayedQueue {
  checkGrant(ref: GrantRef, delayMs: number): Promise<void>
  /** Fifteen minutes at most. */
  settleVisit(visit: VisitRef, delayMs: number): Promise<void>
  /** At once. What members may ask for is sent by a function that no browser reaches. */
  deliver(order: DeliveryOrder): Promise<void>
}

/** To a person on file: the code of a credential, or a link by which they choose a PIN. */
export interface DeliveryOrder {
  readonly orderId: string
  readonly household: string
  readonly visitorId: string
  readonly way: Way
  /** Null: the link. */
  readonly credential: Pick<CredentialRef, 'doorId' | 'grantId'> | null
}

/** Signs members in. The member record says whether the person is still a member. */
export interface SignIns {
  /** Null for an ID token that is not valid. */
  verify(idToken: string): Promise<SignedIn | null>
  /** Where the login pages are. */
  loginOrigin(): Promise<string>
  /** Where a browser signs in. It returns to `/signed-in` with a code. */
  start(request: {
    readonly state: string
    readonly nonce: string
    readonly challenge: string
  }): Promise<string>
  /** Null for a code that is not valid, or was made for another request. */
  finish(answer: {
    readonly code: string
    readonly verifier: string
    readonly nonce: string
  }): Promise<SignInTokens | null>
  /** A new ID token; null when the session has ended. */
  refresh(refreshToken: string): Promise<string | null>
  revoke(refreshToken: string): Promise<void>
  /** Where a browser signs out of the login pages. It returns to `/`. */
  signOutUrl(): Promise<string>
  addPasskeyUrl(): Promise<string>
}

export interface SignedIn {
  readonly household: string
  readonly memberId: string
  /** Names this sign-in; null if Cognito gives it no name. */
  readonly session: string | null
  readonly startedAtMs: number
}

export interface SignInTokens {
  readonly idToken: string
  readonly refreshToken: string
}

export interface Clock {
  nowMs(): number
}

export interface Log {
  info(data: object, text: string): void
  warn(data: object, text: string): void
  error(data: object, text: string): void
}

/** A row is malformed or could not be written. The message never quotes the row. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
  readonly code:
    | 'malformed-row'
    | 'busy'
    | 'other-household'
    | 'malformed-query'
    | 'exists'
    | 'removed'
  constructor(code: StoreFault['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * A service failed. Has the name of the service's error but not its message, because services
 * repeat what they were sent, such as phone numbers.
 */
export class OutsideFault extends Error {
  override readonly name = 'OutsideFault'
  readonly code: string

  constructor(message: string, thrown: unknown) {
    super(message)
    this.code = thrown instanceof Error ? thrown.name : 'Unknown'
  }
}
