/**
 * What people around one door did and observed, across all runs of its daemon: typed codes and
 * answers, texted codes, commands. The door's own log is checked against it, so nothing in here
 * comes from the door's database.
 */
import type { LockoutRules } from '../../../../device/core/credentials/lockout.ts'
import type { CloudMessage } from '../../../../protocol/messages/cloud.ts'
import type { TextMessage } from '../../../support/door/played/played-cloud.ts'

export interface Heard {
  /** `not-judged`: the daemon was too busy. `unanswered`: it was killed, so it may have judged. */
  readonly outcome: 'accepted' | 'not-opened' | 'denied' | 'paused' | 'not-judged' | 'unanswered'
  readonly pausedForMs: number
}

/** One code, typed once. */
export interface Try extends Heard {
  readonly life: number
  readonly code: string
  readonly sentAtMs: number
  readonly heardAtMs: number
}

interface ExitPress {
  readonly life: number
  readonly atMs: number
}

/** One run of the daemon, from start to kill. */
interface Life {
  readonly startedAtMs: number
  /** Null if it was killed before the keypad was ready. */
  readonly readyAfterMs: number | null
  /** When the process was gone, which a running write can delay. */
  readonly diedAtMs: number
  /** Its last row in the log. */
  readonly lastSeq: number
}

export type UnlockCommand = Extract<CloudMessage, { type: 'unlock' }>

export interface Ledger {
  readonly lockout: LockoutRules
  /** Finished runs. */
  readonly lives: Life[]
  readonly tries: Try[]
  /** By grant: once a code is texted it must work. */
  readonly texts: Map<string, TextMessage>
  /** By grant: PINs and other codes that open more than once, and those of break-glass sheets. */
  readonly standing: Map<string, StandingCode>
  /** When the owner revoked a grant. */
  readonly revokedAtMs: Map<string, number>
  readonly unlocks: Map<string, UnlockCommand>
  /** Codes that were typed, answered or not. */
  readonly typed: Set<string>
  /** Codes that two grants share by chance; they are not typed any more. */
  readonly twice: Set<string>
  readonly exitPresses: ExitPress[]
  /** The owner may have ended a pause; pauses before `unpausedAtMs` are over. */
  pauseLifted: boolean
  unpausedAtMs: number
  replays: number
  networkFaults: number
  /** The longest delay of this process on a busy machine: the error of every time in here. */
  blinkMs: number
}

export const newLedger = (lockout: LockoutRules): Ledger => ({
  lockout,
  lives: [],
  tries: [],
  texts: new Map(),
  standing: new Map(),
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

/** Returns a function that stops it. */
export function noteBlinks(ledger: Ledger): () => void {
  let lastMs = Date.now()
  const glance = () => {
    ledger.blinkMs = Math.max(ledger.blinkMs, Date.now() - lastMs - glanceEveryMs)
    lastMs = Date.now()
  }
  const timer = setInterval(glance, glanceEveryMs)
  return () => clearInterval(timer)
}

/** Ignores a code that was guessed before it was texted. */
export function noteText(ledger: Ledger, text: TextMessage): void {
  const { code, grantId } = text
  const known = codesOf(ledger).has(code)
  if (known) ledger.twice.add(code)
  if (!known && !ledger.typed.has(code)) ledger.texts.set(grantId, text)
}

export const codesOf = ({ texts, standing }: Ledger): ReadonlySet<string> =>
  new Set([...texts.values(), ...standing.values()].map(({ code }) => code))

export const codeOf = ({ texts, standing }: Ledger, grantId: string): string | undefined =>
  texts.get(grantId)?.code ?? standing.get(grantId)?.code

/** Whether a code opens more than once. */
export const opensAgain = ({ standing }: Ledger, code: string): boolean =>
  [...standing.values()].some((one) => one.code === code && one.kind !== 'sheet')

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

export interface StandingCode {
  readonly code: string
  readonly kind: 'resident' | 'courier' | 'never' | 'sheet'
  /** In so many visits; null: in any number. */
  readonly visits: number | null
  /** By what its sheet is known; null: it is on no sheet. */
  readonly sheetId: string | null
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
