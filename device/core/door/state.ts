/** The state of a door, and what a decision about it consists of. */
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { DoorBody, DoorMode } from '../../../protocol/messages/door.ts'
import type { MessageRefusal } from '../../../protocol/messages/shared.ts'
import type { StoreChange } from '../credentials/grant.ts'
import { type Lockout, type LockoutRules, noWrongCodes } from '../credentials/lockout.ts'
import { type CoilHeat, coldCoil, heatAfterStart } from '../lock/coil.ts'
import { type TrustedTime, unsetTime } from '../time/trusted-time.ts'
import type { FlappingSensors } from './flapping.ts'
import { noCommands, type SeenCommands } from './freshness.ts'
import type { PersistedMode, PersistedSettings, PersistedState } from './persisted-state.ts'
import { noVisits, type SeenVisitors, type Visits } from './visit.ts'

/**
 * `locked`: neither codes nor requests unlock the door, and codes are neither judged nor counted.
 * `passage`: the lock is held open. In every mode people can leave.
 */
export type ConfiguredMode = Extract<DoorMode, 'normal' | 'locked' | 'passage'>

/** From the config file. */
export interface ConfiguredRules {
  readonly software: string
  /** Where there is a cloud, NTP alone does not confirm the time. */
  readonly hasCloud: boolean
  readonly lockout: LockoutRules
  /** A visit ends when no one was seen for this long. */
  readonly leftAfterMs: number
  /** Except `normal`, it counts before any that members set. */
  readonly mode: ConfiguredMode
  readonly exitHoldMs: number
  /** False where the handle opens from inside, and the button only announces that someone leaves. */
  readonly exitUnlocks: boolean
  /** A door that is pulled open this soon after the lock closed was not forced. */
  readonly openingGraceMs: number
  /** Whether the lock closes as soon as the door was opened. */
  readonly relockOnOpen: boolean
  /** Visitors who need more time to get through the door. */
  readonly extended: { readonly holdMs: number; readonly visitorIds: readonly string[] }
  /** After so many days the log, and the names of visitors, are deleted from the door. */
  readonly retention: { readonly logDays: number; readonly namesDays: number }
  /** From the config file; they apply until the owner changes them remotely. */
  readonly settings: Settings
}

export interface DoorRules extends ConfiguredRules {
  /** Whether the camera can be watched without a visit. */
  readonly hasLiveView: boolean
  /** The longest time that the lock's coil may be on; null where nothing gets hot. */
  readonly coilMaxOnMs: number | null
}

export interface DoorState {
  readonly rules: DoorRules

  // Persisted.
  readonly time: TrustedTime
  readonly lockout: Lockout
  readonly visits: Visits
  readonly commands: SeenCommands
  readonly settings: PersistedSettings
  readonly mode: PersistedMode

  // Not persisted: a door always starts locked, and its sensors report again.
  readonly seen: SeenVisitors | null
  readonly openUntilUptimeMs: number | null
  /** The last order to open, until the lock or its sensor shows that it was carried out. */
  readonly opening: Opening | null
  readonly heat: CoilHeat
  /** Someone pressed the exit button while the coil was too hot: the lock opens then. */
  readonly exitDueAtUptimeMs: number | null
  readonly openingAllowedUntilUptimeMs: number
  readonly contact: Contact
  readonly bond: Bond
  readonly flapping: FlappingSensors
  /** How far the local clock is usually ahead of the cloud's time; null until they were compared. */
  readonly localOffsetMs: number | null
  readonly attention: { readonly moving: boolean; readonly lastSeenUptimeMs: number }
  readonly lastBellUptimeMs: number | null
  /** The visit in which a code was refused unseen for the mode: the log says so once. */
  readonly turnedAwayVisitId: string | null
  /** Null once another visit began. */
  readonly enteredAtUptimeMs: number | null
  /** Until when the live view is on. */
  readonly watchedUntilUptimeMs: number | null
  readonly link: Link
  readonly reportedRefusals: readonly MessageRefusal[]
  /** Ids of commands: they may be delivered twice, and are carried out once. */
  readonly recentCommands: readonly string[]
}

type Contact =
  | { readonly is: 'unknown' }
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly sinceUptimeMs: number; readonly reported: boolean }

export interface Opening {
  /** By then the lock must have opened; null: it has not. */
  readonly dueAtUptimeMs: number | null
  /** Whether the lock has reported that it carried out the order. */
  readonly acknowledged: boolean
  /** Whether the alarm about it was raised, for this order or the one that it extends. */
  readonly isReported: boolean
  /** Whether the lock was open before the order. */
  readonly wasOpen: boolean
  /** Answers to visitors who wait for the lock, by the id of their `code-entered`. */
  readonly answers: readonly { readonly to: string; readonly answer: AcceptedAnswer }[]
}
type AcceptedAnswer = Extract<CodeAnswer, { outcome: 'accepted' }>

