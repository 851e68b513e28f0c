/** Whether a command that moves the lock is the owner's wish of this very moment. */
import { longestCommandLifeMs } from '../../../protocol/messages/cloud.ts'
import type { CommandRefusal } from '../../../protocol/messages/door.ts'

/** Kept across restarts: a command from before a power cut must not work after it. */
export interface SeenCommands {
  /** The highest number of any command. */
  readonly lastSeq: number
  /** The highest number of a command that was carried out only because it was fresh. */
  readonly lastFreshSeq: number
  /** One-time words of those, kept until they have expired by themselves. */
  readonly nonces: readonly { readonly nonce: string; readonly expiresAtMs: number }[]
  /** Grants that were revoked before they arrived: messages can overtake each other. */
  readonly revokedAhead: readonly string[]
  /** Grants from before this command that the door does not hold are taken as withdrawn. */
  readonly grantsSettledUpToSeq: number
  /** How far back this memory goes; what was granted earlier may have been used. Null: no time yet. */
  readonly rememberedSinceMs: number | null
}

export const noCommands: SeenCommands = {
  lastSeq: 0,
  lastFreshSeq: 0,
  nonces: [],
  revokedAhead: [],
  grantsSettledUpToSeq: 0,
  rememberedSinceMs: null,
}

export interface FreshCommand {
  readonly seq: number
  readonly nonce: string
  readonly expiresAtMs: number
}

/** By this much the cloud's clock may be ahead of the door's. */
const clocksDifferByMs = 1_000

export function freshness(
  command: FreshCommand,
  seen: SeenCommands,
  nowMs: number,
  timeKnown: boolean,
): CommandRefusal | null {
  if (!timeKnown) return 'clock-unknown'
  if (nowMs > command.expiresAtMs) return 'expired'
  if (command.seq <= seen.lastFreshSeq) return 'repeated'
  if (seen.nonces.some(({ nonce }) => nonce === command.nonce)) return 'repeated'
  const leftMs = command.expiresAtMs - nowMs
  return leftMs > longestCommandLifeMs + clocksDifferByMs ? 'too-long-lived' : null
}

export const withSeq = (seen: SeenCommands, seq: number): SeenCommands =>
  seq > seen.lastSeq ? { ...seen, lastSeq: seq } : seen

export const withFresh = (
  seen: SeenCommands,
  { seq, nonce, expiresAtMs }: FreshCommand,
  nowMs: number,
): SeenCommands => ({
  ...withNonce(seen, { seq, nonce, expiresAtMs }, nowMs),
  lastSeq: Math.max(seen.lastSeq, seq),
  lastFreshSeq: seq,
})

/** Of a command that does not move the lock: its number must not make an older wish to open stale. */
export const withNonce = (
  seen: SeenCommands,
  { nonce, expiresAtMs }: FreshCommand,
  nowMs: number,
): SeenCommands => ({
  ...seen,
  nonces: [...seen.nonces.filter((old) => old.expiresAtMs >= nowMs), { nonce, expiresAtMs }],
})

const revocationsRemembered = 50

/** When one more is forgotten for it, no grant from before this revocation is taken any more. */
export function withRevokedAhead(seen: SeenCommands, grantId: string, seq: number): SeenCommands {
  const all = [...new Set([...seen.revokedAhead, grantId])]
  const revokedAhead = all.slice(-revocationsRemembered)
  const remembered = { ...seen, revokedAhead }
  return all.length > revokedAhead.length ? withGrantsSettled(remembered, seq) : remembered
}

export const withGrantsSettled = (seen: SeenCommands, upToSeq: number): SeenCommands =>
  upToSeq > seen.grantsSettledUpToSeq ? { ...seen, grantsSettledUpToSeq: upToSeq } : seen

/** A memory begins when its door first knows the time, and never later than now. */
export const withMemorySince = (seen: SeenCommands, nowMs: number): SeenCommands =>
  seen.rememberedSinceMs === null || seen.rememberedSinceMs > nowMs
    ? { ...seen, rememberedSinceMs: nowMs }
    : seen
