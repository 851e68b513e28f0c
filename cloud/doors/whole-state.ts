/** Everything that a door should hold, for one that was away. */
import { type Credential, isCredential } from '../../protocol/messages/cloud.ts'
import { liveCredentials } from '../credentials/change-credential.ts'
import { messageOf } from '../credentials/core/credential.ts'
import { statePages } from '../credentials/core/state-pages.ts'
import { doorOf } from '../members/core/household.ts'
import { offered } from '../passcodes/core/offered.ts'
import type { Uses } from '../ports.ts'
import { commandAsOfNow } from './commands.ts'
import type { DoorRef } from './core/door-ref.ts'

type Deps = Uses<
  'passcodes' | 'credentials' | 'visitors' | 'household' | 'secrets' | 'doors' | 'introductions'
>

/** A door that was away for this long is still sent which visitors were deleted meanwhile. */
const rememberRemovedMs = 90 * 24 * 3_600_000
/** The most that one message holds. Grants of a visitor are revoked whether or not they are listed. */
const mostRemoved = 1_000

export async function sendState(deps: Deps, door: DoorRef, answers: string): Promise<void> {
  const nowMs = deps.clock.nowMs()
  // A code that is issued during the reading is not in the answer, and must not be revoked by it.
  const answer = commandAsOfNow(deps)
  const [live, standing, removed, household] = await Promise.all([
    deps.passcodes.live(door, nowMs),
    standingOf(deps, door),
    deps.visitors.removedSince(door.household, nowMs - rememberRemovedMs),
    deps.household(door.household),
  ])
  const at = doorOf(household, door.doorId)
  const pages = statePages({
    type: 'state',
    answers,
    credentials: [
      ...live.map(offered),
      ...standing.map(messageOf).filter((one) => isFit(deps, door, one)),
    ],
    removedVisitors: removed.slice(-mostRemoved),
    settings: at && { revision: at.revision, settings: at.settings },
  })
  for (const page of pages) await answer(door.doorId, page)
}

/** One that no door understands must not keep the others from it. */
function isFit({ log }: Pick<Deps, 'log'>, { doorId }: DoorRef, credential: Credential): boolean {
  const isUnderstood = isCredential(credential)
  if (!isUnderstood)
    log.error({ doorId, grantId: credential.grantId }, 'credential left out of the state')
  return isUnderstood
}

/** A door that does not know them is sent the rest. */
async function standingOf(deps: Deps, door: DoorRef) {
  const declared = (await deps.introductions.find(door))?.capabilities ?? []
  return declared.includes('credential:standing') ? liveCredentials(deps, door) : []
}
