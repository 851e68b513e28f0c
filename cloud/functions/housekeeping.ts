/** Once a day, by the schedule. */
import { type HousekeepingDeps, keepHouse } from '../visitors/housekeeping.ts'
import { clock, log } from '../wiring/basics.ts'
import { faces } from '../wiring/faces.ts'
import { loadedNow } from '../wiring/on-first-call.ts'
import { photos } from '../wiring/photos.ts'
import { dynamodb, households, visitors } from '../wiring/tables.ts'

export const makeHandler = (deps: HousekeepingDeps) => () => keepHouse(deps)

const tables = dynamodb()

const parts = { faces: faces(), photos: photos() }
await loadedNow(parts.faces, parts.photos)

export const handler = makeHandler({
  ...parts,
  households: households(tables),
  visitors: visitors(tables),
  clock,
  log,
})
