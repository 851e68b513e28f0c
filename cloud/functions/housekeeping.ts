/** Once a day, by a schedule. */
import { type HousekeepingDeps, runHousekeeping } from '../visitors/housekeeping.ts'

export const parts = ['households', 'visitors', 'faces', 'photos'] as const
export const loadedAtStart = ['faces', 'photos'] as const

export const makeHandler = (deps: HousekeepingDeps) => () => runHousekeeping(deps)
