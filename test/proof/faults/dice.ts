/** Reproducible randomness: the same seed gives the same sequence. */

export interface Dice {
  /** A whole number below `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  /** Undefined only for an empty list. */
  pick<T>(items: readonly T[]): T | undefined
  /** An independent sequence for something that runs at the same time. */
  fork(): Dice
}

/** Mulberry32: small and good enough for tests. */
export function diceFrom(seed: number): Dice {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)],
    fork: () => diceFrom(Math.floor(next() * 2 ** 32)),
  }
}
