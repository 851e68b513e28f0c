/**
 * The time, on a machine without a battery clock. Until a trusted source has confirmed it since
 * start-up, only the earliest possible time is known: the high-water mark plus the uptime since.
 */

export interface TrustedTime {
  /** No decision was ever taken at a later time than this. */
  readonly highWaterMs: number
  /** The uptime at which the mark was set. */
  readonly markedAtUptimeMs: number
  /** Confirmed since this start of the daemon. */
  readonly confirmed: boolean
  /** Whether the cloud has confirmed it since this start. The cloud outranks a local clock. */
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

/** Whether the time was ever confirmed, at this start or an earlier one. */
export const wasEverSet = ({ highWaterMs, markedAtUptimeMs }: TrustedTime): boolean =>
  highWaterMs - markedAtUptimeMs > unsetTime.highWaterMs

/** Exact once confirmed, before that the earliest possible time. Never goes back by itself. */
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
 * The cloud's answer to a fresh question also corrects a mark that a wrong clock has moved into the
 * future. The caller closes what had expired by the old time, so that no code becomes valid again.
 */
export const confirmedByCloud = (atMs: number, uptimeMs: number): TrustedTime => ({
  highWaterMs: atMs,
  markedAtUptimeMs: uptimeMs,
  confirmed: true,
  byCloud: true,
})
