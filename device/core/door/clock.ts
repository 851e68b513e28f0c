/** When the door believes a clock: the machine's own, or the cloud's answer to a fresh question. */
import type { DoorBody } from '../../../protocol/messages/door.ts'
import type { StoredGrant } from '../credentials/grant.ts'
import {
  confirmedByCloud,
  confirmedLocally,
  earliestNowMs,
  isConfirmed,
  type LocalClock,
  wasEverSet,
} from '../time/trusted-time.ts'
import { askTheTime } from './cloud-session.ts'
import { revokeAll } from './grants.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

/** Clocks drift; a difference below this is neither logged nor set back. */
const clockJumpMs = 60_000

/** A later answer proves nothing: it may have been held back. */
const answerFreshForMs = 10_000

export function clockConfirmed(
  state: DoorState,
  clock: LocalClock,
  context: EventContext,
): Decision {
  const { time, rules } = state
  if (time.confirmedBy === 'cloud') return comparedWithCloud(state, clock, context)
  // Others on the network can answer NTP, so it could make an old code good after a power cut.
  if (clock.source === 'ntp' && rules.hasCloud) return decision(state)
  const aheadMs = clock.atMs - earliestNowMs(time, context.uptimeMs)
  const movedMs = wasEverSet(time) ? Math.max(0, aheadMs) : 0
  const next = { ...state, time: confirmedLocally(time, clock, context.uptimeMs) }
  const record: DoorBody[] = [{ type: 'clock-confirmed', source: clock.source, movedMs }]
  if (!isConfirmed(time)) {
    // A clock that is behind what the door knows for certain is wrong, and confirms nothing.
    return aheadMs < -clockJumpMs ? decision(state) : decision(next, { record })
  }
  if (movedMs < clockJumpMs) return decision(movedMs > 0 ? next : state)
  return followedBy(decision(next, { record }), (moved) => askTheTime(moved, context))
}

/**
 * What the cloud said stays valid whatever a local clock says, since uptime counts a sleep of the
 * machine too. A local clock may correct the drift of uptime. Only if it jumps, the cloud is asked.
 */
function comparedWithCloud(state: DoorState, clock: LocalClock, context: EventContext): Decision {
  const { time } = state
  const { uptimeMs } = context
  const aheadMs = clock.atMs - earliestNowMs(time, uptimeMs)
  const offsetMs = time.aheadOfCloudMs + aheadMs
  const usualOffsetMs = state.localOffsetMs ?? offsetMs
  const hasJumped = Math.abs(offsetMs - usualOffsetMs) >= clockJumpMs
  const isDrift = aheadMs > 0 && offsetMs < clockJumpMs
  const next = {
    ...state,
    localOffsetMs: hasJumped ? offsetMs : usualOffsetMs,
    time: isDrift ? confirmedLocally(time, clock, uptimeMs) : time,
  }
  return hasJumped ? askTheTime(next, context) : decision(next)
}

/** `open` are the grants that are not closed. */
export function cloudAnswered(
  state: DoorState,
  { answers, atMs }: { readonly answers: string; readonly atMs: number },
  open: readonly StoredGrant[],
  context: EventContext,
): Decision {
  const { asked } = state.link
  const { uptimeMs } = context
  if (asked?.ask !== answers) return decision(state)
  const tookMs = uptimeMs - asked.atUptimeMs
  if (tookMs > answerFreshForMs) return decision(state)
  const link = { ...state.link, asked: null, unanswered: 0 }
  const settled = { ...state, link, localOffsetMs: null }
  const beforeMs = earliestNowMs(state.time, uptimeMs)
  // The answer was on its way for some of that time; the later end never lengthens a code's life.
  const nowMs = atMs + tookMs
  const aheadMs = Math.max(0, beforeMs - nowMs)
  if (aheadMs <= clockJumpMs) {
    const time = confirmedByCloud(nowMs, uptimeMs, aheadMs)
    const record = cloudClockRecord(state, time.highWaterMs - beforeMs)
    return decision({ ...settled, time }, { record })
  }
  const couldRevive = open.filter((grant) => grant.expiresAtMs <= beforeMs)
  return followedBy(revokeAll(settled, couldRevive, 'clock set back', context), (revoked) =>
    decision(
      { ...revoked, time: confirmedByCloud(nowMs, uptimeMs) },
      { record: cloudClockRecord(state, nowMs - beforeMs) },
    ),
  )
}

const cloudClockRecord = (before: DoorState, movedMs: number): readonly DoorBody[] =>
  isConfirmed(before.time) && Math.abs(movedMs) < clockJumpMs
    ? []
    : [{ type: 'clock-confirmed', source: 'cloud', movedMs }]
