/**
 * What time it is, as far as a machine without a battery clock can know. Until somebody
 * trustworthy has confirmed the time since start-up, all that is known is the earliest moment it
 * can be: the high-water mark, plus the time the daemon has been running since.
 */

export interface TrustedTime {
  /** No decision was ever taken at a later time than this. */
  readonly highWaterMs: number
  /** The running time at which the mark was set. */
  readonly markedAtUptimeMs: number
  /** Confirmed since this start of the daemon. */
  readonly confirmed: boolean
  /** Whether the cloud was asked and has answered since then: it knows better than a local clock. */
  readonly byCloud: boolean
}

export type ClockSource = 'ntp' | 'host' | 'cloud'

/** 2026-01-01: no door is older than that. */
export const unsetTime: TrustedTime = {
  highWaterMs: 1_767_225_600_000,
  markedAtUptimeMs: 0,
  confirmed: false,
  byCloud: false,
}

/** Whether anybody ever told this door the time, at this start or an earlier one. */
export const wasEverSet = ({ highWaterMs, markedAtUptimeMs }: TrustedTime): boolean =>
  highWaterMs - markedAtUptimeMs > unsetTime.highWaterMs

/** Exact once confirmed, before that the earliest it can be. Never goes back by itself. */
export const earliestNowMs = (time: TrustedTime, uptimeMs: number): number =>
  time.highWaterMs + Math.max(0, uptimeMs - time.markedAtUptimeMs)

export const marked = (time: TrustedTime, uptimeMs: number): TrustedTime => ({
  ...time,
  highWaterMs: earliestNowMs(time, uptimeMs),
  markedAtUptimeMs: uptimeMs,
})

/** A local clock may only move the door's time forward: set back, it could revive a code. */
export function confirmedLocally(time: TrustedTime, atMs: number, uptimeMs: number): TrustedTime {
  return {
    highWaterMs: Math.max(atMs, earliestNowMs(time, uptimeMs)),
    markedAtUptimeMs: uptimeMs,
    confirmed: true,
    byCloud: time.byCloud,
  }
}

/**
 * The cloud answered a question asked moments ago over its authenticated line, so its word also
 * mends a mark that a wrong clock once drove into the future. The caller closes what had expired
 * by the old time, so that nothing comes back to life.
 */
export const confirmedByCloud = (atMs: number, uptimeMs: number): TrustedTime => ({
  highWaterMs: atMs,
  markedAtUptimeMs: uptimeMs,
  confirmed: true,
  byCloud: true,
})
