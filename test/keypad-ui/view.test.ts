import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Effect,
  newPage,
  nextChangeMs,
  type Page,
  type PageEvent,
  step,
} from '../../keypad-ui/page.ts'
import { translations } from '../../keypad-ui/translations/translations.ts'
import { viewOf } from '../../keypad-ui/view.ts'
import type { CodeAnswer, KeypadState } from '../../protocol/keypad-api.ts'
import { visitStatuses } from '../../protocol/messages/cloud.ts'
import { languages } from '../../protocol/messages/shared.ts'
import { idleState } from '../support/door/stub-door.ts'

type Timed = readonly [atMs: number, event: PageEvent]

/** The page after these events, and the effects of them. */
function pageAfter(...events: readonly Timed[]) {
  let page: Page = newPage
  const effects: Effect[] = []
  for (const [atMs, event] of events) {
    const next = step(page, event, atMs)
    page = next.page
    effects.push(...next.effects)
  }
  const lastMs = events.at(-1)?.[0] ?? 0
  return {
    page,
    effects,
    view: viewOf(page, lastMs),
    viewAt: (nowMs: number) => viewOf(page, nowMs),
  }
}

const state = (change: Partial<KeypadState> = {}): PageEvent => ({
  kind: 'state',
  state: { ...idleState, ...change },
})
const visit = (status: 'here' | (typeof visitStatuses)[number], number = 42): PageEvent =>
  state({ visit: { number, status } })
const typed = (atMs: number, code: string): readonly Timed[] =>
  [...code].map((digit) => [atMs, { kind: 'digit', digit }])
const confirm: PageEvent = { kind: 'confirm' }
const lost: PageEvent = { kind: 'link-lost' }
const answer = (reply: CodeAnswer | null, attempt = 1): PageEvent => ({
  kind: 'answer',
  attempt,
  answer: reply,
})
const accepted: CodeAnswer = {
  outcome: 'accepted',
  visitorName: 'Mira',
  language: 'de',
  unlockedForMs: 5_000,
}
const denied: CodeAnswer = { outcome: 'denied', pausedForMs: 0 }
const unlocked = state({ lock: 'unlocked' })
const code = (atMs: number): readonly Timed[] => [...typed(atMs, '12345678'), [atMs, confirm]]

const { en, de, fr } = translations
const sends = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'send-code')