interface Bond {
  readonly is: 'unknown' | 'holding' | 'released'
  /** Since when the lock should hold and does not; null while all is well. */
  readonly missedSinceUptimeMs: number | null
  readonly reported: boolean
}

interface Link {
  readonly online: boolean
  readonly offlineSinceUptimeMs: number
  /** Whether the door has introduced itself since the connection came up. */
  readonly introduced: boolean
  readonly introducedAtUptimeMs: number | null
  /** Whether the door has everything that it should hold. */
  readonly synced: boolean
  /** The open question to the cloud. */
  readonly asked: Question | null
  /** Questions in a row that the cloud did not answer. */
  readonly unanswered: number
  /** A state that comes in several messages, while some are missing. */
  readonly pages: Pages | null
}

interface Pages {
  readonly ask: string
  readonly arrived: readonly number[]
  /** The number of the earliest of these messages. */
  readonly seq: number
}

interface Question {
  readonly ask: string
  readonly atUptimeMs: number
}

/** When an event happened, and a fresh random id for what it creates. */
export interface EventContext {
  readonly uptimeMs: number
  readonly id: string
}

export type Effect =
  | { readonly kind: 'open-lock'; readonly holdMs: number }
  | { readonly kind: 'close-lock' }
  /** `to`: the id of the `code-entered`. */
  | { readonly kind: 'answer-code'; readonly to: string; readonly answer: CodeAnswer }
  /** Null: only during visits. */
  | { readonly kind: 'recording-wanted'; readonly untilUptimeMs: number | null }

export interface Decision {
  readonly state: DoorState
  /** What happened: for the log and, through it, the cloud. */
  readonly record: readonly DoorBody[]
  readonly changes: readonly StoreChange[]
  /** Done only after record, changes and the persisted parts of the state are on the disk. */
  readonly effects: readonly Effect[]
}

export const decision = (
  state: DoorState,
  rest: Partial<Omit<Decision, 'state'>> = {},
): Decision => ({ state, record: [], changes: [], effects: [], ...rest })

/** One decision after the other, as a single one: `second` starts from where `first` ended. */
export function followedBy(first: Decision, second: (state: DoorState) => Decision): Decision {
  const next = second(first.state)
  return {
    state: next.state,
    record: [...first.record, ...next.record],
    changes: [...first.changes, ...next.changes],
    effects: [...first.effects, ...next.effects],
  }
}

export function initialState(
  persisted: PersistedState | null,
  rules: DoorRules,
  uptimeMs: number,
): DoorState {
  return {
    rules,
    time: persisted
      ? {
          highWaterMs: persisted.time.highWaterMs,
          markedAtUptimeMs: persisted.time.uptimeMs,
          confirmedBy: persisted.time.boot?.confirmedBy ?? null,
          aheadOfCloudMs: persisted.time.boot?.aheadOfCloudMs ?? 0,
        }
      : unsetTime,
    lockout: persisted?.lockout ?? noWrongCodes,
    visits: persisted?.visits ?? noVisits,
    commands: persisted?.commands ?? noCommands,
    settings: persisted?.settings ?? { revision: 0, settings: null },
    mode: persisted?.mode ?? { set: null, inForce: rules.mode },
    seen: null,
    openUntilUptimeMs: null,
    opening: null,
    heat: heatAfterStart(persisted?.coil ?? coldCoil, uptimeMs),
    exitDueAtUptimeMs: null,
    openingAllowedUntilUptimeMs: 0,
    contact: { is: 'unknown' },
    bond: { is: 'unknown', missedSinceUptimeMs: null, reported: false },
    flapping: {},
    localOffsetMs: null,
    attention: { moving: false, lastSeenUptimeMs: uptimeMs },
    lastBellUptimeMs: null,
    turnedAwayVisitId: null,
    enteredAtUptimeMs: null,
    watchedUntilUptimeMs: null,
    link: {
      online: false,
      offlineSinceUptimeMs: uptimeMs,
      introduced: false,
      introducedAtUptimeMs: null,
      synced: false,
      asked: null,
      unanswered: 0,
      pages: null,
    },
    reportedRefusals: [],
    recentCommands: [],
  }
}

export const settingsOf = (state: DoorState): Settings =>
  state.settings.settings ?? state.rules.settings
