/**
 * Who types next. After wrong codes the door judges none for a while, and a program that sends its next
 * wrong code the moment this ends would come before every visitor. So a tablet with some wrong codes in
 * a row lets other keypads go first: time enough to type a code. A single keypad waits for no other.
 */
import type { CodeAnswer, KeypadState } from '../../../protocol/keypad-api.ts'

const freeWrongCodes = 3
const othersFirstMs = 15_000
/** After a quiet while the row begins anew. */
const rowEndsAfterMs = 10 * 60_000

interface Row {
  readonly wrong: number
  readonly atMs: number
}

export class Turns {
  readonly #rows = new Map<string, Row>()
  readonly #hasOthersThan: (keypad: string) => boolean
  #othersUntilMs = 0

  constructor(hasOthersThan: (keypad: string) => boolean) {
    this.#hasOthersThan = hasOthersThan
  }

  /** How long this tablet lets others go first; 0: its code is judged now. */
  waitMs(tablet: string, nowMs: number): number {
    const row = this.#rows.get(tablet)
    if (!row || row.wrong < freeWrongCodes || nowMs - row.atMs > rowEndsAfterMs) return 0
    return this.#hasOthersThan(tablet) ? Math.max(0, this.#othersUntilMs - nowMs) : 0
  }

  answered(tablet: string, { outcome }: CodeAnswer, nowMs: number): void {
    if (outcome === 'accepted' || outcome === 'not-opened') this.#rows.delete(tablet)
    if (outcome !== 'denied') return
    const row = this.#rows.get(tablet)
    const wrong = row && nowMs - row.atMs <= rowEndsAfterMs ? row.wrong + 1 : 1
    this.#rows.set(tablet, { wrong, atMs: nowMs })
  }

  /** A wait began, whoever caused it. */
  saw({ keypad, pausedForMs }: KeypadState, nowMs: number): void {
    if (keypad !== 'paused') return
    this.#othersUntilMs = Math.max(this.#othersUntilMs, nowMs + pausedForMs + othersFirstMs)
  }
}
