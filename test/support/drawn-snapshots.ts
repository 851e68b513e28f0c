/** Snapshots and people that tests need besides those of the simulation. */
import {
  drawSnapshot,
  type Person,
  person,
  type Snapshot,
} from '../../simulation/scenes/drawn-faces.ts'

/** A person who resembles another: always a weak match, never a certain one. */
export function lookAlike(of: Person, name: string): Person {
  return { ...person(name), code: of.code ^ 0b1000_0000_0001 }
}

const drawn = new Map<string, Uint8Array>()

/** Drawing is slow, and most tests need the same few snapshots. */
function draw(snapshot: Snapshot): Uint8Array {
  const key = JSON.stringify(snapshot)
  const jpeg = drawn.get(key) ?? drawSnapshot(snapshot)
  drawn.set(key, jpeg)
  return jpeg
}

/** Small, as decoding takes most of the time. */
const small = { widthPx: 320, heightPx: 240 }
const posed = (who: Person, turned = 0) => ({ person: who, turned, facePx: 72 })

/** The kinds of snapshots that most tests need. */
export const snapshots = {
  front: (who: Person, seed = 1) => draw({ ...small, people: [posed(who)], seed }),
  turned: (who: Person, seed = 1) => draw({ ...small, people: [posed(who, 0.8)], seed }),
  dim: (who: Person, seed = 1) => draw({ ...small, people: [posed(who)], light: 0.15, seed }),
  blurred: (who: Person, seed = 1) => draw({ people: [{ person: who }], blurred: true, seed }),
  together: (all: readonly Person[], seed = 1) =>
    draw({ ...small, people: all.map((one) => posed(one)), seed }),
  empty: (seed = 1) => draw({ ...small, people: [], seed }),
}
