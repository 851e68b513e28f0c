/**
 * What the people around one door have seen with their own eyes, across all lives of its daemon:
 * what they typed and were answered, which codes were texted, what the owner asked for. The door's
 * own word is held against it, so nothing in here comes out of the door's memory.
 */
import type { LockoutRules } from '../../../../device/core/credentials/lockout.ts'
import type { CloudMessage } from '../../../../protocol/messages/cloud.ts'
import type { TextMessage } from '../../../support/door/played-cloud.ts'

export interface Heard {
  /**
   * `not-judged`: the daemon said that it was too busy. `unanswered`: it died before it answered,
   * so nobody knows whether it judged.
   */
  readonly outcome: 'accepted' | 'denied' | 'paused' | 'not-judged' | 'unanswered'
  readonly pausedForMs: number
}

/** One code, typed once. */
export interface Try extends Heard {
  readonly life: number
  readonly code: string
  readonly sentAtMs: number
  readonly heardAtMs: number
}

export interface ExitPress {
  readonly life: number
  readonly atMs: number
}

/** From a start of the daemon to its end. */
export interface Life {
  readonly startedAtMs: number
  /** Null when it was killed before the keypad was ready. */
  readonly readyAfterMs: number | null
  /** When it was gone. What it had begun to write may have kept it for a while. */
  readonly diedAtMs: number
  /** The last row of the log that it wrote. */
  readonly lastSeq: number
}

export type UnlockCommand = Extract<CloudMessage, { type: 'unlock' }>

export interface Ledger {
  readonly lockout: LockoutRules
  /** Those that are over. */
  readonly lives: Life[]
  readonly tries: Try[]
  /** By grant: once a code is texted it must work. */
  readonly texts: Map<string, TextMessage>
  /** When the owner began to want a grant back. */
  readonly revokedAtMs: Map<string, number>
  readonly unlocks: Map<string, UnlockCommand>
  /** Codes that somebody typed, or has begun to. */
  readonly typed: Set<string>
  /** Codes that two grants have by chance: nobody types them any more. */
  readonly twice: Set<string>
  readonly exitPresses: ExitPress[]
  /** The owner may have ended a pause that somebody was told of; or one ended before this moment. */
  pauseLifted: boolean
  unpausedAtMs: number
  replays: number
  networkFaults: number
  /** For how long these people themselves were kept from looking, at worst: machines are busy. */
  blinkMs: number
}

export const newLedger = (lockout: LockoutRules): Ledger => ({
  lockout,
  lives: [],
  tries: [],
  texts: new Map(),
  revokedAtMs: new Map(),
  unlocks: new Map(),
  typed: new Set(),
  twice: new Set(),
  exitPresses: [],
  pauseLifted: false,
  unpausedAtMs: 0,
  replays: 0,
  networkFaults: 0,
  blinkMs: 0,
})

const glanceEveryMs = 20

/** Returns what ends it. */
export function noteBlinks(ledger: Ledger): () => void {
  let lastMs = Date.now()
  const glance = () => {
    ledger.blinkMs = Math.max(ledger.blinkMs, Date.now() - lastMs - glanceEveryMs)
    lastMs = Date.now()
  }
  const timer = setInterval(glance, glanceEveryMs)
  return () => clearInterval(timer)
}

/** A code that was guessed before it was texted tells nothing: it is left aside. */
export function noteText(ledger: Ledger, text: TextMessage): void {
  const { code, grantId } = text
  const known = codesOf(ledger).has(code)
  if (known) ledger.twice.add(code)
  if (!known && !ledger.typed.has(code)) ledger.texts.set(grantId, text)
}

export const codesOf = ({ texts }: Ledger): ReadonlySet<string> =>
  new Set([...texts.values()].map(({ code }) => code))

/** Codes that must open the door if they are typed within the next seconds. */
export function unusedTexts(ledger: Ledger, nowMs: number): readonly TextMessage[] {
  const { texts, typed, twice, revokedAtMs } = ledger
  return [...texts.values()].filter(
    ({ code, grantId, expiresAtMs }) =>
      !typed.has(code) &&
      !twice.has(code) &&
      !revokedAtMs.has(grantId) &&
      expiresAtMs > nowMs + seconds,
  )
}

const seconds = 5_000

/** Codes that must never open the door again. */
export function usedCodes(ledger: Ledger): readonly string[] {
  const known = codesOf(ledger)
  return ledger.tries
    .filter(({ outcome }) => outcome === 'accepted')
    .map(({ code }) => code)
    .filter((code) => known.has(code) && !ledger.twice.has(code))
}
