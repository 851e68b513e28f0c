/** The ports of the daemon. Adapters implement them; nothing here names a technology. */
import type { PinCounts } from '../../protocol/guessing.ts'
import type { SignedPlace } from '../../protocol/log-signature.ts'
import type { Settings } from '../../protocol/messages/cloud.ts'
import type { GrantRefusal } from '../../protocol/messages/door.ts'
import type { StoreChange, StoredGrant, StoredVisitor } from '../core/credentials/grant.ts'
import type { PersistedState } from '../core/door/persisted-state.ts'
import type { LogHead, LogRow } from '../core/log/log-chain.ts'

export interface Lock {
  /**
   * Opens for `holdMs`. The adapter closes the lock after that time even if this process has died.
   * Calling it again while open restarts the time. Throws or rejects when the lock does not open;
   * resolves, or returns nothing, once it does.
   */
  open(holdMs: number): Promise<void> | void
  close(): void
  /** The longest time that its coil may be on. Absent where nothing gets hot. */
  readonly coilMaxOnMs?: number
  /** Whether the lock is connected, if the adapter can detect it. */
  reachable(): boolean
}

/** Contact, bond sensor, exit button and bell. */
export interface DoorSensors {
  start(report: (reading: SensorReading) => void): void
  stop(): void
}
export type SensorReading =
  | { readonly kind: 'contact'; readonly open: boolean }
  /** From a lock that reports whether it holds. */
  | { readonly kind: 'bond'; readonly holding: boolean }
  | { readonly kind: 'exit-pressed' }
  | { readonly kind: 'bell-pressed' }

/** Detects visitors and uploads their snapshots and recordings. */
export interface CameraPipeline {
  start(report: (sight: Sight) => void): void
  /** The present visit or null. Idempotent. */
  setVisit(visit: AttendedVisit | null): void
  /** Records until then, with or without a visit; null: ends it. Absent without recordings. */
  watchLive?(untilUptimeMs: number | null): void
  stop(): Promise<void>
}
export interface AttendedVisit {
  readonly visitId: string
  readonly number: number
}
export type Sight =
  | { readonly kind: 'motion'; readonly moving: boolean }
  | ({ readonly kind: 'snapshot-uploaded' } & UploadedSnapshot)
  /** Null: the camera works again. */
  | { readonly kind: 'camera-trouble'; readonly trouble: CameraTrouble | null }

export interface UploadedSnapshot {
  readonly visitId: string
  readonly key: string
  readonly sha256: string
  readonly takenAtMs: number
  readonly widthPx: number
  readonly heightPx: number
}

export interface Camera {
  start(watcher: CameraWatcher): void
  /** Called when the picture has been black or unchanged for long. */
  restart(): void
  stop(): Promise<void>
}
export interface CameraWatcher {
  picture(picture: Picture): void
  /** From cameras that detect motion themselves. */
  moving(moving: boolean): void
  trouble(trouble: CameraTrouble): void
}
export interface Picture {
  readonly jpeg: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  /** A small grey copy for motion detection; null from cameras that detect motion themselves. */
  readonly grey: Uint8Array | null
  /** From cameras that choose the snapshots themselves: not a snapshot. */
  readonly isRecordingOnly?: boolean
}
export type CameraTrouble = 'unplugged' | 'busy' | 'silent' | 'black' | 'frozen' | 'unusable'

/** Stores snapshots. Rejects if the snapshot may not have arrived. Idempotent. */
export interface Uploads {
  put(snapshot: SnapshotToUpload): Promise<void>
}
export interface SnapshotToUpload {
  readonly key: string
  readonly jpeg: Uint8Array
  readonly visitNumber: number
}

export interface SizedJpeg {
  readonly jpeg: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}
export interface SmallerPictures {
  /** The picture in fewer bytes; null if that failed. */
  atMost(mostBytes: number, picture: SizedJpeg): Promise<SizedJpeg | null>
}

/** Records visits. */
export interface Recording {
  /** Null: a live view without a visit. */
  begin(visit: AttendedVisit | null): void
  picture(jpeg: Uint8Array, atMs: number): void
  end(): void
  stop(): Promise<void>
}

/** Temporary, at most an hour, and never stored. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiresAtMs: number
}

export interface CloudLink {
  start(listener: CloudListener): void
  /** Resolves when the broker has acknowledged the message, rejects if it may not have arrived. */
  publish(topic: string, text: string): Promise<void>
  stop(): Promise<void>
}
export interface CloudListener {
  online(online: boolean): void
  /** Called before `online` if the broker has dropped messages in the meantime. */
  missed?(): void
  message(topic: string, payload: Uint8Array): void
}

/** The door's certificate, and the authority that it trusts. */
export interface Identity {
  /** PEM. */
  readonly certificate: string
  readonly key: string
  /** `null`: the authorities that the system trusts. */
  readonly authority: string | null
}

