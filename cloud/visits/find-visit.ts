/** Finds a visit by its id alone. */
import type { Household } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'
import type { Visit } from './core/visit.ts'

/** Visits are stored by door, and a household has few doors. */
export async function findVisit(
  { visits }: Pick<Uses<'visits'>, 'visits'>,
  home: Pick<Household, 'household' | 'doors'> | null,
  visitId: string,
): Promise<Visit | null> {
  if (!home || !/^[0-9a-f]{32}$/.test(visitId)) return null
  const { household } = home
  const found = await Promise.all(
    home.doors.map(({ doorId }) => visits.find({ household, doorId, visitId })),
  )
  return found.find((visit) => visit !== null) ?? null
}
