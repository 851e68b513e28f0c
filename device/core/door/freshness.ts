/** Whether a command is new: neither late, nor seen before. */
import { longestCommandLifeMs } from '../../../protocol/messages/cloud.ts'
import type { RequestRefusal } from '../../../protocol/messages/door.ts'

/** Persisted: a command from before a power cut must not work after it. */
export interface SeenCommands {
  /** The highest number of any command. */
  readonly lastSeq: number
  /** The highest number of a command that moved the lock or ended a pause. */
  readonly lastFreshSeq: number
  /** Of commands that have not expired yet. */
  readonly nonces: readonly { readonly nonce: string; readonly expiresAtMs: number }[]
  /** Grants that were revoked before they arrived: messages can overtake each other. */
  readonly revokedAhead: readonly string[]
  /** Grants from before this command that the door does not hold count as revoked. */
  readonly grantsSettledUpToSeq: number
  /** How far back this memory goes; earlier grants may have been used. Null: the time is unknown. */
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

export interface CommandStamp {
  readonly seq: number
  readonly nonce: string
  readonly expiresAtMs: number
}

/** How far the cloud's clock may be ahead of the door's. */
const clocksDifferByMs = 1_000

export function freshness(
  command: CommandStamp,
  seen: SeenCommands,
  nowMs: number,
  timeKnown: boolean,
): RequestRefusal | null {
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
  { seq, nonce, expiresAtMs }: CommandStamp,
  nowMs: number,
): SeenCommands => ({
  ...withNonce(seen, { seq, nonce, expiresAtMs }, nowMs),
  lastSeq: Math.max(seen.lastSeq, seq),
  lastFreshSeq: seq,
})

export const withNonce = (
  seen: SeenCommands,
  { nonce, expiresAtMs }: CommandStamp,
  nowMs: number,
): SeenCommands => ({
  ...seen,
  nonces: [...seen.nonces.filter((old) => old.expiresAtMs >= nowMs), { nonce, expiresAtMs }],
})

const revocationsRemembered = 50

/** When an older revocation is dropped for it, grants from before this one are no longer accepted. */
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
