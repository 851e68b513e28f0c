/**
 * Whether pictures are plausible. A covered lens gives black pictures. A camera that hangs repeats
 * its last picture bit by bit, which no working sensor does.
 */

/** A door may be dark for a short time, as when a visitor stands close to the lens. */
const blackForMs = 30_000
const frozenForMs = 10_000
const blackLevel = 6

export function createPictureHealth() {
  let last: Uint8Array | null = null
  let changedAtMs = 0
  let lightAtMs = 0

  return {
    see(grey: Uint8Array, atMs: number): 'black' | 'frozen' | null {
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
