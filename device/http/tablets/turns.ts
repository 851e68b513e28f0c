/**
 * Who types next. After wrong codes the door judges none for a while, and a program that sends its next
 * wrong code the moment this ends would come before every visitor. So after each such wait, tablets from
 * which a wrong code came let other keypads go first: time enough to type a code. A keypad without others
 * waits for none.
 */
import type { CodeAnswer, KeypadState } from '../../../protocol/keypad-api.ts'

const othersFirstMs = 15_000
/** As long as the lockout of the door remembers. */
const rememberedMs = 24 * 60 * 60_000

export class Turns {
  readonly #wrongAtMs = new Map<string, number>()
  readonly #hasOthersThan: (keypad: string) => boolean
  #othersUntilMs = 0

  constructor(hasOthersThan: (keypad: string) => boolean) {
    this.#hasOthersThan = hasOthersThan
  }

  /** How long this tablet lets others go first; 0: its code is judged now. */
  waitMs(tablet: string, nowMs: number): number {
    const wrongAtMs = this.#wrongAtMs.get(tablet)
    const wasWrong = wrongAtMs !== undefined && nowMs - wrongAtMs < rememberedMs
    return wasWrong && this.#hasOthersThan(tablet) ? Math.max(0, this.#othersUntilMs - nowMs) : 0
  }

  answered(tablet: string, { outcome }: CodeAnswer, nowMs: number): void {
    if (outcome === 'denied') this.#wrongAtMs.set(tablet, nowMs)
    if (outcome === 'accepted' || outcome === 'not-opened') this.#wrongAtMs.delete(tablet)
  }

  /** A wait began, whatever caused it. */
  saw({ keypad, pausedForMs }: KeypadState, nowMs: number): void {
    if (keypad !== 'paused') return
    this.#othersUntilMs = Math.max(this.#othersUntilMs, nowMs + pausedForMs + othersFirstMs)
  }
}
