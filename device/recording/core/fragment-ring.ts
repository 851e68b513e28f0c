/**
 * Keeps whole fragments until the service says that they are persisted: in memory, then on the
 * disk, and beyond that the oldest are dropped, which is counted and told. It also knows what is to
 * be sent next. It reads and writes nothing itself; what is to be done on the disk it says.
 */
import type { VideoTrack } from './matroska.ts'
import { nothingKept, slabs } from './slabs.ts'

export type RingWish =
  | { readonly kind: 'write'; readonly number: number; readonly chunks: readonly Buffer[] }
  | { readonly kind: 'read'; readonly number: number }
  | { readonly kind: 'erase'; readonly number: number }
  | { readonly kind: 'dropped'; readonly dropped: DroppedFragment }

export interface DroppedFragment {
  readonly timecodeMs: number
  readonly bytes: number
  /** There was no room, the disk failed it, or the service will not have it. */
  readonly why: 'no-room' | 'unreadable' | 'refused'
}

export interface RingLimits {
  readonly memoryBytes: number
  readonly diskBytes: number
}

export type Next =
  | {
      readonly kind: 'fragment'
      readonly number: number
      readonly track: VideoTrack
      readonly timecodeMs: number
    }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** The end of a fragment has just been handed out. */
  | { readonly kind: 'end' }
  /** Nothing is there, or it is being read. */
  | { readonly kind: 'nothing' }

export interface FragmentRing {
  open(timecodeMs: number, track: VideoTrack): void
  /** The parts are copied. */
  grow(parts: readonly Uint8Array[]): void
  complete(bytes: Buffer | null): void
  /** What to send now. A fragment that is announced has to be entered to get its bytes. */
  next(): Next
  enter(number: number): void
  /** Sending starts over behind what was received, or with the first that was not persisted. */
  rewind(after: 'received' | 'persisted'): void
  received(timecodeMs: number): void
  /** What was said of this fragment, and of all behind it, does not hold. */
  notReceived(timecodeMs: number): void
  persisted(timecodeMs: number): void
  /** Counts a refusal; the fragment goes when it has been refused so often. */
  refused(timecodeMs: number | null, tries: number): void
  written(number: number, done: boolean): void
  readBack(number: number, chunks: readonly Buffer[] | null): void
  /** What has to be done, each said once. */
  wishes(): readonly RingWish[]
  wishesWait(): boolean
  hasUnsent(): boolean
  /** Whether something that was sent is not known to be persisted. */
  isAwaiting(): boolean
  isEmpty(): boolean
  figures(): RingFigures
}

export interface RingFigures {
  readonly fragments: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly droppedFragments: number
  readonly persistedFragments: number
}

interface PersistedState {
  readonly number: number
  readonly timecodeMs: number
  readonly track: VideoTrack
  /** `null` while only the disk has it. */
  chunks: Buffer[] | null
  /** Where they lie, unless they were read back. */
  memory: ReturnType<typeof nothingKept>
  bytes: number
  isComplete: boolean
  isReceived: boolean
  disk: 'none' | 'writing' | 'there'
  isReading: boolean
  refusals: number
}

/** Some frames of a door camera; and two fragments of them at a usual rate. */
const fragmentSlabs = { slabBytes: 64 * 1024, mostFree: 8 }

