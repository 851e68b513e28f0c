/** The result of one check of the doctor. */
import type { Config } from '../../config/settings.ts'

export interface Finding {
  readonly check: string
  /** `warning`: the door works, but this should be looked at. */
  readonly level: 'ok' | 'warning' | 'error'
  readonly sentence: string
  /** What to do about it. */
  readonly remedy?: string
}

export type Verdict = Omit<Finding, 'check'>

export interface Examined {
  readonly config: Config
  /** What the daemon says of itself; null where none answers. */
  readonly daemon: DaemonHealth | null
  readonly mayMoveLock: boolean
}

export interface DaemonHealth {
  readonly ok: boolean
  readonly problems: readonly string[]
  readonly doorId?: string | undefined
}

/** Null where there is nothing to check. */
export type Check = (door: Examined) => Verdict | null | Promise<Verdict | null>

export const ok = (sentence: string): Verdict => ({ level: 'ok', sentence })

export const warning = (sentence: string, remedy: string): Verdict => ({
  level: 'warning',
  sentence,
  remedy,
})

export const problem = (sentence: string, remedy: string): Verdict => ({
  level: 'error',
  sentence,
  remedy,
})