describe('the page says its sentence', () => {
  const ready: Timed = [0, state()]
  const cases: readonly (readonly [
    situation: string,
    events: readonly Timed[],
    scene: string,
    sentence: string,
    detail: string | null,
  ])[] = [
    ['before the first state', [], 'starting', en.oneMoment, null],
    ['without a visit', [ready], 'idle', en.idle, null],
    ['with a visitor', [[0, visit('here')]], 'here', en.here, en.hereDetail],
    [
      'while the owner is asked',
      [[0, visit('waiting-for-owner')]],
      'waiting',
      en.waiting,
      en.waitingDetail,
    ],
    ['when the code is sent', [[0, visit('code-sent')]], 'sent', en.sent, en.sentDetail],
    ['when the owner says no', [[0, visit('denied')]], 'refused', en.refused, en.refusedDetail],
    ['without an answer', [[0, visit('no-answer')]], 'no-answer', en.noAnswer, en.noAnswerDetail],
    ['without a network', [[0, state({ online: false })]], 'offline', en.offline, en.offlineDetail],
    [
      'with a visitor but no network',
      [[0, state({ online: false, visit: { number: 1, status: 'here' } })]],
      'offline',
      en.offline,
      en.offlineDetail,
    ],
    [
      'with a code sent just before the network went',
      [[0, state({ online: false, visit: { number: 1, status: 'code-sent' } })]],
      'sent',
      en.sent,
      en.sentDetail,
    ],
    [
      'at the first digit',
      [ready, ...typed(1, '1')],
      'typing',
      'Type all 8\u00a0digits of your code.',
      null,
    ],
    ['at the last digit', [ready, ...typed(1, '12345678')], 'complete', 'Now press “Open”.', null],
    ['while the code is checked', [ready, ...code(1)], 'complete', 'Now press “Open”.', null],
    [
      'while that takes its time',
      [ready, ...code(1), [500, { kind: 'time-passed' }]],
      'checking',
      en.oneMoment,
      null,
    ],
    [
      'to the right code',
      [ready, ...code(1), [2, unlocked], [3, answer(accepted)]],
      'greeted',
      'Willkommen, Mira!',
      de.open,
    ],
    [
      'to the right code of a guest without a name',
      [ready, ...code(1), [3, answer({ ...accepted, visitorName: ' ' })]],
      'greeted',
      de.open,
      null,
    ],
    ['when the door is unlocked remotely', [ready, [1, unlocked]], 'open', en.open, null],
    [
      'to a code that is no good',
      [ready, ...code(1), [2, answer(denied)]],
      'denied',
      en.denied,
      en.tryAgain,
    ],
    [
      'to a code while the household does not want to be disturbed',
      [[0, state({ keypad: 'private' })], ...code(1), [2, answer(denied)]],
      'denied',
      en.denied,
      en.privateDetail,
    ],
    [
      'to the one wrong code too many',
      [ready, ...code(1), [2, answer({ outcome: 'denied', pausedForMs: 60_000 })]],
      'denied',
      en.denied,
      en.pausedDetail,
    ],
    [
      'to a good code that did not open the door, in the language of its visitor',
      [ready, ...code(1), [2, answer({ outcome: 'not-opened', language: 'de' })]],
      'not-opened',
      de.notOpened,
      de.notOpenedDetail,
    ],
    [
      'to such a code while the owner cannot be notified',
      [
        [0, state({ online: false })],
        ...code(1),
        [2, answer({ outcome: 'not-opened', language: 'de' })],
      ],
      'not-opened',
      de.notOpened,
      de.notOpenedOffline,
    ],
    [
      'when the door cannot judge',
      [ready, ...code(1), [2, answer(null)]],
      'fault',
      en.fault,
      en.tryAgain,
    ],
    [
      'in a pause',
      [[0, state({ keypad: 'paused', pausedForMs: 47_000 })]],
      'paused',
      en.paused,
      en.pausedDetail,
    ],
    [
      'to a code that comes into a pause',
      [ready, ...code(1), [2, answer({ outcome: 'paused', pausedForMs: 9_000 })]],
      'paused',
      en.paused,
      en.pausedDetail,
    ],
    [
      'with the time unknown',
      [[0, state({ keypad: 'clock-unknown' })]],
      'clock-unknown',
      en.clockUnknown,
      en.clockUnknownDetail,
    ],
    [
      'in locked mode, even after a code was sent',
      [[0, state({ keypad: 'shut', visit: { number: 42, status: 'code-sent' } })]],
      'shut',
      en.shut,
      en.shutDetail,
    ],
    [
      'after a fault',
      [[0, state({ keypad: 'out-of-order' })]],
      'out-of-order',
      en.outOfOrder,
      en.outOfOrderDetail,
    ],
    [
      'when the household does not want to be disturbed',
      [[0, state({ keypad: 'private', visit: { number: 42, status: 'here' } })]],
      'private',
      en.private,
      en.privateDetail,
    ],
    ['when the connection is lost', [ready, [1, lost]], 'starting-again', en.startingAgain, null],
    [
      'when it does not come back',
      [ready, [1, lost], [10_001, lost]],
      'starting-again',
      en.startingAgain,
      en.stillStarting,
    ],
  ]
  it.each(cases)('%s', (_situation, events, scene, sentence, detail) => {
    const { view } = pageAfter(...events)
    expect([view.scene, view.sentence, view.detail]).toEqual([scene, sentence, detail])
  })
})

describe('the visit number', () => {
  it('is shown during the visit until the greeting', () => {
    for (const status of ['here', ...visitStatuses] as const) {
      expect(pageAfter([0, visit(status)]).view.visitNumber).toBe(42)
    }
    expect(pageAfter([0, visit('here')], ...code(1), [2, answer(denied)]).view.visitNumber).toBe(42)
    expect(
      pageAfter([0, visit('here')], ...code(1), [2, answer(accepted)]).view.visitNumber,
    ).toBeNull()
    expect(pageAfter([0, visit('here')], [1, lost]).view.visitNumber).toBeNull()
    expect(pageAfter([0, state()]).view.visitNumber).toBeNull()
  })

  it('disappears when the door is unlocked remotely', () => {
    const visit = { number: 42, status: 'waiting-for-owner' } as const
    const { view } = pageAfter([0, state({ visit })], [1, state({ visit, lock: 'unlocked' })])
    expect(view.visitNumber).toBeNull()
  })
})

