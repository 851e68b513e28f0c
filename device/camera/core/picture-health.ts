/**
 * Whether pictures can be true. A lens that is covered shows black, a camera that hangs repeats its
 * last picture to the bit, which no living sensor ever does.
 */

export interface PictureHealth {
  see(grey: Uint8Array, atMs: number): 'black' | 'frozen' | null
}

/** A cloud over the moon is not a fault, and a door may be dark for as long as somebody passes. */
const blackForMs = 30_000
const frozenForMs = 10_000
const blackLevel = 6

export function createPictureHealth(): PictureHealth {
  let last: Uint8Array | null = null
  let changedAtMs = 0
  let lightAtMs = 0

  return {
    see(grey, atMs) {
      if (last === null || !sameBytes(last, grey)) changedAtMs = atMs
      if (last === null || !isBlack(grey)) lightAtMs = atMs
      last = Uint8Array.from(grey)
      if (atMs - lightAtMs >= blackForMs) return 'black'
      return atMs - changedAtMs >= frozenForMs ? 'frozen' : null
    },
  }
}

const isBlack = (grey: Uint8Array): boolean => grey.every((level) => level <= blackLevel)

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((level, at) => level === other[at])
