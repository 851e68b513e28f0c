/** The QR code, and the options of the keypad, as plain data. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type Effect, newPage, type Page, type PageEvent, step } from '../../keypad-ui/page.ts'
import { shuffled, usualOrder } from '../../keypad-ui/shuffle.ts'
import { translations } from '../../keypad-ui/translations/translations.ts'
import { viewOf } from '../../keypad-ui/view.ts'
import type { KeypadOptions, KeypadState } from '../../protocol/keypad-api.ts'
import { idleState } from '../support/door/stub-door.ts'

const { en } = translations
const none: KeypadOptions = { shuffle: false, longPress: false, speech: false }
const order = '5209817364'

const state = (change: Partial<KeypadState> = {}, options: Partial<KeypadOptions> = {}) =>
  ({
    kind: 'state',
    state: { ...idleState, ...change, options: { ...none, ...options } },
  }) satisfies PageEvent
const visit = (number: number, status: 'here' | 'code-sent' | 'denied' = 'here') => ({
  visit: { number, status },
})

function pageAfter(...events: readonly PageEvent[]) {
  let page: Page = newPage
  const kinds: Effect['kind'][] = []
  for (const [atMs, event] of events.entries()) {
    const next = step(page, event, atMs)
    page = next.page
    kinds.push(...next.effects.map(({ kind }) => kind))
  }
  return { page, kinds, view: viewOf(page, events.length) }
}

const digits = (code: string) => [...code].map((digit) => ({ kind: 'digit', digit }) as const)
const shuffledTo = { kind: 'shuffled', order } as const
const shuffles = (...events: readonly PageEvent[]) =>
  pageAfter(...events).kinds.filter((kind) => kind === 'shuffle').length

describe('the QR code', () => {
  const scan = 'https://door.example/ring?front.1234567890abcdef'
  const shown = (change: Partial<KeypadState>) => pageAfter(state({ scan, ...change })).view.scan

  it('is shown to those who may ring, with a picture of its own for each code', () => {
    const here = shown(visit(7))
    expect(here).toEqual({
      ...{ picture: '/api/scan.svg?7890abcdef', label: en.scan, alt: en.scanAlt },
    })
    expect(shown({ ...visit(7), scan: `${scan}x` })?.picture).not.toBe(here?.picture)
  })

  it('is not shown to those who have a code or were turned away, nor while one is typed', () => {
    expect(shown(visit(7, 'code-sent'))).toBe(null)
    expect(shown(visit(7, 'denied'))).toBe(null)
    expect(shown({ ...visit(7), lock: 'unlocked' })).toBe(null)
    expect(shown({ ...visit(7), scan: null })).toBe(null)
    expect(pageAfter(state({ scan, ...visit(7) }), ...digits('1')).view.scan).toBe(null)
  })
})

describe('shuffled digits', () => {
  it('are all ten, every order as likely as another', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (stream) => {
        const mixed = shuffled((limit) => (stream.next().value ?? 0) % limit)
        expect([...mixed].sort().join('')).toBe([...usualOrder].sort().join(''))
      }),
    )
    const seen = new Map<string, number>()
    // Of the last three places, all draws of the first steps: 10 · 9 · 8 orders, each once.
    for (let a = 0; a < 10; a += 1)
      for (let b = 0; b < 9; b += 1)
        for (let c = 0; c < 8; c += 1) {
          const draws = [a, b, c]
          const end = shuffled((limit) => draws.shift() ?? limit - 1).slice(-3)
          seen.set(end, (seen.get(end) ?? 0) + 1)
        }
    expect([seen.size, Math.max(...seen.values())]).toEqual([720, 1])
  })

  it('change with each visit and each entry', () => {
    const ready = state({}, { shuffle: true })
    expect(shuffles(ready)).toBe(1)
    expect(shuffles(ready, ready)).toBe(1)
    expect(shuffles(ready, state(visit(7), { shuffle: true }))).toBe(2)
    const denied = { outcome: 'denied', pausedForMs: 0 } as const
    const entry = [...digits('12345678'), { kind: 'confirm' }] as const
    expect(shuffles(ready, ...entry, { kind: 'answer', attempt: 1, answer: denied })).toBe(2)
    expect(shuffles(ready, ...digits('12'), { kind: 'clear' })).toBe(2)
  })

  it('do not change under a finger that types or corrects', () => {
    const ready = state({}, { shuffle: true })
    const arrives = state(visit(7), { shuffle: true })
    expect(shuffles(ready, ...digits('1'), arrives)).toBe(1)
    expect(shuffles(ready, ...digits('1'), { kind: 'erase' })).toBe(1)
    const { page } = pageAfter(ready, ...digits('1'), shuffledTo)
    expect(page.order).toBe(usualOrder)
  })

  it('are only there where the door wants them', () => {
    expect(shuffles(state(), state(visit(7)))).toBe(0)
    expect(pageAfter(state({}, { shuffle: true }), shuffledTo).view.keypad?.order).toBe(order)
    expect(pageAfter(state({}, { shuffle: true }), shuffledTo, state()).view.keypad?.order).toBe(
      usualOrder,
    )
  })
})

describe('keys that must be held', () => {
  it('are announced in a sentence before the first digit', () => {
    const { view } = pageAfter(state({}, { longPress: true }))
    expect([view.mustHold, view.detail]).toEqual([true, en.hold])
    expect(pageAfter(state()).view).toMatchObject({ mustHold: false, detail: null })
  })
})

describe('speech', () => {
  const says = (...events: readonly PageEvent[]) => pageAfter(...events).view.spoken
  const speech = { speech: true }
  const entry = [...digits('12345678'), { kind: 'confirm' }] as const
  const answered = (answer: Extract<PageEvent, { kind: 'answer' }>['answer']) =>
    says(state({}, speech), ...entry, { kind: 'answer', attempt: 1, answer })

  test.each([
    ['a visitor who waits', says(state(visit(7), speech)), `${en.here} ${en.hereDetail}`],
    ['an unlocked door', says(state({ lock: 'unlocked' }, speech)), en.open],
    [
      'a refused code',
      answered({ outcome: 'denied', pausedForMs: 0 }),
      `${en.denied} ${en.tryAgain}`,
    ],
    ['a full code', says(state({}, speech), ...digits('12345678')), 'Now press “Open”.'],
    [
      'a good code',
      answered({ outcome: 'accepted', visitorName: 'Mira', language: 'en', unlockedForMs: 5_000 }),
      `Welcome, Mira! ${en.open}`,
    ],
    [
      'a bell that rang',
      says(state({}, speech), { kind: 'bell' }, { kind: 'bell-answer', rung: true }),
      en.bellRung,
    ],
    ['an empty street', says(state({}, speech)), null],
    ['a typing visitor', says(state({}, speech), ...digits('135')), null],
    ['a door without speech', says(state(visit(7))), null],
  ])('to %s', (_to, said, sentence) => {
    expect(said).toBe(sentence)
  })

  it('never has a digit', () => {
    const events = fc.array(
      fc.oneof(
        fc.constantFrom(...digits('0123456789')),
        fc.constantFrom<PageEvent>(
          { kind: 'confirm' },
          { kind: 'erase' },
          { kind: 'bell' },
          state(visit(42, 'code-sent'), speech),
          state(visit(42), speech),
        ),
      ),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(events, (some) => {
        expect(says(state({}, speech), ...some) ?? '').not.toMatch(/\d/)
      }),
    )
  })
})
