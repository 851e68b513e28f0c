/**
 * Memory for what is held for some seconds, used again and again. Left to the garbage collector it
 * would pile up: what lives for seconds counts as old, and an almost idle door collects old objects
 * once a minute at most.
 */

/** The memory of one thing; nothing else lies in its slabs. */
export interface Allocation {
  readonly slabs: Buffer[]
  /** Of the last slab. */
  usedBytes: number
}

export const newAllocation = (): Allocation => ({ slabs: [], usedBytes: 0 })

export class SlabPool {
  readonly #unused: Buffer[] = []
  readonly #slabBytes: number
  readonly #mostUnused: number

  /** Unused slabs beyond `mostUnused` are left to the collector, or a busy minute would stay. */
  constructor(slabBytes: number, mostUnused: number) {
    this.#slabBytes = slabBytes
    this.#mostUnused = mostUnused
  }

  /** Copies the parts one after the other and returns the copy. */
  copy(allocation: Allocation, parts: readonly Uint8Array[]): Buffer {
    let bytes = 0
    for (const part of parts) bytes += part.length
    const slab = this.#slabFor(allocation, bytes)
    const from = allocation.usedBytes
    for (const part of parts) {
      slab.set(part, allocation.usedBytes)
      allocation.usedBytes += part.length
    }
    return slab.subarray(from, allocation.usedBytes)
  }

  /** Only for memory that nothing reads any more. */
  free(allocation: Allocation): void {
    for (const slab of allocation.slabs.splice(0)) {
      const isUsual = slab.length === this.#slabBytes
      if (isUsual && this.#unused.length < this.#mostUnused) this.#unused.push(slab)
    }
    allocation.usedBytes = 0
  }

  #slabFor(allocation: Allocation, bytes: number): Buffer {
    const last = allocation.slabs.at(-1)
    if (last && last.length - allocation.usedBytes >= bytes) return last
    const unused = bytes <= this.#slabBytes ? this.#unused.pop() : undefined
    const next = unused ?? Buffer.allocUnsafeSlow(Math.max(bytes, this.#slabBytes))
    allocation.slabs.push(next)
    allocation.usedBytes = 0
    return next
  }
}
