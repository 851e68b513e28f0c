/** The parts of the door's state that must survive a restart. */
import type { SettableMode, Settings } from '../../../protocol/messages/cloud.ts'
import type { DoorMode } from '../../../protocol/messages/door.ts'
import type { Lockout } from '../credentials/lockout.ts'
import type { StoredHeat } from '../lock/coil.ts'
import type { TrustedTime } from '../time/trusted-time.ts'
import type { SeenCommands } from './freshness.ts'
import type { Visits } from './visit.ts'

export interface PersistedState {
  readonly time: PersistedTime
  readonly lockout: Lockout
  readonly visits: Visits
  readonly commands: SeenCommands
  readonly settings: PersistedSettings
  readonly coil: StoredHeat
  readonly mode: PersistedMode
}

/** `uptimeMs` is how long the daemon has been running, summed over all its starts. */
interface PersistedTime {
  readonly highWaterMs: number
  readonly uptimeMs: number
  /**
   * The machine's start at that uptime. While the machine runs on, so do the uptime and what confirmed
   * the time, whether the daemon runs or not.
   */
  readonly boot?: PersistedBoot | null | undefined
}

interface PersistedBoot extends Pick<TrustedTime, 'confirmedBy' | 'aheadOfCloudMs'> {
  readonly id: string
  readonly agoMs: number
}

export interface PersistedMode {
  /** What members set; null: nothing, so the hours of the week apply. */
  readonly set: { readonly mode: SettableMode; readonly untilMs: number | null } | null
  /** What applied at the last event. */
  readonly inForce: DoorMode
}

/** `null` until the owner changes something; until then the config file's values apply. */
export interface PersistedSettings {
  readonly revision: number
  readonly settings: Settings | null
}
