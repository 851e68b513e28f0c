/** Who looks through the door's eye from afar, and for how long. Nothing of it opens anything. */
import type { CloudMessage } from '../../../protocol/messages/cloud.ts'
import { earliestNowMs } from '../time/trusted-time.ts'
import { freshness, withNonce } from './freshness.ts'
import { type Decision, type DoorState, decision, type EventContext } from './state.ts'

type Watch = Extract<CloudMessage, { type: 'watch-live' }>

/** The newest wish counts, also when it is for less time than there was left. */
export function watchLive(state: DoorState, command: Watch, { uptimeMs }: EventContext): Decision {
  const { id: commandId, by, forMs } = command
  const nowMs = earliestNowMs(state.time, uptimeMs)
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
  const watchedUntilUptimeMs = forMs > 0 ? uptimeMs + forMs : null
  return decision(
    { ...state, commands, watchedUntilUptimeMs },
    {
      record: [{ type: 'live-watched', commandId, by, forMs }],
      effects: [{ kind: 'recording-wanted', untilUptimeMs: watchedUntilUptimeMs }],
    },
  )
}

/** It ends by the door's own timer, so no line that is cut can leave the camera running. */
export function watchDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const { watchedUntilUptimeMs } = state
  if (watchedUntilUptimeMs === null || uptimeMs < watchedUntilUptimeMs) return decision(state)
  return decision(
    { ...state, watchedUntilUptimeMs: null },
    { effects: [{ kind: 'recording-wanted', untilUptimeMs: null }] },
  )
}
