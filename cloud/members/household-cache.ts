/** Every step needs the household and it rarely changes, so it is read at most once a minute. */
import type { Clock, Households } from '../ports.ts'
import type { Household } from './core/household.ts'

const cachedForMs = 60_000

export type FindHousehold = (household: string) => Promise<Household | null>

export function cachedHouseholds({ find }: Pick<Households, 'find'>, clock: Clock): FindHousehold {
  const cache = new Map<string, { readonly untilMs: number; readonly found: Household }>()
  return async (household) => {
    const cached = cache.get(household)
    if (cached && cached.untilMs > clock.nowMs()) return cached.found
    const found = await find(household)
    if (found) cache.set(household, { untilMs: clock.nowMs() + cachedForMs, found })
    else cache.delete(household)
    return found
  }
}
