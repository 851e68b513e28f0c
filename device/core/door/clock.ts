/** When the door believes a clock: the machine's own, or the cloud's answer to a fresh question. */
import type { DoorBody } from '../../../protocol/messages/door.ts'
import type { StoredGrant } from '../credentials/grant.ts'
import {
  type ClockSource,
  confirmedByCloud,
  confirmedLocally,
  earliestNowMs,
  wasEverSet,
} from '../time/trusted-time.ts'
import { askTheTime } from './cloud-session.ts'
import { revokeAll } from './grants.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

/** Clocks drift; a difference below this is neither logged nor set back. */
const clockJumpMs = 60_000

/** A later answer proves nothing: it may have been held back. */
const answerFreshForMs = 10_000

export interface LocalClock {
  readonly atMs: number
  readonly source: Exclude<ClockSource, 'cloud'>
}

export function clockConfirmed(
  state: DoorState,
  { atMs, source }: LocalClock,
  context: EventContext,
): Decision {
  const { uptimeMs } = context
  const aheadMs = atMs - earliestNowMs(state.time, uptimeMs)
  const time = confirmedLocally(state.time, atMs, uptimeMs)
  const movedMs = wasEverSet(state.time) ? Math.max(0, aheadMs) : 0
  const record: DoorBody[] = [{ type: 'clock-confirmed', source, movedMs }]
  if (!state.time.confirmed) {
    // A clock that is behind what the door knows for certain is wrong, and confirms nothing.
    // Neither does one that has jumped away from what the cloud said, until the cloud is asked again.
    const isDoubtful = aheadMs < -clockJumpMs || (state.time.byCloud && aheadMs >= clockJumpMs)
    return isDoubtful ? decision(state) : decision({ ...state, time }, { record })
  }
  if (movedMs < clockJumpMs) return decision(movedMs > 0 ? { ...state, time } : state)
  // The cloud confirmed the time since. Either the local clock is wrong, or the machine was asleep
  // and the uptime stood still: the cloud must say which, and until then no code counts.
  if (state.time.byCloud) {
    return askTheTime({ ...state, time: { ...state.time, confirmed: false } }, context)
  }
  return followedBy(decision({ ...state, time }, { record }), (next) => askTheTime(next, context))
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
  const settled = { ...state, link: { ...state.link, asked: null, unanswered: 0 } }
  const beforeMs = earliestNowMs(state.time, uptimeMs)
  // The answer was on its way for some of that time; the later end never lengthens a code's life.
  const nowMs = atMs + tookMs
  if (nowMs >= beforeMs - clockJumpMs) {
    const time = { ...confirmedLocally(state.time, nowMs, uptimeMs), byCloud: true }
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
  before.time.confirmed && Math.abs(movedMs) < clockJumpMs
    ? []
    : [{ type: 'clock-confirmed', source: 'cloud', movedMs }]
