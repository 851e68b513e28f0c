/** What the daemon sees of video: a way up to the cloud, and an encoder. Nothing here names either. */
import type { AccessUnit } from './core/access-units.ts'
import type { Failure } from './core/failures.ts'
import type { DroppedFragment, RingFigures } from './core/fragment-ring.ts'
import type { FragmentTags } from './core/matroska.ts'
import type { Phase } from './core/session.ts'

export interface VideoUplink {
  /** Somebody is there: frames are wanted from now on. The tags go with every fragment. */
  begin(tags: FragmentTags): void
  /** Frames of a time in which nobody is there are not sent. */
  frame(unit: AccessUnit, atMs: number): void
  /**
   * Nobody is there any more. Frames are still taken until the last fragment is long enough; what
   * is kept is still sent.
   */
  end(): void
  /** The daemon ends: what is not sent by now is lost. */
  stop(): Promise<void>
  figures(): UplinkFigures
}

export interface UplinkFigures extends RingFigures {
  readonly phase: Phase['name']
  readonly connections: number
  /** Frames before a first key frame, or behind a fragment that had become too long. */
  readonly framesLeftOut: number
  readonly bytesSent: number
}

export type UplinkNews =
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'failed'
      readonly failure: Failure
      readonly restMs: number
      readonly ownersBusiness: boolean
    }
  | { readonly kind: 'dropped'; readonly dropped: DroppedFragment }
  | {
      readonly kind: 'persisted'
      readonly timecodeMs: number
      readonly fragmentNumber: string | null
    }

export interface VideoEncoder {
  start(listener: EncoderListener): void
  /**
   * False when the frame has to wait, because the encoder is not there or does not keep up. One that
   * is broken is taken and left out.
   */
  frame(jpeg: Uint8Array, atMs: number): boolean
  stop(): Promise<void>
  figures(): EncoderFigures
}

export interface EncoderListener {
  unit(unit: AccessUnit, atMs: number): void
  news(news: EncoderNews): void
}

export type EncoderNews =
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
  /** Taken by an encoder that was lost before they came out. */
  readonly framesLost: number
}
