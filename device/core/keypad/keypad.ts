/** What happens when a code is typed: judged, counted and, if it is good, used up. */
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { admit } from '../credentials/admission.ts'
import type { StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import { afterGoodCode, afterWrongCode, pausedForMs } from '../credentials/lockout.ts'
import { visitorSeen } from '../door/arrivals.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  followedBy,
  settingsOf,
} from '../door/state.ts'
import { endVisit } from '../door/visit.ts'
import { awaited } from '../lock/answer.ts'
import { restMs } from '../lock/coil.ts'
import { opened } from '../lock/opening.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'

export interface CodeEntered {
  /** The grant whose code was typed, or null when no grant has that code. */
  readonly grant: StoredGrant | null
  readonly visitor: StoredVisitor | null
}

export function codeEntered(
  before: DoorState,
  { grant, visitor }: CodeEntered,
  context: EventContext,
): Decision {
  const { uptimeMs } = context
  if (!judgesCodes(before, uptimeMs)) {
    const answer = {
      outcome: 'paused',
      pausedForMs: Math.max(pausedForMs(before.lockout, uptimeMs), coilRestMs(before, uptimeMs)),
    } as const
    return decision(before, { effects: [{ kind: 'answer-code', to: context.id, answer }] })
  }
  return followedBy(visitorSeen(before, 'keypad', context), (state) => {
    const verdict = admit(grant, earliestNowMs(state.time, uptimeMs), isConfirmed(state.time))
    return verdict.admitted
      ? codeAccepted(state, verdict.grant, visitor, context)
      : codeRefused(state, verdict, context)
  })
}

/** While false, codes are not looked up, and so neither counted nor used up. */
export const judgesCodes = (state: DoorState, uptimeMs: number): boolean =>
  state.rules.mode !== 'locked' &&
  pausedForMs(state.lockout, uptimeMs) === 0 &&
  coilRestMs(state, uptimeMs) === 0

/** A good code is not used up for an opening that is too short to get in. */
function coilRestMs(state: DoorState, uptimeMs: number): number {
  const { visitorIds, holdMs } = state.rules.extended
  const extendedMs = visitorIds.length > 0 ? holdMs : 0
  return restMs(state, uptimeMs, Math.max(extendedMs, settingsOf(state).unlockHoldMs))
}

/** Some visitors need more time to get through the door. */
function holdMsFor(state: DoorState, visitorId: string): number {
  const { holdMs, visitorIds } = state.rules.extended
  const { unlockHoldMs } = settingsOf(state)
  return visitorIds.includes(visitorId) ? Math.max(holdMs, unlockHoldMs) : unlockHoldMs
}

function codeAccepted(
  before: DoorState,
  { grantId, visitorId }: StoredGrant,
  visitor: StoredVisitor | null,
  { uptimeMs, id }: EventContext,
): Decision {
  const settings = settingsOf(before)
  const { state, effect } = opened(before, uptimeMs, holdMsFor(before, visitorId))
  const answer = {
    outcome: 'accepted',
    visitorName: visitor?.known?.name ?? '',
    language: visitor?.known?.language ?? settings.language,
    unlockedForMs: effect.holdMs,
  } as const
  const visitId = state.visits.visit?.visitId ?? null
  // A visitor who comes back is another visit, and gets another code.
  const { visits, record: visitEnded } = endVisit(state.visits, uptimeMs)
  return decision(
    {
      ...awaited(state, { to: id, answer }),
      lockout: afterGoodCode(state.lockout),
      visits,
      enteredAtUptimeMs: uptimeMs,
    },
    {
      record: [
        {
          type: 'entry-accepted',
          origin: 'keypad',
          grantId,
          visitorId,
          visitId,
          holdMs: effect.holdMs,
          ...(state.time.confirmedBy === 'ntp' && { ntpOnly: true }),
        },
        ...visitEnded,
      ],
      changes: [{ kind: 'close-grant', grantId, as: 'used' }],
      effects: [effect],
    },
  )
}

function codeRefused(
  state: DoorState,
  { reason, grantId }: Extract<ReturnType<typeof admit>, { admitted: false }>,
  { uptimeMs, id }: EventContext,
): Decision {
  const { lockout, waitMs, alarm } = afterWrongCode(state.lockout, uptimeMs, state.rules.lockout)
  const visitId = state.visits.visit?.visitId ?? null
  const { wrongInRow } = lockout
  const wrongInDay = lockout.wrongAtUptimeMs.length
  const record: DoorBody[] = [
    { type: 'entry-refused', origin: 'keypad', reason, grantId, visitId, wrongInRow, wrongInDay },
  ]
  if (alarm) {
    record.push({ type: 'keypad-paused', reason: alarm, forMs: waitMs, wrongInDay, visitId })
  }
  const answer = { outcome: 'denied', pausedForMs: waitMs } as const
  return decision(
    { ...state, lockout },
    { record, effects: [{ kind: 'answer-code', to: id, answer }] },
  )
}

/**
 * After a code could not be written to the disk. It counts as a wrong one whether it was or not, so
 * guessing stays slow and the answer does not show which codes are good.
 */
export function unpersistedCode(state: DoorState, { uptimeMs }: EventContext): DoorState {
  if (!judgesCodes(state, uptimeMs)) return state
  const { lockout } = afterWrongCode(state.lockout, uptimeMs, state.rules.lockout)
  // The alarm is not on the disk either, and is due again.
  return { ...state, lockout: { ...lockout, alarmAtUptimeMs: state.lockout.alarmAtUptimeMs } }
}
