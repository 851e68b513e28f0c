/**
 * The fragments on their way to the service: what to send next, and what its acknowledgements mean
 * for what is stored.
 */
import type { VideoTrack } from './matroska.ts'
import {
  type RingEffect,
  type RingLimits,
  type StoredFragment,
  StoredFragments,
} from './stored-fragments.ts'

export type Next =
  | {
      readonly kind: 'fragment'
      readonly number: number
      readonly track: VideoTrack
      readonly timecodeMs: number
    }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** All of a fragment has been handed out. */
  | { readonly kind: 'end' }
  /** Nothing is there, or it is being read from the disk. */
  | { readonly kind: 'nothing' }

export interface RingFigures {
  readonly fragments: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly droppedFragments: number
  readonly persistedFragments: number
}

export class FragmentRing {
  /** The fragment that is being sent, or the last that was; and how many of its chunks are out. */
  #cursor = { number: 0, chunk: 0, isInside: false }
  #open: StoredFragment | null = null
  #persisted = 0
  readonly #stored: StoredFragments

  constructor(limits: RingLimits) {
    this.#stored = new StoredFragments(
      limits,
      ({ number }) => this.#cursor.isInside && number === this.#cursor.number,
      (fragment) => !this.#cursor.isInside && this.#afterCursor() === fragment,
    )
  }

  // ---------------------------------------------------------------- from the camera

  open(timecodeMs: number, track: VideoTrack): void {
    this.#open = this.#stored.add(timecodeMs, track)
  }

  /** Copies the parts. */
  grow(parts: readonly Uint8Array[]): void {
    const open = this.#open
    // The service may have refused a fragment before it was complete.
    if (!open || !this.#stored.all.has(open.number)) return
    this.#stored.grow(open, parts)
    this.#stored.settle()
  }

  complete(bytes: Buffer | null): void {
    if (bytes) this.grow([bytes])
    if (this.#open) this.#open.isComplete = true
    this.#open = null
    this.#stored.settle()
  }

  // ---------------------------------------------------------------- to the service

  /** What to send now. A fragment that is announced must be entered to get its bytes. */
  next(): Next {
    if (!this.#cursor.isInside) return this.#announced(this.#afterCursor())
    const current = this.#stored.all.get(this.#cursor.number)
    const bytes = current?.chunks?.[this.#cursor.chunk]
    if (bytes) {
      this.#cursor.chunk += 1
      return { kind: 'bytes', bytes }
    }
    // A fragment that was dropped or persisted meanwhile has no more bytes.
    if (current && !current.isComplete) return { kind: 'nothing' }
    this.#cursor.isInside = false
    this.#stored.settle()
    return { kind: 'end' }
  }

  enter(number: number): void {
    this.#cursor = { number, chunk: 0, isInside: true }
  }

  /** Sending starts again after what was received, or with the first that was not persisted. */
  rewind(after: 'received' | 'persisted'): void {
    let before = 0
    for (const one of this.#stored.all.values()) {
      if (after === 'persisted' || !one.isReceived) break
      before = one.number
    }
    const [first] = this.#stored.all.keys()
    const number = before || (first ?? this.#stored.nextNumber) - 1
    this.#cursor = { number, chunk: 0, isInside: false }
    this.#stored.settle()
  }

  hasUnsent(): boolean {
    return this.#cursor.isInside || this.#afterCursor() !== null
  }

  /** Whether something that was sent is not known to be persisted. */
  isAwaiting(): boolean {
    const [oldest] = this.#stored.all.keys()
    return oldest !== undefined && oldest <= this.#cursor.number
  }

  // ---------------------------------------------------------------- acknowledgements

  received(timecodeMs: number): void {
    const fragment = this.#sentAt(timecodeMs)
    if (fragment) fragment.isReceived = true
  }

  /** Takes back what was acknowledged of this fragment and all after it. */
  notReceived(timecodeMs: number): void {
    const from = this.#sentAt(timecodeMs)?.number ?? 0
    for (const one of this.#stored.all.values()) if (one.number >= from) one.isReceived = false
  }

  persisted(timecodeMs: number): void {
    const upTo = this.#sentAt(timecodeMs)
    if (!upTo) return
    for (const one of [...this.#stored.all.values()]) {
      if (one.number > upTo.number) return
      if (one !== upTo && !one.isReceived) continue
      this.#stored.release(one)
      this.#persisted += 1
    }
  }

  /** Counts a refusal; a fragment that was refused `tries` times is dropped. */
  refused(timecodeMs: number | null, tries: number): void {
    const fragment =
      timecodeMs === null ? this.#stored.all.get(this.#cursor.number) : this.#sentAt(timecodeMs)
    if (!fragment) return
    fragment.refusals += 1
    if (fragment.refusals >= tries) this.#stored.drop(fragment, 'refused')
  }

  // ---------------------------------------------------------------- disk

  /** What has to be done, each reported once. */
  takeEffects(): readonly RingEffect[] {
    return this.#stored.takeEffects()
  }

  hasEffects(): boolean {
    return this.#stored.hasEffects
  }

  written(number: number, succeeded: boolean): void {
    this.#stored.written(number, succeeded)
  }

  readBack(number: number, bytes: Buffer | null): void {
    this.#stored.readBack(number, bytes)
  }

  figures(): RingFigures {
    return {
      fragments: this.#stored.all.size,
      memoryBytes: this.#stored.memoryBytes,
      diskBytes: this.#stored.diskBytes,
      droppedFragments: this.#stored.dropped,
      persistedFragments: this.#persisted,
    }
  }

  #afterCursor(): StoredFragment | null {
    for (const one of this.#stored.all.values()) if (one.number > this.#cursor.number) return one
    return null
  }

  /** The fragment that was sent last with this time: a clock that is set back repeats times. */
  #sentAt(timecodeMs: number): StoredFragment | null {
    let found: StoredFragment | null = null
    for (const one of this.#stored.all.values()) {
      if (one.number > this.#cursor.number) break
      if (one.timecodeMs === timecodeMs) found = one
    }
    return found
  }

  #announced(fragment: StoredFragment | null): Next {
    if (!fragment) return { kind: 'nothing' }
    const { number, track, timecodeMs, chunks, isComplete } = fragment
    if (chunks === null) this.#stored.read(fragment)
    if (chunks === null || (chunks.length === 0 && !isComplete)) return { kind: 'nothing' }
    return { kind: 'fragment', number, track, timecodeMs }
  }
}