export interface Clock {
  /** Milliseconds since this process started. Never set; counts on while the machine sleeps. */
  monotonicMs(): number
  /** This start of the machine; null: unknown, as if each start of the daemon were one. */
  boot(): Boot | null
  /** The system's time. Arbitrary on a computer without a battery clock. */
  wallMs(): number
  /** What confirms the system's time; null: nothing. */
  confirmed(): 'ntp' | 'host' | null
  after(delayMs: number, action: () => void): Cancel
}
export type Cancel = () => void

export interface Boot {
  readonly id: string
  /** How long ago it was, with the time in which the machine slept. */
  readonly agoMs: number
}

/**
 * The door's database. Synchronous, because a decision, its log rows and its messages must be on the
 * disk before any effect.
 */
export interface Store {
  /** `null` on a door that has never run. */
  load(): PersistedState | null
  head(): LogHead
  /** One durable transaction. Throws a `StoreFault` if nothing was written. */
  commit(commit: Commit): void

  grantByTag(tag: Uint8Array): StoredGrant | null
  grant(grantId: string): StoredGrant | null
  /** Neither closed nor past its end. */
  liveGrants(nowMs: number, which?: WhichGrants): readonly StoredGrant[]
  /** How many standing credentials of each length are live. */
  pinCounts(nowMs: number): PinCounts
  visitor(visitorId: string): StoredVisitor | null

  /** Rows that the cloud has not acknowledged, oldest first. */
  unsent(afterSeq: number, limit: number): readonly LogRow[]
  unsentCount(): number

  /** Housekeeping, called while no visitor waits. */
  tidy(): void
  /** Deletes some of what is older than its retention. True: there is more. */
  prune(retention: Retention): boolean
  close(): void
}

export type WhichGrants =
  | {
      readonly range?: never
      readonly kind?: 'one-time' | 'break-glass'
      readonly endsByMs?: number
      readonly visitorId?: string
    }
  | { readonly range: IdRange }

interface IdRange {
  readonly fromId: string
  /** The first one behind the range. */
  readonly beforeId: string
}

export interface Commit {
  readonly state: Partial<PersistedState>
  readonly changes: readonly StoreChange[]
  readonly rows: readonly LogRow[]
  /** Sequence numbers that the cloud has acknowledged since the last commit. */
  readonly acknowledged: readonly number[]
  /** The head of an earlier commit, signed since. */
  readonly signed?: SignedPlace | null
}

export interface Retention {
  /** Rows of the log, grants that ended and visitors without a name are deleted when older. */
  readonly rowsBeforeMs: number
  /** Names of visitors who have had no code since are deleted. */
  readonly namesBeforeMs: number
  /** Whether rows that were not sent are kept, however old. */
  readonly keepUnsent: boolean
  /** Signs the new start of the log; null if the present one is not the door's. */
  readonly sign: (present: SignedPlace, start: LogHead) => SignedPlace | null
}

/** For the command line. A running daemon may write to the same store. */
export interface LogReader {
  rows(): Iterable<LogRow>
  head(): LogHead
  /** The newest head that the door has signed. */
  signedHead(): SignedPlace
  /** The row before the first one, behind which older ones were deleted. */
  start(): SignedPlace
  visitorName(visitorId: string): string | null
  /** Deleted some time after it ended. */
  grant(grantId: string): StoredGrant | null
  /** Null: those of the config file. */
  settings(): Settings | null
  /** Codes of the break-glass sheet. Used ones are deleted after a while. */
  sheet(): { readonly left: number; readonly used: number }
  close(): void
}

export class StoreFault extends Error {
  override readonly name = 'StoreFault'
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** To an owner who asks for a one-time code at the door. */
export type PasscodeAnswer =
  | {
      readonly outcome: 'made'
      readonly code: string
      readonly validForMs: number
      /** So many of the codes made before no longer work. */
      readonly replaced: number
    }
  | { readonly outcome: 'refused'; readonly reason: GrantRefusal }

/** To an owner who asks for a break-glass sheet at the door. */
export type SheetAnswer =
  | {
      readonly outcome: 'made'
      /** In the order of their numbers on the sheet. */
      readonly codes: readonly string[]
      /** So many codes of the sheet before no longer work. */
      readonly codesEnded: number
    }
  | { readonly outcome: 'refused' }

/** The camera delivers no usable picture. */
export class CameraFault extends Error {
  override readonly name = 'CameraFault'
  readonly code: CameraTrouble
  constructor(code: CameraTrouble) {
    super(`the camera is ${code}`)
    this.code = code
  }
}

/** The door cannot answer now. The request had no effect. */
export class DoorBusy extends Error {
  override readonly name = 'DoorBusy'
}

/** Structured logging: a constant text and data. */
export interface Log {
  info(data: object, text: string): void
  warn(data: object, text: string): void
  error(data: object, text: string): void
}

/** Restarts the daemon when it hangs. */
export interface Watchdog {
  /** The longest time between two calls of `alive`; `null` without a watchdog. */
  readonly everyMs: number | null
  ready(): void
  alive(): void
  stopping(): void
}
