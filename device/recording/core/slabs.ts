/**
 * Memory for what is kept for some seconds and then not needed any more, used again and again. Left
 * to the collector it would pile up: what lives for seconds counts as old, and an almost idle door
 * looks after the old once a minute at most.
 */

/** What is kept of one thing, together; nothing else lies between. */
export interface PersistedState {
  readonly slabs: Buffer[]
  /** Of the last slab. */
  usedBytes: number
}

export interface Slabs {
  /** Copies the parts behind one another, and shows the copy. */
  keep(kept: PersistedState, parts: readonly Uint8Array[]): Buffer
  /** Nobody looks at any of it from here on. */
  free(kept: PersistedState): void
}

export interface SlabSizes {
  readonly slabBytes: number
  /** So many are held for the next. Beyond that it is the collector's, or a busy minute would stay. */
  readonly mostFree: number
}

export const nothingKept = (): PersistedState => ({ slabs: [], usedBytes: 0 })

export function slabs({ slabBytes, mostFree }: SlabSizes): Slabs {
  const unused: Buffer[] = []

  const slabFor = (kept: PersistedState, bytes: number): Buffer => {
    const last = kept.slabs.at(-1)
    if (last && last.length - kept.usedBytes >= bytes) return last
    const fitting = bytes <= slabBytes ? unused.pop() : undefined
    const next = fitting ?? Buffer.allocUnsafeSlow(Math.max(bytes, slabBytes))
    kept.slabs.push(next)
    kept.usedBytes = 0
    return next
  }
  return {
    keep(kept, parts) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0)
      const slab = slabFor(kept, bytes)
      const from = kept.usedBytes
      for (const part of parts) {
        slab.set(part, kept.usedBytes)
        kept.usedBytes += part.length
      }
      return slab.subarray(from, kept.usedBytes)
    },
    free(kept) {
      for (const slab of kept.slabs.splice(0)) {
        if (slab.length === slabBytes && unused.length < mostFree) unused.push(slab)
      }
      kept.usedBytes = 0
    },
  }
}
