/**
 * The time, on a machine without a battery clock. Until a trusted source has confirmed it since
 * start-up, only the earliest possible time is known: the high-water mark plus the uptime since.
 */

export interface TrustedTime {
  /** No decision was ever taken at a later time than this. */
  readonly highWaterMs: number
  /** The uptime at which the mark was set. */
  readonly markedAtUptimeMs: number
  /** Since this start of the daemon; null: by nothing yet. The cloud outranks a local clock. */
  readonly confirmedBy: ClockSource | null
  /** How far a local clock has moved the time ahead of the cloud's last answer. */
  readonly aheadOfCloudMs: number
}

export const clockSources = ['ntp', 'host', 'cloud'] as const
export type ClockSource = (typeof clockSources)[number]

/** 2026-01-01: no door is older than that. */
export const unsetTime: TrustedTime = {
  highWaterMs: 1_767_225_600_000,
  markedAtUptimeMs: 0,
  confirmedBy: null,
  aheadOfCloudMs: 0,
}

export const isConfirmed = ({ confirmedBy }: TrustedTime): boolean => confirmedBy !== null

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

export interface LocalClock {
  readonly atMs: number
  readonly source: Exclude<ClockSource, 'cloud'>
}

/** A local clock may only move the door's time forward: set back, it could revive a code. */
export function confirmedLocally(
  time: TrustedTime,
  { atMs, source }: LocalClock,
  uptimeMs: number,
): TrustedTime {
  const nowMs = earliestNowMs(time, uptimeMs)
  const isByCloud = time.confirmedBy === 'cloud'
  return {
    highWaterMs: Math.max(atMs, nowMs),
    markedAtUptimeMs: uptimeMs,
    confirmedBy: isByCloud ? 'cloud' : source,
    aheadOfCloudMs: isByCloud ? time.aheadOfCloudMs + Math.max(0, atMs - nowMs) : 0,
  }
}

/**
 * The cloud's answer to a fresh question also corrects a mark that a wrong clock has moved into the
 * future. The caller closes what had expired by the old time, so that no code becomes valid again,
 * or lets the time stay ahead by a little.
 */
export const confirmedByCloud = (
  atMs: number,
  uptimeMs: number,
  aheadOfCloudMs = 0,
): TrustedTime => ({
  highWaterMs: atMs + aheadOfCloudMs,
  markedAtUptimeMs: uptimeMs,
  confirmedBy: 'cloud',
  aheadOfCloudMs,
})
