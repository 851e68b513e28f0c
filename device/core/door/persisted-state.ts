/** The parts of the door's state that must survive a restart. */
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { Lockout } from '../credentials/lockout.ts'
import type { SeenCommands } from './freshness.ts'
import type { Visits } from './visit.ts'

export interface PersistedState {
  readonly time: KeptTime
  readonly lockout: Lockout
  readonly visits: Visits
  readonly commands: SeenCommands
  readonly settings: PersistedSettings
}

/** `runMs` is how long the daemon has been running, summed over all its starts. */
export interface KeptTime {
  readonly highWaterMs: number
  readonly uptimeMs: number
}

/** `null` until the owner has changed anything: the config file's values hold. */
export interface PersistedSettings {
  readonly revision: number
  readonly settings: Settings | null
}
