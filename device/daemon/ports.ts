/** What the daemon needs of the world. Adapters fit these; nothing here names a technology. */
import type { StoreChange, StoredGrant, StoredVisitor } from '../core/credentials/grant.ts'
import type { PersistedState } from '../core/door/persisted-state.ts'
import type { LogHead, LogRow } from '../core/log/log-chain.ts'

export interface Lock {
  /**
   * Opens for `holdMs`. The adapter must see to it that the lock closes by then even if this
   * process is no longer there; calling it again while open starts the time anew.
   */
  open(holdMs: number): void
  close(): void
  /** Whether an order would arrive at it now, as far as that can be told. */
  reachable(): boolean
}

/** Contact, bond sensor, exit button and bell: what is wired to the door besides the lock. */
export interface DoorSensors {
  start(report: (reading: SensorReading) => void): void
  stop(): void
}
export type SensorReading =
  | { readonly kind: 'contact'; readonly open: boolean }
  /** From a lock that tells whether it holds. */
  | { readonly kind: 'bond'; readonly holding: boolean }
  | { readonly kind: 'exit-pressed' }
  | { readonly kind: 'bell-pressed' }

/** Notices that somebody is there and shows the cloud who: a camera, and what belongs to it. */
export interface CameraPipeline {
  start(report: (sight: Sight) => void): void
  /** Whose visit it is now, or null. Told the same again, nothing changes. */
  setVisit(visit: AttendedVisit | null): void
  /** Film until then, whether or not there is a visit; null: no longer. Absent where nothing films. */
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
  /** Null: it sees again. */
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
  /** After a picture that can't be true: black for long, or the same for long. */
  restart(): void
  stop(): Promise<void>
}
export interface CameraWatcher {
  picture(picture: Picture): void
  /** From those that notice motion themselves. */
  moving(moving: boolean): void
  trouble(trouble: CameraTrouble): void
}
export interface Picture {
  readonly jpeg: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  /** The same small and grey, to look for motion in; null from cameras that do it themselves. */
  readonly grey: Uint8Array | null
  /** From cameras that choose the stills themselves: this is none. */
  readonly isRecordingOnly?: boolean
}
export type CameraTrouble = 'unplugged' | 'busy' | 'silent' | 'black' | 'frozen' | 'unusable'

/** Where stills go. Rejects when it may not have arrived; the same one may be put again. */
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
  /** The same picture in fewer bytes; null when nothing came of it. */
  atMost(mostBytes: number, picture: SizedJpeg): Promise<SizedJpeg | null>
}

/** The film of a visit, while it lasts. */
export interface Recording {
  /** Null: of nobody's, for whoever looks from afar. */
  begin(visit: AttendedVisit | null): void
  picture(jpeg: Uint8Array, atMs: number): void
  end(): void
  stop(): Promise<void>
}

/** For an hour or less, and never written down. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiresAtMs: number
}

export interface CloudLink {
  start(listener: CloudListener): void
  /** Settles when the other side has taken the message over, rejects when it may not have. */
  publish(topic: string, text: string): Promise<void>
  stop(): Promise<void>
}
export interface CloudListener {
  online(online: boolean): void
  /** Called before `online` if the broker did not store what was sent meanwhile. */
  missed?(): void
  message(topic: string, payload: Uint8Array): void
}

/** What a door shows to prove who it is, and whom it believes. */
export interface Identity {
  /** PEM. */
  readonly certificate: string
  readonly key: string
  /** `null` for the authorities that the system trusts. */
  readonly authority: string | null
}

export interface Clock {
  /** Milliseconds since this process started; never jumps. */
  monotonicMs(): number
  /** The system's time, which may be anything on a machine without a battery clock. */
  wallMs(): number
  /** Whether the system's time can be believed, as far as the machine itself can tell. */
  confirmed(): 'ntp' | 'host' | null
  after(delayMs: number, action: () => void): Cancel
}
export type Cancel = () => void

/**
 * Everything the door remembers. Synchronous, because a decision, its log rows and its messages
 * must be on the disk together before anything is done about them.
 */
export interface Store {
  /** `null` on a door that has never run. */
  load(): PersistedState | null
  head(): LogHead
  /** One durable transaction; either all of it or, with a `StoreFault`, nothing. */
  commit(commit: Commit): void

  grantByTag(tag: Uint8Array): StoredGrant | null
  grant(grantId: string): StoredGrant | null
  /** Neither closed nor past its end. */
  liveGrants(nowMs: number): readonly StoredGrant[]
  visitor(visitorId: string): StoredVisitor | null

  /** Rows that the cloud has not acknowledged, oldest first. */
  unsent(afterSeq: number, limit: number): readonly LogRow[]
  unsentCount(): number

  /** Housekeeping for a quiet moment, so that no visitor waits for it. */
  tidy(): void
  close(): void
}

export interface Commit {
  readonly kept: Partial<PersistedState>
  readonly changes: readonly StoreChange[]
  readonly rows: readonly LogRow[]
  /** Sequence numbers that the cloud has acknowledged since the last commit. */
  readonly acknowledged: readonly number[]
}

/** Reading for people, from a store that a running daemon may be writing to. */
export interface LogReader {
  rows(): Iterable<LogRow>
  head(): LogHead
  visitorName(visitorId: string): string | null
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

/** The camera shows nothing that could be used. */
export class CameraFault extends Error {
  override readonly name = 'CameraFault'
  readonly code: CameraTrouble
  constructor(code: CameraTrouble) {
    super(`the camera is ${code}`)
    this.code = code
  }
}

/** The door cannot answer now: what it was asked was neither judged nor used up. */
export class DoorBusy extends Error {
  override readonly name = 'DoorBusy'
}

/** Structured logging: a constant text, and data beside it. */
export interface Log {
  info(data: object, text: string): void
  warn(data: object, text: string): void
  error(data: object, text: string): void
}

/** Whoever starts the daemon anew when it hangs. */
export interface Watchdog {
  /** How often it wants to hear that all is well; `null` where nobody watches. */
  readonly everyMs: number | null
  ready(): void
  alive(): void
  stopping(): void
}
