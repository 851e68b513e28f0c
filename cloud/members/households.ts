/** Whose door it is. It changes rarely and is needed for everything, so it is read once a minute. */

import type { Clock, Households } from '../ports.ts'
import type { Door, Household } from '../visitors/core/people.ts'

const rememberedMs = 60_000

export type FindHousehold = (household: string) => Promise<Household | null>

export function rememberedHouseholds(
  { find }: Pick<Households, 'find'>,
  clock: Clock,
): FindHousehold {
  const remembered = new Map<string, { readonly untilMs: number; readonly it: Household }>()
  return async (household) => {
    const known = remembered.get(household)
    if (known && known.untilMs > clock.nowMs()) return known.it
    const it = await find(household)
    if (it) remembered.set(household, { untilMs: clock.nowMs() + rememberedMs, it })
    else remembered.delete(household)
    return it
  }
}

export const doorOf = (household: Household | null, doorId: string): Door | null =>
  household?.doors.find((door) => door.doorId === doorId) ?? null