describe('the keypad', () => {
  it('accepts as many digits as the longest code, whatever the setting', () => {
    const keypad = (digits: number, code: string) =>
      pageAfter([0, state({ digits })], ...typed(1, code)).view.keypad
    expect(keypad(6, '12345678')).toMatchObject({ typed: 8, digits: 8 })
    expect(keypad(8, '123456789012')).toMatchObject({ typed: 12, digits: 12 })
    expect(keypad(8, '12345678901234567')).toMatchObject({ typed: 16, digits: 16 })
    expect(keypad(6, '12345')).toMatchObject({ typed: 5, digits: 6 })
  })

  it('announces the number of digits, never the digits', () => {
    const { view } = pageAfter([0, state()], ...typed(1, '987'))
    expect(view.keypad).toMatchObject({ typed: 3, digits: 8, typedLabel: '3 of 8 digits typed' })
    expect(view.announcement).toBe('3 of 8 digits typed')
    expect(JSON.stringify(view)).not.toContain('987')
  })

  it('erases one digit, or all', () => {
    const start: readonly Timed[] = [[0, state()], ...typed(1, '123')]
    expect(pageAfter(...start, [2, { kind: 'erase' }]).page.typed).toBe('12')
    expect(pageAfter(...start, [2, { kind: 'clear' }]).page.typed).toBe('')
  })

  it('clears an unfinished code after a while', () => {
    const { viewAt } = pageAfter([0, state()], ...typed(1_000, '123'))
    expect(viewAt(30_999).keypad?.typed).toBe(3)
    expect(viewAt(31_000)).toMatchObject({ scene: 'idle', keypad: { typed: 0 } })
  })

  it('sends a complete code once, however often Open is pressed', () => {
    const { effects } = pageAfter([0, state()], ...code(1), [1, confirm], [2, confirm])
    expect(effects).toEqual([{ kind: 'send-code', code: '12345678', attempt: 1 }])
    const again = pageAfter([0, state()], ...code(1), [2, answer(denied)], [2, confirm])
    expect(sends(again.effects)).toHaveLength(1)
  })

  it('does not send a code that is too short', () => {
    expect(pageAfter([0, state()], ...typed(1, '12345'), [2, confirm]).effects).toEqual([])
  })

  it('sends a shorter code than the setting', () => {
    const { effects } = pageAfter([0, state({ digits: 8 })], ...typed(1, '123456'), [2, confirm])
    expect(sends(effects)).toHaveLength(1)
  })

  it('keeps its dots while the code is checked, and accepts no digits', () => {
    const { view } = pageAfter([0, state()], ...code(1), ...typed(2, '9'), [3, { kind: 'clear' }])
    expect(view.keypad).toMatchObject({ typed: 8, canConfirm: false })
  })

  it('starts again after a refusal, whose sentence then disappears', () => {
    const refused: readonly Timed[] = [[0, state()], ...code(1), [2, answer(denied)]]
    expect(pageAfter(...refused).view.keypad?.typed).toBe(0)
    expect(pageAfter(...refused, ...typed(3, '1')).view.scene).toBe('typing')
    expect(pageAfter(...refused).viewAt(5_002).scene).toBe('idle')
  })

  const closed: readonly (readonly [string, readonly Timed[]])[] = [
    ['in a pause', [[0, state({ keypad: 'paused', pausedForMs: 60_000 })]]],
    ['that is shut', [[0, state({ keypad: 'shut' })]]],
    ['that is out of order', [[0, state({ keypad: 'out-of-order' })]]],
    ['while unlocked', [[0, unlocked]]],
    [
      'without the daemon',
      [
        [0, state()],
        [0, lost],
      ],
    ],
    ['before the first state', []],
    ['in a greeting', [[0, state()], ...code(0), [0, answer(accepted)]]],
  ]
  it.each(closed)('is hidden %s, and input is ignored', (_when, events) => {
    const { page, effects, view } = pageAfter(...events, ...code(1))
    expect(view.keypad).toBeNull()
    expect(page.typed).toBe('')
    expect(sends(effects)).toEqual(sends(pageAfter(...events).effects))
  })

  it.each(['clock-unknown', 'private'] as const)('takes codes while it is %s', (keypad) => {
    const { effects } = pageAfter([0, state({ keypad })], ...typed(1, '123456789012'), [2, confirm])
    expect(sends(effects)).toMatchObject([{ code: '123456789012' }])
  })

  it('clears an unfinished code when it is hidden', () => {
    const paused = state({ keypad: 'paused', pausedForMs: 1_000 })
    expect(pageAfter([0, state()], ...typed(1, '123'), [2, paused]).page.typed).toBe('')
    expect(pageAfter([0, state()], ...typed(1, '123'), [2, unlocked]).page.typed).toBe('')
  })
})

