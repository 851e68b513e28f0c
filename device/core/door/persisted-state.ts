/** The parts of the door's state that must survive a restart. */
import type { Settings } from '../../../protocol/messages.ts'
import type { Lockout } from '../credentials/lockout.ts'
import type { SeenCommands } from './freshness.ts'
import type { Presence } from './visit.ts'

export interface Kept {
  readonly time: KeptTime
  readonly lockout: Lockout
  readonly presence: Presence
  readonly commands: SeenCommands
  readonly settings: KeptSettings
}

/** `runMs` is how long the daemon has been running, summed over all its starts. */
export interface KeptTime {
  readonly highWaterMs: number
  readonly runMs: number
}

/** `null` until the owner has changed anything: the config file's values hold. */
export interface KeptSettings {
  readonly revision: number
  readonly settings: Settings | null
}