export function fragmentRing(limits: RingLimits): FragmentRing {
  /** In the order of their times, oldest first. */
  const kept = new Map<number, PersistedState>()
  const memory = slabs(fragmentSlabs)
  let wishes: RingWish[] = []
  let nextNumber = 1
  let open: PersistedState | null = null
  /** The fragment that is being sent, or the last that was; and how many of its pieces are out. */
  let cursor = { number: 0, chunk: 0, inside: false }
  let memoryBytes = 0
  let diskBytes = 0
  let droppedFragments = 0
  let persistedFragments = 0

  const isBeingSent = (one: PersistedState) => cursor.inside && one.number === cursor.number
  const afterCursor = (): PersistedState | null => {
    for (const one of kept.values()) if (one.number > cursor.number) return one
    return null
  }
  /** Of what was sent the last with this time, as a clock that is set back has times twice. */
  const byTimecode = (timecodeMs: number): PersistedState | null => {
    let found: PersistedState | null = null
    for (const one of kept.values()) {
      if (one.number > cursor.number) break
      if (one.timecodeMs === timecodeMs) found = one
    }
    return found
  }
  const letGo = (one: PersistedState) => {
    kept.delete(one.number)
    if (one.chunks) memoryBytes -= one.bytes
    if (one.disk === 'none') return
    diskBytes -= one.bytes
    wishes.push({ kind: 'erase', number: one.number })
  }
  const drop = (one: PersistedState, why: DroppedFragment['why']) => {
    letGo(one)
    droppedFragments += 1
    const { timecodeMs, bytes } = one
    wishes.push({ kind: 'dropped', dropped: { timecodeMs, bytes, why } })
  }
  const freeMemoryOf = (one: PersistedState) => {
    one.chunks = null
    one.memory = nothingKept()
    memoryBytes -= one.bytes
  }
  /** Room for so much more on the disk, at the cost of the oldest. */
  const makeRoomOnDisk = (bytes: number): boolean => {
    if (bytes > limits.diskBytes) return false
    for (const one of kept.values()) {
      if (diskBytes + bytes <= limits.diskBytes) return true
      if (one.disk !== 'none' && !isBeingSent(one)) drop(one, 'no-room')
    }
    return diskBytes + bytes <= limits.diskBytes
  }
  const leavingMemory = (): number => {
    let bytes = 0
    for (const one of kept.values()) if (one.disk === 'writing' && one.chunks) bytes += one.bytes
    return bytes
  }
  const moveOut = (one: PersistedState) => {
    if (one.disk === 'there') return freeMemoryOf(one)
    // What is older on the disk goes first, or an outage would keep the past and lose the present.
    if (!makeRoomOnDisk(one.bytes)) return drop(one, 'no-room')
    one.disk = 'writing'
    diskBytes += one.bytes
    wishes.push({ kind: 'write', number: one.number, chunks: one.chunks ?? [] })
  }
  /** What was just read back must stay until it is sent, or it would be read for ever. */
  const isReadToSend = (one: PersistedState) =>
    one.disk === 'there' && !cursor.inside && afterCursor() === one
  const mayLeaveMemory = (one: PersistedState) =>
    one.isComplete &&
    one.chunks !== null &&
    one.disk !== 'writing' &&
    !isBeingSent(one) &&
    !isReadToSend(one)
  const settle = () => {
    let excess = memoryBytes - leavingMemory() - limits.memoryBytes
    for (const one of [...kept.values()]) {
      if (excess <= 0) return
      if (!kept.has(one.number) || !mayLeaveMemory(one)) continue
      excess -= one.bytes
      moveOut(one)
    }
  }

  const grow = (parts: readonly Uint8Array[]) => {
    // Refused before it was whole: what follows of it is of no use either.
    if (!open || !kept.has(open.number)) return
    const copy = memory.keep(open.memory, parts)
    open.chunks?.push(copy)
    open.bytes += copy.length
    memoryBytes += copy.length
    settle()
  }

  return {
    open(timecodeMs, track) {
      const number = nextNumber
      nextNumber += 1
      open = newlyKept(number, timecodeMs, track)
      kept.set(number, open)
    },
    grow,
    complete(bytes) {
      if (bytes) grow([bytes])
      if (open) open.isComplete = true
      open = null
      settle()
    },
    next() {
      if (!cursor.inside) return announced(afterCursor())
      const now = kept.get(cursor.number)
      const bytes = now?.chunks?.[cursor.chunk]
      if (bytes) {
        cursor.chunk += 1
        return { kind: 'bytes', bytes }
      }
      // A fragment that was dropped or persisted underway has no more to give.
      if (now && !now.isComplete) return { kind: 'nothing' }
      cursor.inside = false
      settle()
      return { kind: 'end' }
    },
    enter(number) {
      cursor = { number, chunk: 0, inside: true }
    },
    rewind(after) {
      let before = 0
      for (const one of kept.values()) {
        if (after === 'persisted' || !one.isReceived) break
        before = one.number
      }
      const [first] = kept.keys()
      cursor = { number: before || (first ?? nextNumber) - 1, chunk: 0, inside: false }
      settle()
    },
    received(timecodeMs) {
      const one = byTimecode(timecodeMs)
      if (one) one.isReceived = true
    },
    notReceived(timecodeMs) {
      const from = byTimecode(timecodeMs)?.number ?? 0
      for (const one of kept.values()) if (one.number >= from) one.isReceived = false
    },
    persisted(timecodeMs) {
      // An acknowledgement of something that is not kept, or not sent, frees nothing.
      const upTo = byTimecode(timecodeMs)
      if (!upTo) return
      for (const one of [...kept.values()]) {
        if (one.number > upTo.number) return
        if (one !== upTo && !one.isReceived) continue
        letGo(one)
        // Of what is not all sent, or goes for another reason, a connection may still hold some.
        if (!isBeingSent(one)) memory.free(one.memory)
        persistedFragments += 1
      }
    },
    refused(timecodeMs, tries) {
      const one = timecodeMs === null ? (kept.get(cursor.number) ?? null) : byTimecode(timecodeMs)
      if (!one) return
      one.refusals += 1
      if (one.refusals >= tries) drop(one, 'refused')
    },
    written(number, done) {
      const one = kept.get(number)
      if (one?.disk !== 'writing') return
      one.disk = done ? 'there' : 'none'
      if (!done) {
        diskBytes -= one.bytes
        if (!isBeingSent(one)) drop(one, 'no-room')
      } else if (!isBeingSent(one)) freeMemoryOf(one)
    },
    readBack(number, chunks) {
      const one = kept.get(number)
      if (!one) return
      one.isReading = false
      if (!chunks) return drop(one, 'unreadable')
      one.chunks = [...chunks]
      memoryBytes += one.bytes
    },
    wishes() {
      const said = wishes
      wishes = []
      return said
    },
    wishesWait: () => wishes.length > 0,
    hasUnsent: () => cursor.inside || afterCursor() !== null,
    isAwaiting() {
      const [oldest] = kept.keys()
      return oldest !== undefined && oldest <= cursor.number
    },
    isEmpty: () => kept.size === 0,
    figures: () => ({
      fragments: kept.size,
      memoryBytes,
      diskBytes,
      droppedFragments,
      persistedFragments,
    }),
  }

  function announced(one: PersistedState | null): Next {
    if (!one || (one.chunks?.length === 0 && !one.isComplete)) return { kind: 'nothing' }
    const { number, track, timecodeMs } = one
    if (one.chunks) return { kind: 'fragment', number, track, timecodeMs }
    if (!one.isReading) wishes.push({ kind: 'read', number })
    one.isReading = true
    return { kind: 'nothing' }
  }
}

const newlyKept = (number: number, timecodeMs: number, track: VideoTrack): PersistedState => ({
  number,
  timecodeMs,
  track,
  chunks: [],
  memory: nothingKept(),
  bytes: 0,
  isComplete: false,
  isReceived: false,
  disk: 'none',
  isReading: false,
  refusals: 0,
})
