/** Programs on tablets that type without a pause, and a visitor at the door's own screen. */
import { expect, test } from 'vitest'
import {
  afterWrongCode,
  noWrongCodes,
  pausedForMs,
  shippedLockout,
} from '../../../../device/core/credentials/lockout.ts'
import { Turns } from '../../../../device/http/tablets/turns.ts'
import { idleState } from '../../../support/door/stub-door.ts'

const tickMs = 50
/** Slow typing of eight digits. */
const typingMs = 10_000
const hourMs = 60 * 60_000

/** When the visitor's good code is judged, who arrives after ten minutes; null: not within an hour. */
function visitorWaits(
  attackers: number,
  hasOwnScreen: boolean,
  arrivesMs = 10 * 60_000,
): number | null {
  const turns = new Turns(() => hasOwnScreen)
  let lockout = noWrongCodes
  let typingSinceMs: number | null = null
  for (let nowMs = 0; nowMs < arrivesMs + hourMs; nowMs += tickMs) {
    const isPaused = () => pausedForMs(lockout, nowMs) > 0
    for (let one = 0; one < attackers; one += 1) {
      const tablet = `tablet ${one}`
      if (isPaused() || turns.waitMs(tablet, nowMs) > 0) continue
      lockout = afterWrongCode(lockout, nowMs, shippedLockout).lockout
      const paused = pausedForMs(lockout, nowMs)
      turns.answered(tablet, { outcome: 'denied', pausedForMs: paused }, nowMs)
      turns.saw(
        { ...idleState, keypad: paused > 0 ? 'paused' : 'ready', pausedForMs: paused },
        nowMs,
      )
    }
    if (nowMs < arrivesMs) continue
    // While the keypad waits, its page takes no digits.
    typingSinceMs = isPaused() ? null : (typingSinceMs ?? nowMs)
    if (typingSinceMs !== null && nowMs - typingSinceMs >= typingMs) return nowMs - arrivesMs
  }
  return null
}

test.each([1, 2, 8])('%d of them cannot keep the visitor out for a minute', (attackers) => {
  const arrivals = Array.from({ length: 20 }, (_, at) => 10 * 60_000 + at * 2_500)
  const waits = arrivals.map((arrivesMs) => visitorWaits(attackers, true, arrivesMs))
  expect(waits).not.toContain(null)
  // Who begins late in the time for others is interrupted once.
  expect(Math.max(...waits.map(Number))).toBeLessThanOrEqual(
    15_000 + shippedLockout.longestWaitMs + typingMs,
  )
})

test('without turns a single one keeps the visitor out for an hour', () => {
  expect(visitorWaits(1, false)).toBeNull()
})

test('a tablet without wrong codes waits for no other', () => {
  const turns = new Turns(() => true)
  const wrong = (nowMs: number) => {
    turns.saw({ ...idleState, keypad: 'paused', pausedForMs: 30_000 }, nowMs)
    turns.answered('hall', { outcome: 'denied', pausedForMs: 30_000 }, nowMs)
  }
  wrong(0)
  expect(turns.waitMs('hall', 3)).toBeGreaterThan(30_000)
  expect(turns.waitMs('garden', 3)).toBe(0)
  turns.answered('hall', { outcome: 'not-opened', language: 'en' }, 4)
  expect(turns.waitMs('hall', 5)).toBe(0)
  wrong(6)
  expect(turns.waitMs('hall', 7)).toBeGreaterThan(30_000)
  expect(new Turns(() => false).waitMs('hall', 7)).toBe(0)
})
