/** The checks themselves: a correct door passes all of them, and each defect fails the right one. */

import { describe, expect, it } from 'vitest'
import { noWrongCodes, shippedLockout } from '../../../../../device/core/credentials/lockout.ts'
import { noCommands } from '../../../../../device/core/door/freshness.ts'
import { coldCoil } from '../../../../../device/core/lock/coil.ts'
import {
  emptyLog,
  firstFlaw,
  type LogRow,
  sealRows,
} from '../../../../../device/core/log/log-chain.ts'
import {
  type DoorBody,
  type DoorMessage,
  type EntryRefusal,
  parseDoorMessage,
} from '../../../../../protocol/messages/door.ts'
import { rowsOf } from '../../breach.ts'
import type { Evidence, Remains } from '../evidence.ts'
import { type Ledger, newLedger, type StandingCode, type Try } from '../ledger.ts'
import { broken } from './invariants.ts'

const id = (n: number) => n.toString(16).padStart(32, '0')
const nowMs = Date.UTC(2026, 5, 1)
const visitId = null

const entered = {
  type: 'entry-accepted',
  origin: 'keypad',
  grantId: id(1),
  visitorId: id(2),
  visitId,
  holdMs: 500,
} as const

/** One visitor mistypes twice, enters, and tries the same code again. Then the daemon is killed. */
const honest: readonly DoorBody[] = [
  { type: 'door-started', software: '1', pausedForMs: 0 },
  { type: 'grant-stored', grantId: id(1), visitId, visitorId: id(2) },
  wrong(1, 1),
  wrong(2, 2),
  entered,
  { ...wrong(1, 3), reason: 'used', grantId: id(1) },
]

function wrong(wrongInRow: number, wrongInDay: number) {
  const counts = { wrongInRow, wrongInDay }
  const wrongCode = { type: 'entry-refused', origin: 'keypad', reason: 'wrong' } as const
  return { ...wrongCode, grantId: null, visitId, ...counts } as const
}

const tried = (code: string, outcome: Try['outcome'], atMs: number): Try => ({
  life: 1,
  code,
  outcome,
  pausedForMs: 0,
  sentAtMs: nowMs + atMs,
  heardAtMs: nowMs + atMs + 5,
})

function honestLedger(): Ledger {
  const ledger = newLedger({ ...shippedLockout })
  const text = { atMs: nowMs, to: 'Robin', text: '', code: '111111', grantId: id(1) }
  ledger.texts.set(id(1), { ...text, visitorId: id(2), expiresAtMs: nowMs + 60_000 })
  ledger.tries.push(
    tried('000000', 'denied', 0),
    tried('000001', 'denied', 10),
    tried('111111', 'accepted', 20),
    tried('111111', 'denied', 30),
  )
  ledger.lives.push({
    startedAtMs: nowMs - 1_000,
    readyAfterMs: 500,
    diedAtMs: nowMs + 100,
    lastSeq: honest.length,
  })
  return ledger
}

function sealed(bodies: readonly DoorBody[]): LogRow[] {
  const ids = bodies.map((_, index) => id(100 + index))
  return sealRows(emptyLog, bodies, { doorId: 'door', atMs: nowMs, timeKnown: true, ids })
}

const messagesIn = (rows: readonly LogRow[]): readonly DoorMessage[] =>
  rows.flatMap(({ text }) => {
    const parsed = parseDoorMessage(text)
    return parsed.ok ? [parsed.message] : []
  })

function remainsOf(rows: readonly LogRow[], wrongInRow: number, wrongInDay: number): Remains {
  const wrongAtUptimeMs = Array.from({ length: wrongInDay }, () => 1)
  return {
    rows,
    messages: messagesIn(rows),
    flaw: firstFlaw(rows, rows.at(-1) ?? emptyLog),
    kept: {
      time: { highWaterMs: nowMs, uptimeMs: 1_000 },
      lockout: { ...noWrongCodes, wrongInRow, wrongAtUptimeMs },
      visits: { lastNumber: 0, visit: null },
      commands: noCommands,
      settings: { revision: 0, settings: null },
      coil: coldCoil,
      mode: { set: null, inForce: 'normal' },
    },
    unsent: new Set(rows.map(({ seq }) => seq)),
    integrity: 'ok',
    halfCommit: false,
  }
}

interface Timeline {
  bodies?: readonly DoorBody[]
  remains?: Partial<Remains> | null
  evidence?: Partial<Evidence>
  ledger?: (ledger: Ledger) => void
}

