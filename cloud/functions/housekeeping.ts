/** Once a day, by the schedule. */
import { type HousekeepingDeps, keepHouse } from '../housekeeping.ts'
import * as parts from '../wiring.ts'

export const makeHandler = (deps: HousekeepingDeps) => () => keepHouse(deps)

const tables = parts.dynamodb()

export const handler = makeHandler({
  households: parts.households(tables),
  visitors: parts.visitors(tables),
  faces: parts.faces(),
  photos: parts.photos(),
  clock: parts.clock,
  log: parts.log,
})
