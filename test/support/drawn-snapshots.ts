/** Snapshots and people that tests need besides those of the simulation. */
import { drawSnapshot, type Person, person } from '../../simulation/scenes/drawn-faces.ts'

/** A person who resembles another: always a weak match, never a certain one. */
export function lookAlike(of: Person, name: string): Person {
  return { ...person(name), code: of.code ^ 0b1000_0000_0001 }
}

/** The kinds of snapshots that most tests need. */
export const snapshots = {
  front: (who: Person, seed = 1) => drawSnapshot({ people: [{ person: who }], seed }),
  turned: (who: Person, seed = 1) => drawSnapshot({ people: [{ person: who, turned: 0.8 }], seed }),
  dim: (who: Person, seed = 1) => drawSnapshot({ people: [{ person: who }], light: 0.15, seed }),
  blurred: (who: Person, seed = 1) =>
    drawSnapshot({ people: [{ person: who }], blurred: true, seed }),
  together: (all: readonly Person[], seed = 1) =>
    drawSnapshot({ people: all.map((one) => ({ person: one })), seed }),
  empty: (seed = 1) => drawSnapshot({ people: [], seed }),
}
