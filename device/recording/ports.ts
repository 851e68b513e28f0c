/** The ports of recording: an encoder, and an uplink to the cloud. */
import type { AccessUnit } from './core/access-units.ts'
import type { Failure } from './core/failures.ts'
import type { RingFigures } from './core/fragment-ring.ts'
import type { FragmentTags } from './core/matroska.ts'
import type { Phase } from './core/session.ts'
import type { DroppedFragment } from './core/stored-fragments.ts'

export interface VideoUplink {
  /** Frames are uploaded from now on, each fragment with these tags. */
  begin(tags: FragmentTags): void
  /** Ignored before `begin` and after `end`. */
  frame(unit: AccessUnit, atMs: number): void
  /** Frames are accepted until the last fragment is long enough; then what is stored is sent. */
  end(): void
  /** The daemon ends: what is not sent by now is lost. */
  stop(): Promise<void>
  figures(): UplinkFigures
}

export interface UplinkFigures extends RingFigures {
  readonly phase: Phase['name']
  readonly connections: number
  /** Before a first key frame, or after a fragment that became too long. */
  readonly framesLeftOut: number
  readonly bytesSent: number
}

export type UplinkEvent =
  | {
      readonly kind: 'failed'
      readonly failure: Failure
      readonly restMs: number
      readonly ownersBusiness: boolean
    }
  | { readonly kind: 'dropped'; readonly dropped: DroppedFragment }

export interface VideoEncoder {
  start(listener: EncoderListener): void
  /** False when the encoder cannot take the frame now. A broken frame is accepted and left out. */
  frame(jpeg: Uint8Array, atMs: number): boolean
  stop(): Promise<void>
  figures(): EncoderFigures
}

export interface EncoderListener {
  unit(unit: AccessUnit, atMs: number): void
  event(event: EncoderEvent): void
}

export type EncoderEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'lost'; readonly why: EncoderLoss; readonly backInMs: number }

/** `absent`: the program is not installed. */
export type EncoderLoss = 'absent' | 'ended' | 'stuck' | 'garbage'

export interface EncoderFigures {
  readonly starts: number
  readonly framesIn: number
  readonly framesRefused: number
  readonly framesBroken: number
  readonly unitsOut: number
  /** Accepted by an encoder that was lost before they came out. */
  readonly framesLost: number
}