describe('a pause', () => {
  const paused = (pausedForMs: number): Timed => [1_000, state({ keypad: 'paused', pausedForMs })]

  it('is counted down from when it was reported', () => {
    const { viewAt, page } = pageAfter(paused(30_000))
    expect(viewAt(1_000).countdown).toBe('0:30')
    expect(viewAt(1_999).countdown).toBe('0:30')
    expect(nextChangeMs(page, 1_999)).toBe(2_000)
    expect(viewAt(2_000).countdown).toBe('0:29')
    expect(viewAt(30_999).countdown).toBe('0:01')
    expect(viewAt(31_000)).toMatchObject({ scene: 'idle', countdown: null, keypad: { typed: 0 } })
  })

  it('is counted down while the page still says that the code was refused', () => {
    const refused = [2, answer({ outcome: 'denied', pausedForMs: 2_000 })] as const
    const { viewAt } = pageAfter([0, state()], ...code(1), refused)
    const waiting = { scene: 'denied', countdown: '0:02', detail: en.pausedDetail, keypad: null }
    expect(viewAt(2)).toMatchObject(waiting)
    expect(viewAt(2).announcement).toBe(`${en.worksAgainIn} 5 seconds`)
    expect(viewAt(1_002).countdown).toBe('0:01')
    expect(viewAt(2_002)).toMatchObject({ scene: 'denied', countdown: null, detail: en.tryAgain })
    expect(viewAt(2_002).keypad).not.toBe(null)
  })

  it('may be a longer one of an earlier version', () => {
    expect(pageAfter(paused(3_600_000)).view.countdown).toBe('60:00')
  })

  it.each([
    [2, '5 seconds'],
    [8, '10 seconds'],
    [16, '20 seconds'],
    [30, '30 seconds'],
    [61, '2 minutes'],
  ])('of %i seconds is spoken of as %s', (seconds, spoken) => {
    expect(pageAfter(paused(seconds * 1000)).view.announcement).toBe(`${en.worksAgainIn} ${spoken}`)
  })

  it('ends when the door says so', () => {
    expect(pageAfter(paused(60_000), [2_000, state()]).view.scene).toBe('idle')
  })
})

describe('a greeting', () => {
  const greeted: readonly Timed[] = [[0, visit('code-sent')], ...code(1), [2, answer(accepted)]]

  it('survives a state from before the lock opened, and ends when the lock closes', () => {
    expect(pageAfter(...greeted, [3, state({ online: false })]).view.scene).toBe('greeted')
    expect(pageAfter(...greeted, [3, unlocked], [4_000, state()]).view.scene).toBe('idle')
  })

  it('ends by itself if the door does not report that the lock has closed', () => {
    const { viewAt } = pageAfter(...greeted)
    expect(viewAt(6_001).scene).toBe('greeted')
    expect(viewAt(6_002).scene).toBe('sent')
  })

  it('does not come when the lock has already closed again', () => {
    const late: readonly Timed[] = [[0, state()], ...code(1), [2, unlocked], [3, state()]]
    expect(pageAfter(...late, [4, answer(accepted)]).view.scene).toBe('idle')
  })

  it('ends with the connection and does not appear after it', () => {
    expect(pageAfter(...greeted, [3, lost]).view).toMatchObject({
      scene: 'starting-again',
      name: null,
    })
    expect(pageAfter(...greeted, [3, lost], [4, state()]).view.scene).toBe('idle')
    const late: readonly Timed[] = [[0, state()], ...code(1), [2, lost], [3, state()]]
    expect(pageAfter(...late, [4, answer(accepted)]).view.scene).toBe('idle')
    expect(pageAfter(...late, ...code(4), [5, answer(accepted, 1)]).view.scene).toBe('complete')
  })

  it('is in the guest’s language, and afterwards the door’s is used again', () => {
    expect(pageAfter(...greeted).view.language).toBe('de')
    expect(pageAfter(...greeted, [3, unlocked], [4, state()]).view.language).toBe('en')
  })
})

