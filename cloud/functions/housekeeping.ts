/** Once a day, by the schedule. */
import { type HousekeepingDeps, keepHouse } from '../housekeeping.ts'
import * as parts from '../wiring.ts'

export const makeHandler = (deps: HousekeepingDeps) => () => keepHouse(deps)

export const handler = makeHandler({
  households: parts.households(),
  visitors: parts.visitors(),
  faces: parts.faces(),
  clock: parts.clock,
  log: parts.log,
})
