/** Whether a command that moves the lock is the owner's wish of this very moment. */
import { type CommandRefusal, longestCommandLifeMs } from '../../protocol/messages.ts'

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
}

export const noCommands: SeenCommands = {
  lastSeq: 0,
  lastFreshSeq: 0,
  nonces: [],
  revokedAhead: [],
}

export interface FreshCommand {
  readonly seq: number
  readonly nonce: string
  readonly expiresAtMs: number
}

export function freshness(
  command: FreshCommand,
  seen: SeenCommands,
  nowMs: number,
  timeKnown: boolean,
): CommandRefusal | null {
  if (!timeKnown) return 'clock-unknown'
  if (nowMs > command.expiresAtMs) return 'expired'
  if (command.expiresAtMs - nowMs > longestCommandLifeMs) return 'too-long-lived'
  if (command.seq <= seen.lastFreshSeq) return 'repeated'
  if (seen.nonces.some(({ nonce }) => nonce === command.nonce)) return 'repeated'
  return null
}

export const withSeq = (seen: SeenCommands, seq: number): SeenCommands =>
  seq > seen.lastSeq ? { ...seen, lastSeq: seq } : seen

export const withFresh = (
  seen: SeenCommands,
  { seq, nonce, expiresAtMs }: FreshCommand,
  nowMs: number,
): SeenCommands => ({
  ...seen,
  lastSeq: Math.max(seen.lastSeq, seq),
  lastFreshSeq: seq,
  nonces: [...seen.nonces.filter((old) => old.expiresAtMs >= nowMs), { nonce, expiresAtMs }],
})

const revocationsRemembered = 50

export const withRevokedAhead = (seen: SeenCommands, grantId: string): SeenCommands => ({
  ...seen,
  revokedAhead: [...new Set([...seen.revokedAhead, grantId])].slice(-revocationsRemembered),
})
