/** What a door is, and what a decision about it consists of. */
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import type { MessageRefusal } from '../../../protocol/messages/shared.ts'
import type { StoreChange } from '../credentials/grant.ts'
import { type Lockout, type LockoutRules, noWrongCodes } from '../credentials/lockout.ts'
import { type TrustedTime, unsetTime } from '../time/trusted-time.ts'
import { noCommands, type SeenCommands } from './freshness.ts'
import type { PersistedSettings, PersistedState } from './persisted-state.ts'
import { nobodyYet, type Visits } from './visit.ts'

/**
 * What the owner has set the door to. `locked`: nobody is let in by a code or from afar, and codes
 * are neither judged nor counted. `unlocked`: the lock is held open. Either way people get out.
 */
export type DoorMode = 'normal' | 'locked' | 'unlocked'

export interface DoorRules {
  readonly software: string
  readonly lockout: LockoutRules
  /** How long nobody must be seen before the visit is over. */
  readonly leftAfterMs: number
  readonly mode: DoorMode
  readonly exitHoldMs: number
  /** Otherwise the handle lets people out, and the button only says that they leave. */
  readonly exitUnlocks: boolean
  /** A leaf that is pulled open this soon after the lock closed was still opened rightly. */
  readonly openingGraceMs: number
  /** Whether an opening is over as soon as the door has been opened. */
  readonly relockOnOpen: boolean
  /** People who need more time to get through the door. */
  readonly extended: { readonly holdMs: number; readonly visitorIds: readonly string[] }
  /** As in the config file, until the owner changes them from afar. */
  readonly settings: Settings
}

export interface DoorState {
  readonly rules: DoorRules

  // Kept across restarts.
  readonly time: TrustedTime
  readonly lockout: Lockout
  readonly visits: Visits
  readonly commands: SeenCommands
  readonly settings: PersistedSettings

  // Forgotten at a restart: a door always starts locked and knows nothing of its surroundings.
  readonly openUntilUptimeMs: number | null
  readonly openingAllowedUntilUptimeMs: number
  readonly contact: Contact
  readonly bond: Bond
  readonly attention: { readonly moving: boolean; readonly lastSeenUptimeMs: number }
  readonly lastBellUptimeMs: number | null
  /** Somebody looks from afar. */
  readonly watchedUntilUptimeMs: number | null
  readonly link: Link
  readonly refusalsTold: readonly MessageRefusal[]
  /** Messages come at least once; what they ask for is done once. */
  readonly recentCommands: readonly string[]
}

export type Contact =
  | { readonly is: 'unknown' }
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly sinceUptimeMs: number; readonly told: boolean }

export interface Bond {
  readonly is: 'unknown' | 'holding' | 'released'
  /** From when on the lock should have held and did not; null while all is as it should be. */
  readonly missedSinceUptimeMs: number | null
  readonly told: boolean
}

export interface Link {
  readonly online: boolean
  readonly offlineSinceUptimeMs: number
  /** Whether the door has described itself, and asked its questions, since the line came up. */
  readonly introduced: boolean
  readonly introducedAtUptimeMs: number | null
  /** Whether the door has asked for, and got, everything it should hold. */
  readonly synced: boolean
  /** The question that the cloud has not answered yet. */
  readonly asked: Question | null
  /** How often the cloud has left it without an answer since the line came up. */
  readonly unanswered: number
}

export interface Question {
  readonly ask: string
  readonly atUptimeMs: number
}

/** When something happened, in running time, and a fresh random id for whatever is born of it. */
export interface EventContext {
  readonly uptimeMs: number
  readonly id: string
}

export type Effect =
  | { readonly kind: 'open-lock'; readonly holdMs: number }
  | { readonly kind: 'close-lock' }
  | { readonly kind: 'answer-code'; readonly answer: CodeAnswer }
  /** Null: no longer, unless there is a visit. */
  | { readonly kind: 'recording-wanted'; readonly untilUptimeMs: number | null }

export interface Decision {
  readonly state: DoorState
  /** What happened: goes into the log and, from there, to the cloud. */
  readonly record: readonly DoorBody[]
  readonly changes: readonly StoreChange[]
  /** Done only after record, changes and the kept parts of the state are on the disk. */
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
  kept: PersistedState | null,
  rules: DoorRules,
  uptimeMs: number,
): DoorState {
  return {
    rules,
    time: kept
      ? {
          highWaterMs: kept.time.highWaterMs,
          markedAtUptimeMs: kept.time.uptimeMs,
          confirmed: false,
          byCloud: false,
        }
      : unsetTime,
    lockout: kept?.lockout ?? noWrongCodes,
    visits: kept?.visits ?? nobodyYet,
    commands: kept?.commands ?? noCommands,
    settings: kept?.settings ?? { revision: 0, settings: null },
    openUntilUptimeMs: null,
    openingAllowedUntilUptimeMs: 0,
    contact: { is: 'unknown' },
    bond: { is: 'unknown', missedSinceUptimeMs: null, told: false },
    attention: { moving: false, lastSeenUptimeMs: uptimeMs },
    lastBellUptimeMs: null,
    watchedUntilUptimeMs: null,
    link: {
      online: false,
      offlineSinceUptimeMs: uptimeMs,
      introduced: false,
      introducedAtUptimeMs: null,
      synced: false,
      asked: null,
      unanswered: 0,
    },
    refusalsTold: [],
    recentCommands: [],
  }
}

export const settingsOf = (state: DoorState): Settings =>
  state.settings.settings ?? state.rules.settings
