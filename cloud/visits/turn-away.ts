/**
 * What happens when a blocked person comes: a face that the owner blocked, or a visitor on file. The
 * owner is not notified, and the keypad shows what it shows to every denied visitor.
 */
import { command } from '../doors/commands.ts'
import type { Uses, VisitFacts } from '../ports.ts'
import type { NewEntry } from './core/timeline.ts'

export async function turnAway(
  deps: Uses<'visits' | 'doors' | 'introductions'>,
  facts: VisitFacts,
  { id, visitorId }: { readonly id: string; readonly visitorId: string | null },
): Promise<void> {
  const { doorId, visitId } = facts
  const why = 'the owner asked not to be notified of this person again'
  const entry: NewEntry = { atMs: deps.clock.nowMs(), what: 'turned-away', why, visitorId }
  await deps.visits.addTimelineEntry(facts, `turned-away-${id}`, entry)
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'denied' })
}