describe('the sounds', () => {
  it('follow the lock, but not changes from before the connection', () => {
    const { effects } = pageAfter([0, state()], [1, unlocked], [2, unlocked], [3, state()])
    expect(effects).toEqual([
      { kind: 'play', sound: 'opening' },
      { kind: 'play', sound: 'closing' },
    ])
    expect(pageAfter([0, unlocked]).effects).toEqual([])
    expect(pageAfter([0, unlocked], [1, lost], [2, state()]).effects).toEqual([])
  })
})

describe('the bell', () => {
  const pressed: readonly Timed[] = [
    [0, state()],
    [1, { kind: 'bell' }],
  ]
  const rung = (ok: boolean): Timed => [2, { kind: 'bell-answer', rung: ok }]

  it('rings once per press, and shows and announces it', () => {
    expect(pageAfter(...pressed, [1, { kind: 'bell' }]).effects).toEqual([{ kind: 'ring' }])
    const { view, viewAt } = pageAfter(...pressed, rung(true))
    expect(view).toMatchObject({
      bell: { label: en.bellRung, icon: 'check' },
      announcement: en.bellRung,
    })
    expect(viewAt(4_002)).toMatchObject({
      bell: { label: en.bell, icon: 'bell' },
      announcement: '',
    })
  })

  it('says when it did not ring, and may be tried again at once', () => {
    expect(pageAfter(...pressed, rung(false)).view).toMatchObject({
      bell: { label: en.bellFailed, icon: 'stop' },
      announcement: en.bellFailed,
    })
    expect(pageAfter(...pressed, rung(false), [3, { kind: 'bell' }]).effects).toHaveLength(2)
  })

  it('is the primary control when the keypad cannot help', () => {
    expect(pageAfter([0, state({ keypad: 'paused', pausedForMs: 9_000 })]).view.next).toBe('bell')
    expect(pageAfter([0, state({ keypad: 'clock-unknown' })]).view.next).toBe('bell')
    expect(pageAfter([0, state({ keypad: 'shut' })]).view.next).toBe('bell')
    expect(pageAfter([0, visit('no-answer')]).view.next).toBe('bell')
    expect(pageAfter([0, state()], ...typed(1, '12345678')).view.next).toBe('confirm')
    expect(pageAfter([0, state()]).view.next).toBeNull()
  })

  it('is hidden without a connection, while unlocked, and when it cannot ring', () => {
    expect(pageAfter([0, state({ keypad: 'out-of-order' })]).view.bell).toBeNull()
    expect(pageAfter([0, state()], [1, lost]).view.bell).toBeNull()
    expect(pageAfter([0, unlocked]).view.bell).toBeNull()
    expect(pageAfter([0, state()], [1, lost], [1, { kind: 'bell' }]).effects).toEqual([])
  })
})

describe('the language', () => {
  const french: PageEvent = { kind: 'language', language: 'fr' }

  it('is the door’s until a visitor chooses one', () => {
    expect(pageAfter([0, state({ language: 'es' })]).view.language).toBe('es')
    expect(pageAfter([0, state()], [1, french]).view).toMatchObject({
      language: 'fr',
      sentence: fr.idle,
    })
  })

  it('stays for the visit in which it was chosen, or for the next one', () => {
    const { viewAt } = pageAfter([0, state()], [1, french], [2, visit('here')])
    expect(viewAt(3_600_000).language).toBe('fr')
    expect(pageAfter([0, visit('here')], [1, french], [2, visit('code-sent')]).view.language).toBe(
      'fr',
    )
  })

  it('ends with the visit', () => {
    const chosen: readonly Timed[] = [
      [0, visit('here', 7)],
      [1, french],
    ]
    expect(pageAfter(...chosen, [40_000, state()]).view.language).toBe('en')
    expect(pageAfter(...chosen, [2, state()], [3, visit('here', 8)]).view.language).toBe('en')
  })

  it('is reset without a visit and without input', () => {
    const { viewAt } = pageAfter([0, state()], [1_000, french])
    expect(viewAt(30_999).language).toBe('fr')
    expect(viewAt(31_000).language).toBe('en')
  })

  it('survives a restart of the daemon during a visit', () => {
    const chosen: readonly Timed[] = [
      [0, visit('here')],
      [1, french],
      [2, lost],
    ]
    expect(pageAfter(...chosen).view.sentence).toBe(fr.startingAgain)
    expect(pageAfter(...chosen, [3, visit('here')]).view.language).toBe('fr')
  })
})