function breachesIn({ bodies = honest, remains = {}, evidence = {}, ledger }: Timeline) {
  const seen = honestLedger()
  ledger?.(seen)
  const judged = rowsOf(messagesIn(sealed(bodies)), 'entry-refused', 'entry-accepted')
  const inRow = rowsOf(judged.slice(-1), 'entry-refused')[0]?.wrongInRow ?? 0
  const inDay = rowsOf(judged, 'entry-refused').at(-1)?.wrongInDay ?? 0
  const left = remainsOf(sealed(bodies), inRow, inDay)
  const found = broken(seen, {
    remains: remains && { ...left, ...remains },
    earlier: [],
    atCloud: [],
    unreadable: 0,
    lock: [
      { atMs: nowMs + 23, state: 'open', cause: 'order' },
      { atMs: nowMs + 101, state: 'closed', cause: 'connection-lost' },
    ],
    ...evidence,
  })
  return [...new Set(found.map(({ invariant }) => invariant))]
}

const without = (type: DoorBody['type']) => honest.filter((body) => body.type !== type)
const later = (body: DoorBody) => [...honest, body]
const opened = (fromMs: number, untilMs: number) => [
  { atMs: nowMs + fromMs, state: 'open', cause: 'order' } as const,
  { atMs: nowMs + untilMs, state: 'closed', cause: 'order' } as const,
]
const unlocked: DoorBody = {
  type: 'unlock-accepted',
  origin: 'cloud',
  commandId: id(9),
  by: 'the owner',
  visitId,
  holdMs: 500,
}

// ---------------------------------------------------------------- codes that open more than once

const courier = { code: '1111111111', kind: 'courier', visits: 1, sheetId: null } as const
const entryBy = (
  grantId: string,
  visitId: string,
  credential: 'standing' | 'break-glass',
): DoorBody => ({ ...entered, grantId, visitId, credential })
const byCourier = (visit: number) => entryBy(id(7), id(visit), 'standing')
const sheetOf = (sheet: number): DoorBody => ({
  ...{ type: 'sheet-stored', sheetId: id(sheet), origin: 'cloud', by: 'the owner' },
  commandId: id(90 + sheet),
  codesEnded: 0,
})
const bySheet = entryBy(id(9), id(1), 'break-glass')
const refusedAs = (reason: EntryRefusal): DoorBody => ({
  ...wrong(1, 1),
  reason,
  grantId: id(7),
})
const standing = (bodies: readonly DoorBody[], code: Partial<StandingCode> = {}): Timeline => ({
  bodies,
  ledger(ledger) {
    ledger.standing.set(id(7), { ...courier, ...code })
    ledger.standing.set(id(9), { ...courier, code: '999999999999', kind: 'sheet', sheetId: id(1) })
    ledger.tries.length = 0
    for (const body of bodies) {
      if (body.type !== 'entry-accepted' && body.type !== 'entry-refused') continue
      const { code: typed } = ledger.standing.get(body.grantId ?? '') ?? { code: '000000' }
      const outcome = body.type === 'entry-accepted' ? 'accepted' : 'denied'
      ledger.tries.push(tried(typed, outcome, 20))
    }
  },
})

describe('a code that opens more than once', () => {
  const manyWrong = Array.from({ length: 10 }, (_, index) => wrong(index + 1, index + 1))
  it.each<[string, Timeline, string[]]>([
    ['may open again in the same visit', standing([byCourier(1), byCourier(1)]), []],
    [
      'may not open in one visit too many',
      standing([byCourier(1), byCourier(2)]),
      ['opens rightly'],
    ],
    [
      'is refused because it was used as often',
      standing([byCourier(1), refusedAs('visits-used')]),
      [],
    ],
    ['is refused although it was not', standing([refusedAs('visits-used')]), ['nothing lost']],
    ['is refused as wrong', standing([refusedAs('wrong')]), ['nothing lost']],
    [
      'never opens outside its hours',
      standing([byCourier(1)], { kind: 'never' }),
      ['opens rightly'],
    ],
    ['rests after ten wrong codes', standing([...manyWrong, byCourier(1)]), ['opens rightly']],
    ['of a sheet opens once', standing([sheetOf(1), bySheet, bySheet]), ['once only']],
    ['of an earlier sheet is over', standing([sheetOf(1), sheetOf(2), bySheet]), ['opens rightly']],
  ])('%s', (_, timeline, expected) => {
    const hasOpened = timeline.bodies?.some(({ type }) => type === 'entry-accepted')
    const evidence = hasOpened ? {} : { lock: [] }
    expect(breachesIn({ ...timeline, evidence }).filter(aboutCodes)).toEqual(expected)
  })
})
const aboutCodes = (invariant: string) =>
  ['once only', 'opens rightly', 'nothing lost'].includes(invariant)

