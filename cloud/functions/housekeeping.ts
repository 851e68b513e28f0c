/** Once a day, by a schedule. */
import { loadNow } from '../aws/lazy.ts'
import { wire } from '../aws/wiring.ts'
import { type HousekeepingDeps, runHousekeeping } from '../visitors/housekeeping.ts'

export const makeHandler = (deps: HousekeepingDeps) => () => runHousekeeping(deps)

const deps = wire(['households', 'visitors', 'faces', 'photos'])
await loadNow(deps.faces, deps.photos)

export const handler = makeHandler(deps)
