/**
 * The fragments that are not known to be persisted: in memory, then on disk; beyond that the oldest
 * are dropped and counted. What has to be done on the disk is returned as effects.
 */
import type { VideoTrack } from './matroska.ts'
import { type Allocation, newAllocation, SlabPool } from './slabs.ts'

export interface StoredFragment {
  readonly number: number
  readonly timecodeMs: number
  readonly track: VideoTrack
  /** `null` while only the disk has it. */
  chunks: Buffer[] | null
  /** The memory of the chunks, unless they were read back. */
  allocation: Allocation
  bytes: number
  isComplete: boolean
  isReceived: boolean
  disk: 'none' | 'writing' | 'written'
  isReading: boolean
  refusals: number
}

export type RingEffect =
  | { readonly kind: 'write'; readonly number: number; readonly chunks: readonly Buffer[] }
  | { readonly kind: 'read'; readonly number: number }
  | { readonly kind: 'erase'; readonly number: number }
  | { readonly kind: 'dropped'; readonly dropped: DroppedFragment }

export interface DroppedFragment {
  readonly timecodeMs: number
  readonly bytes: number
  /** There was no room, the disk failed, or the service refused the fragment. */
  readonly why: 'no-room' | 'unreadable' | 'refused'
}

export interface RingLimits {
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** Some frames of a door camera each; two fragments at a usual bit rate. */
const slabBytes = 64 * 1024
const mostUnusedSlabs = 8

export class StoredFragments {
  /** By number, oldest first. */
  readonly all = new Map<number, StoredFragment>()
  memoryBytes = 0
  diskBytes = 0
  dropped = 0
  readonly #limits: RingLimits
  readonly #memory = new SlabPool(slabBytes, mostUnusedSlabs)
  /** Must not be moved or dropped to make room. */
  readonly #isBeingSent: (fragment: StoredFragment) => boolean
  /** Must stay in memory, or what was just read back would be moved out and read for ever. */
  readonly #isNext: (fragment: StoredFragment) => boolean
  #effects: RingEffect[] = []
  #nextNumber = 1

  constructor(
    limits: RingLimits,
    isBeingSent: (fragment: StoredFragment) => boolean,
    isNext: (fragment: StoredFragment) => boolean,
  ) {
    this.#limits = limits
    this.#isBeingSent = isBeingSent
    this.#isNext = isNext
  }

  get nextNumber(): number {
    return this.#nextNumber
  }

  get hasEffects(): boolean {
    return this.#effects.length > 0
  }

  takeEffects(): readonly RingEffect[] {
    return this.#effects.splice(0)
  }

  add(timecodeMs: number, track: VideoTrack): StoredFragment {
    const fragment: StoredFragment = {
      number: this.#nextNumber,
      timecodeMs,
      track,
      chunks: [],
      allocation: newAllocation(),
      bytes: 0,
      isComplete: false,
      isReceived: false,
      disk: 'none',
      isReading: false,
      refusals: 0,
    }
    this.#nextNumber += 1
    this.all.set(fragment.number, fragment)
    return fragment
  }

  grow(fragment: StoredFragment, parts: readonly Uint8Array[]): void {
    const copy = this.#memory.copy(fragment.allocation, parts)
    fragment.chunks?.push(copy)
    fragment.bytes += copy.length
    this.memoryBytes += copy.length
  }

  drop(fragment: StoredFragment, why: DroppedFragment['why']): void {
    this.#remove(fragment)
    this.dropped += 1
    const { timecodeMs, bytes } = fragment
    this.#effects.push({ kind: 'dropped', dropped: { timecodeMs, bytes, why } })
  }

  /** The service has persisted it. */
  release(fragment: StoredFragment): void {
    this.#remove(fragment)
    // A connection may still hold parts of a fragment that is being sent.
    if (!this.#isBeingSent(fragment)) this.#memory.free(fragment.allocation)
  }

  /** Moves the oldest fragments to the disk until memory is within its limit. */
  settle(): void {
    let excess = this.memoryBytes - this.#bytesLeavingMemory() - this.#limits.memoryBytes
    if (excess <= 0) return
    for (const fragment of [...this.all.values()]) {
      if (excess <= 0) return
      if (!this.all.has(fragment.number) || !this.#mayLeaveMemory(fragment)) continue
      excess -= fragment.bytes
      this.#moveToDisk(fragment)
    }
  }

  read(fragment: StoredFragment): void {
    if (!fragment.isReading) this.#effects.push({ kind: 'read', number: fragment.number })
    fragment.isReading = true
  }

  readBack(number: number, bytes: Buffer | null): void {
    const fragment = this.all.get(number)
    if (!fragment) return
    fragment.isReading = false
    if (!bytes) {
      this.drop(fragment, 'unreadable')
      return
    }
    fragment.chunks = [bytes]
    this.memoryBytes += fragment.bytes
  }

  written(number: number, succeeded: boolean): void {
    const fragment = this.all.get(number)
    if (fragment?.disk !== 'writing') return
    fragment.disk = succeeded ? 'written' : 'none'
    if (!succeeded) this.diskBytes -= fragment.bytes
    if (this.#isBeingSent(fragment)) return
    if (succeeded) this.#leaveMemory(fragment)
    else this.drop(fragment, 'no-room')
  }

  #remove(fragment: StoredFragment): void {
    this.all.delete(fragment.number)
    if (fragment.chunks) this.memoryBytes -= fragment.bytes
    if (fragment.disk === 'none') return
    this.diskBytes -= fragment.bytes
    this.#effects.push({ kind: 'erase', number: fragment.number })
  }

  #bytesLeavingMemory(): number {
    let bytes = 0
    for (const one of this.all.values()) {
      if (one.disk === 'writing' && one.chunks) bytes += one.bytes
    }
    return bytes
  }

  #mayLeaveMemory(fragment: StoredFragment): boolean {
    const { isComplete, chunks, disk } = fragment
    const isThere = isComplete && chunks !== null && disk !== 'writing'
    const isNextFromDisk = disk === 'written' && this.#isNext(fragment)
    return isThere && !isNextFromDisk && !this.#isBeingSent(fragment)
  }

  #moveToDisk(fragment: StoredFragment): void {
    if (fragment.disk === 'written') this.#leaveMemory(fragment)
    // Older fragments on the disk go first, or an outage would lose the present and keep the past.
    else if (!this.#makeRoomOnDisk(fragment.bytes)) this.drop(fragment, 'no-room')
    else {
      fragment.disk = 'writing'
      this.diskBytes += fragment.bytes
      const { number, chunks } = fragment
      this.#effects.push({ kind: 'write', number, chunks: chunks ?? [] })
    }
  }

  #leaveMemory(fragment: StoredFragment): void {
    fragment.chunks = null
    fragment.allocation = newAllocation()
    this.memoryBytes -= fragment.bytes
  }

  #makeRoomOnDisk(bytes: number): boolean {
    if (bytes > this.#limits.diskBytes) return false
    for (const fragment of this.all.values()) {
      if (this.diskBytes + bytes <= this.#limits.diskBytes) return true
      if (fragment.disk !== 'none' && !this.#isBeingSent(fragment)) this.drop(fragment, 'no-room')
    }
    return this.diskBytes + bytes <= this.#limits.diskBytes
  }
}