describe('a correct door', () => {
  it('breaks no invariant', () => {
    expect(breachesIn({})).toEqual([])
  })

  it('may be killed before it has a database', () => {
    const early = (ledger: Ledger) => {
      ledger.lives[0] = { startedAtMs: 0, readyAfterMs: null, diedAtMs: 1, lastSeq: 0 }
    }
    expect(breachesIn({ remains: null, ledger: early })).toEqual([])
  })

  it('may or may not have judged a code without an answer', () => {
    const unanswered = (ledger: Ledger) => {
      ledger.tries[3] = tried('111111', 'unanswered', 30)
    }
    expect(breachesIn({ ledger: unanswered })).toEqual([])
    expect(breachesIn({ ledger: unanswered, bodies: honest.slice(0, -1) })).toEqual([])
  })
})

describe('the checks find that', () => {
  const defects: readonly (readonly [what: string, invariant: string, timeline: Timeline])[] = [
    ['the database is gone', 'comes back', { remains: null }],
    ['the database is damaged', 'comes back', { remains: { integrity: 'row 3 missing' } }],
    ['an accepted code is not in the log', 'nothing lost', { bodies: without('entry-accepted') }],
    ['a denied code is not in the log', 'nothing lost', { bodies: honest.slice(0, -1) }],
    ['one grant let two people in', 'once only', { bodies: honest.toSpliced(4, 0, entered) }],
    [
      'the same code was accepted twice',
      'once only',
      { ledger: ({ tries }) => tries.push(tried('111111', 'accepted', 50)) },
    ],
    [
      'a code was accepted after it had been revoked',
      'opens rightly',
      {
        bodies: honest.toSpliced(4, 0, {
          type: 'grant-revoked',
          grantId: id(1),
          was: 'live',
          reason: 'owner',
        }),
      },
    ],
    [
      'a grant was revoked without a command',
      'nothing lost',
      { bodies: later({ type: 'grant-revoked', grantId: id(1), was: 'live', reason: 'owner' }) },
    ],
    [
      'a code that was texted did not work',
      'nothing lost',
      { ledger: ({ tries }) => void tries.splice(2, 1) },
    ],
    ['a wrong code was not counted', 'never cheaper', { bodies: honest.with(3, wrong(1, 2)) }],
    ['the count was lost', 'never cheaper', { remains: { kept: remainsOf([], 0, 0).kept } }],
    [
      'a wait was not observed',
      'never cheaper',
      { ledger: (ledger) => Object.assign(ledger.lockout, { freeWrongCodes: 1 }) },
    ],
    [
      'the owner was not notified',
      'never cheaper',
      { ledger: (ledger) => Object.assign(ledger.lockout, { shortWaitsPerDay: 2 }) },
    ],
    [
      'a wait that was shown does not follow from the log',
      'never cheaper',
      { ledger: ({ tries }) => (tries[1] = { ...tried('000001', 'denied', 10), pausedForMs: 60 }) },
    ],
    [
      'the lock opened without a reason',
      'opens rightly',
      { evidence: { lock: opened(-500, -400) } },
    ],
    ['the lock did not open', 'nothing lost', { evidence: { lock: [] } }],
    ['the lock stayed open', 'relocks', { evidence: { lock: opened(23, 3_000) } }],
    ['a command worked that was not sent', 'opens rightly', { bodies: later(unlocked) }],
    [
      'a command worked twice',
      'opens rightly',
      {
        bodies: [...honest, unlocked, unlocked],
        ledger: ({ unlocks }) =>
          unlocks.set(id(9), {
            v: 1,
            type: 'unlock',
            id: id(9),
            doorId: 'door',
            seq: 1,
            atMs: nowMs,
            nonce: id(3),
            expiresAtMs: nowMs + 10_000,
            by: 'the owner',
          }),
      },
    ],
    [
      'the exit button was not pressed',
      'opens rightly',
      { bodies: later({ type: 'exit-used', origin: 'exit-button', holdMs: 500 }) },
    ],
    ['a row was altered', 'log whole', { remains: { flaw: { seq: 2, problem: 'altered' } } }],
    [
      'a row of an earlier run changed',
      'log whole',
      { evidence: { earlier: sealed([{ type: 'bell-rung', visitId: id(4) }]) } },
    ],
    ['the outbox forgot a row', 'delivered once', { remains: { unsent: new Set([1, 2, 3]) } }],
    [
      'the cloud received other rows',
      'delivered once',
      { evidence: { atCloud: remainsOf(sealed(honest.toReversed()), 0, 0).messages } },
    ],
    ['the cloud received something unreadable', 'delivered once', { evidence: { unreadable: 1 } }],
  ]
  it.each(defects)('%s', (_what, invariant, timeline) => {
    expect(breachesIn(timeline)).toContain(invariant)
  })
})
