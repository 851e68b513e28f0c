/** What happens when a code is typed: judged, counted and, if it is good, used up. */

import type { DoorBody, DoorMode } from '../../../protocol/messages/door.ts'
import { breakGlassDigits } from '../../../protocol/passcode.ts'
import { admit } from '../credentials/admission.ts'
import type { StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import {
  afterGoodCode,
  afterWrongCode,
  judgesStandingPins,
  pausedForMs,
} from '../credentials/lockout.ts'
import { useOf } from '../credentials/use.ts'
import { visitorSeen } from '../door/arrivals.ts'
import {
  type Decision,
  type DoorState,
  decision,
  type EventContext,
  followedBy,
  settingsOf,
} from '../door/state.ts'
import { endVisit, seenInVisit } from '../door/visit.ts'
import { awaited } from '../lock/answer.ts'
import { restMs } from '../lock/coil.ts'
import { opened } from '../lock/opening.ts'
import { modeAt } from '../mode/mode.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'

export interface CodeEntered {
  /** The grant whose code was typed, or null when no grant has that code. */
  readonly grant: StoredGrant | null
  readonly visitor: StoredVisitor | null
  /** The period of a right TOTP code that followed the PIN. */
  readonly totpPeriod: number | null
  /** How many codes of the break-glass sheet are not used; null: it is not one of them. */
  readonly sheetLeft?: number | null
  /** How many were typed. */
  readonly digits: number
}

export function codeEntered(
  before: DoorState,
  { grant, ...typed }: CodeEntered,
  context: EventContext,
): Decision {
  const { uptimeMs } = context
  if (!judgesCodes(before, uptimeMs, typed.digits)) {
    if (isTurnedAway(before, uptimeMs)) return turnedAway(before, context)
    const answer = {
      outcome: 'paused',
      pausedForMs: Math.max(pausedForMs(before.lockout, uptimeMs), coilRestMs(before, uptimeMs)),
    } as const
    return decision(before, { effects: [{ kind: 'answer-code', to: context.id, answer }] })
  }
  return followedBy(visitorSeen(before, 'keypad', context), (state) => {
    const verdict = admit(grant, {
      nowMs: earliestNowMs(state.time, uptimeMs),
      mode: modeAt(state, uptimeMs),
      timeKnown: isConfirmed(state.time),
      timeZone: settingsOf(state).timeZone,
      visitId: state.visits.visit?.visitId ?? null,
      judgesPins: judgesStandingPins(state.lockout, uptimeMs),
      seenVisitors: seenInVisit(state),
      totpPeriod: typed.totpPeriod,
    })
    return verdict.admitted
      ? codeAccepted(state, { ...typed, grant: verdict.grant }, context)
      : codeRefused(state, verdict, context)
  })
}

/** While false, codes are not looked up, and so neither counted nor used up. */
export const judgesCodes = (state: DoorState, uptimeMs: number, digits: number): boolean =>
  judgesLength(modeAt(state, uptimeMs), digits) && isReady(state, uptimeMs)

const judgesLength = (mode: DoorMode, digits: number): boolean =>
  mode === 'privacy' ? digits === breakGlassDigits : mode !== 'locked'

const isReady = (state: DoorState, uptimeMs: number): boolean =>
  pausedForMs(state.lockout, uptimeMs) === 0 && coilRestMs(state, uptimeMs) === 0

const isTurnedAway = (state: DoorState, uptimeMs: number): boolean =>
  modeAt(state, uptimeMs) === 'privacy' && isReady(state, uptimeMs)

/** In privacy mode. Logged once in a visit, since no wait slows down who types. */
function turnedAway(before: DoorState, context: EventContext): Decision {
  return followedBy(visitorSeen(before, 'keypad', context), (state) => {
    const visitId = state.visits.visit?.visitId ?? null
    const { wrongInRow, wrongAtUptimeMs } = state.lockout
    const refused: DoorBody = {
      ...{ type: 'entry-refused', origin: 'keypad', reason: 'mode', grantId: null, visitId },
      ...{ wrongInRow, wrongInDay: wrongAtUptimeMs.length },
    }
    const answer = { outcome: 'denied', pausedForMs: 0 } as const
    return decision(
      { ...state, turnedAwayVisitId: visitId },
      {
        record: state.turnedAwayVisitId === visitId ? [] : [refused],
        effects: [{ kind: 'answer-code', to: context.id, answer }],
      },
    )
  })
}

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
  {
    grant,
    visitor,
    totpPeriod,
    sheetLeft = null,
  }: Omit<CodeEntered, 'digits'> & { readonly grant: StoredGrant },
  { uptimeMs, id }: EventContext,
): Decision {
  const settings = settingsOf(before)
  const { state, effect } = opened(before, uptimeMs, holdMsFor(before, grant.visitorId))
  const answer = {
    outcome: 'accepted',
    visitorName: visitor?.known?.name ?? '',
    language: visitor?.known?.language ?? settings.language,
    unlockedForMs: effect.holdMs,
  } as const
  const { visit } = state.visits
  const used = useOf(grant, {
    visitId: visit?.visitId ?? null,
    nowMs: earliestNowMs(state.time, uptimeMs),
    totpPeriod,
  })
  // A visitor who comes back is another visit, and gets another code. Who may come in a number of visits
  // may type the code again in this one.
  const isCountedByVisit = typeof grant.standing?.terms.visits === 'number'
  const { visits, record: visitEnded } = isCountedByVisit
    ? { visits: state.visits, record: [] }
    : endVisit(state.visits, uptimeMs)
  const { terms } = grant.standing ?? {}
  return decision(
    {
      ...awaited(state, { to: id, answer }),
      lockout: afterGoodCode(state.lockout),
      visits,
      enteredAtUptimeMs: isCountedByVisit ? null : uptimeMs,
    },
    {
      record: [
        {
          type: 'entry-accepted',
          origin: 'keypad',
          grantId: grant.grantId,
          visitorId: grant.visitorId,
          visitId: visit?.visitId ?? null,
          holdMs: effect.holdMs,
          ...(terms && { credential: terms.kind }),
          ...(sheetLeft !== null && { codesLeft: sheetLeft - 1 }),
          ...(terms?.flags.includes('duress') && { duress: true }),
          ...(state.time.confirmedBy === 'ntp' && { ntpOnly: true }),
        },
        ...visitEnded,
      ],
      changes: [used],
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
export function unpersistedCode(
  state: DoorState,
  { digits }: CodeEntered,
  { uptimeMs }: EventContext,
): DoorState {
  if (!judgesCodes(state, uptimeMs, digits)) return state
  const { lockout } = afterWrongCode(state.lockout, uptimeMs, state.rules.lockout)
  // The alarm is not on the disk either, and is due again.
  return { ...state, lockout: { ...lockout, alarmAtUptimeMs: state.lockout.alarmAtUptimeMs } }
}