describe('in any sequence of events', () => {
  const someState = fc
    .record({
      lock: fc.constantFrom('locked' as const, 'unlocked' as const),
      keypad: fc.constantFrom(
        'ready' as const,
        'paused' as const,
        'clock-unknown' as const,
        'shut' as const,
        'private' as const,
        'out-of-order' as const,
      ),
      pausedForMs: fc.constantFrom(0, 900, 60_000),
      online: fc.boolean(),
      digits: fc.constantFrom(6, 8),
      visit: fc.option(
        fc.record({
          number: fc.integer({ min: 1, max: 3 }),
          status: fc.constantFrom('here' as const, ...visitStatuses),
        }),
      ),
    })
    .map((change) => state(change))
  const someAnswer = fc
    .tuple(
      fc.constantFrom<CodeAnswer | null>(accepted, denied, null, {
        outcome: 'paused',
        pausedForMs: 700,
      }),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([reply, attempt]) => answer(reply, attempt))
  const digit = fc.constantFrom<PageEvent>(...typed(0, '1234567890').map(([, event]) => event))
  const event = fc.oneof(
    { weight: 3, arbitrary: fc.constant(state()) },
    { weight: 3, arbitrary: someState },
    { weight: 3, arbitrary: someAnswer },
    { weight: 12, arbitrary: digit },
    { weight: 3, arbitrary: fc.constant(confirm) },
    fc.constantFrom<PageEvent>(lost, { kind: 'erase' }, { kind: 'clear' }, { kind: 'bell' }),
    fc.constantFrom<PageEvent>({ kind: 'time-passed' }, { kind: 'bell-answer', rung: true }),
    fc.constantFrom(...languages).map((language): PageEvent => ({ kind: 'language', language })),
  )
  // A code at a ready door is one step, as eight digits in a row are rare by chance.
  const wholeCode = [state(), ...code(0).map(([, event]) => event)]
  const oneStep = fc.oneof(
    { weight: 4, arbitrary: event.map((one) => [one]) },
    { weight: 1, arbitrary: fc.constant(wholeCode) },
  )
  const timeline = fc.array(fc.tuple(fc.constantFrom(0, 1, 30, 450, 6_000, 31_000), oneStep), {
    maxLength: 40,
  })
  const timed = (steps: readonly (readonly [number, readonly PageEvent[]])[]): readonly Timed[] => {
    let nowMs = 1
    return steps.flatMap(([pauseMs, happenings]) => {
      nowMs += pauseMs
      return happenings.map((one): Timed => [nowMs, one])
    })
  }

  it('a code is sent only while the door accepts codes, whole, and one at a time', () => {
    fc.assert(
      fc.property(timeline, (steps) => {
        let page = newPage
        for (const [atMs, what] of timed(steps)) {
          const before = viewOf(page, atMs)
          const next = step(page, what, atMs)
          for (const effect of sends(next.effects)) {
            expect(what.kind).toBe('confirm')
            expect(before.keypad).toMatchObject({ canConfirm: true })
            expect(page.sending).toBeNull()
            expect(effect).toMatchObject({ code: page.typed })
          }
          page = next.page
        }
      }),
    )
  })

  it('a greeting follows only an answer to a code of the same connection', () => {
    fc.assert(
      fc.property(timeline, (steps) => {
        let page = newPage
        let mayGreetUntilMs = 0
        for (const [atMs, what] of timed(steps)) {
          const { sending } = page
          page = step(page, what, atMs).page
          const isAnswer = what.kind === 'answer' && sending?.attempt === what.attempt
          if (isAnswer) mayGreetUntilMs = atMs + accepted.unlockedForMs + 1_000
          if (what.kind === 'link-lost') mayGreetUntilMs = 0
          if (viewOf(page, atMs).scene === 'greeted') expect(atMs).toBeLessThan(mayGreetUntilMs)
        }
      }),
    )
  })

  it('the view does not change before the time of the timer', () => {
    fc.assert(
      fc.property(timeline, fc.integer({ min: 1, max: 999 }), (steps, permille) => {
        const events = timed(steps)
        const { page, view } = pageAfter(...events)
        const nowMs = events.at(-1)?.[0] ?? 0
        const nextMs = nextChangeMs(page, nowMs) ?? nowMs + 1e7
        expect(nextMs).toBeGreaterThan(nowMs)
        expect(viewOf(page, nowMs + (permille / 1000) * (nextMs - nowMs))).toEqual(view)
      }),
    )
  })
})
