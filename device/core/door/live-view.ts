/** Who looks through the door's eye from afar, and for how long. Nothing of it opens anything. */
import type { CloudMessage } from '../../../protocol/messages.ts'
import { earliestNowMs } from '../time/trusted-time.ts'
import { freshness, withNonce } from './freshness.ts'
import { type Decision, type DoorState, decision, type Moment } from './state.ts'

type Watch = Extract<CloudMessage, { type: 'watch-live' }>

/** The newest wish counts, also when it is for less time than there was left. */
export function watchLive(state: DoorState, command: Watch, { runMs }: Moment): Decision {
  const { id: commandId, by, forMs } = command
  const nowMs = earliestNowMs(state.time, runMs)
  const reason = freshness(command, state.commands, nowMs, state.time.confirmed)
  // It must not come back later, when its life has become short enough.
  const isSpent = reason === null || reason === 'too-long-lived'
  const commands = isSpent ? withNonce(state.commands, command, nowMs) : state.commands
  if (reason) {
    return decision(
      { ...state, commands },
      { record: [{ type: 'watch-refused', commandId, reason }] },
    )
  }
  const watchedUntilRunMs = forMs > 0 ? runMs + forMs : null
  return decision(
    { ...state, commands, watchedUntilRunMs },
    {
      record: [{ type: 'live-watched', commandId, by, forMs }],
      effects: [{ kind: 'film-wanted', untilRunMs: watchedUntilRunMs }],
    },
  )
}

/** It ends by the door's own timer, so no line that is cut can leave the camera running. */
export function watchDue(state: DoorState, { runMs }: Moment): Decision {
  const { watchedUntilRunMs } = state
  if (watchedUntilRunMs === null || runMs < watchedUntilRunMs) return decision(state)
  return decision(
    { ...state, watchedUntilRunMs: null },
    { effects: [{ kind: 'film-wanted', untilRunMs: null }] },
  )
}
