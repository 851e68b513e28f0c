/** What every `Store` must do. */

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type {
  Standing,
  StoreChange,
  StoredGrant,
  StoredVisitor,
} from '../../../device/core/credentials/grant.ts'
import { noWrongCodes } from '../../../device/core/credentials/lockout.ts'
import { unused } from '../../../device/core/credentials/terms.ts'
import { noCommands } from '../../../device/core/door/freshness.ts'
import type { PersistedState } from '../../../device/core/door/persisted-state.ts'
import { noVisits } from '../../../device/core/door/visit.ts'
import { coldCoil } from '../../../device/core/lock/coil.ts'
import { emptyLog, type LogHead, type LogRow } from '../../../device/core/log/log-chain.ts'
import {
  type Commit,
  type Store,
  StoreFault,
  type WhichGrants,
} from '../../../device/daemon/ports.ts'
import { chainHash } from '../../../protocol/log-chain.ts'
import { settableModes } from '../../../protocol/messages/cloud.ts'
import { doorModes } from '../../../protocol/messages/door.ts'
import { languages } from '../../../protocol/messages/shared.ts'
import { passcodeDigits } from '../../../protocol/passcode.ts'

export interface StoreBench {
  /** Opens the same store again, after it was closed. */
  open(): Store
  end(): void
}

// ---------------------------------------------------------------- examples, for other tests too

/** An id made from a small number. */
export const idOf = (number: number): string => number.toString(16).padStart(32, '0')
export const tagOf = (number: number): Uint8Array => new Uint8Array(32).fill(number)

export const firstState: PersistedState = {
  time: { highWaterMs: 1_800_000_000_000, uptimeMs: 0 },
  lockout: noWrongCodes,
  visits: noVisits,
  commands: noCommands,
  settings: { revision: 0, settings: null },
  coil: coldCoil,
  mode: { set: null, inForce: 'normal' },
}

export const exampleGrant = (changes: Partial<StoredGrant> = {}): StoredGrant => ({
  grantId: idOf(1),
  visitorId: idOf(101),
  visitId: null,
  digits: 6,
  notBeforeMs: 1_800_000_000_000,
  expiresAtMs: 1_800_000_300_000,
  commandSeq: 1,
  closed: null,
  standing: null,
  ...changes,
})

const exampleStanding = (changes: Partial<Standing['terms']> = {}): Standing => ({
  terms: {
    kind: 'standing',
    endsAtMs: null,
    weeklyHours: [{ weekdays: [2], fromMinute: 540, toMinute: 720 }],
    exceptDates: ['2027-12-25'],
    visits: 3,
    second: null,
    flags: [],
    ...changes,
  },
  uses: unused,
})

export const keep = (grant: StoredGrant, tag = tagOf(1)): StoreChange => ({
  kind: 'store-grant',
  grant,
  tag,
})
export const close = (grantId: string, as: 'used' | 'revoked'): StoreChange => ({
  kind: 'close-grant',
  grantId,
  as,
})
export const storeVisitor = (visitor: StoredVisitor): StoreChange => ({
  kind: 'store-visitor',
  visitor,
})

export const commitOf = (part: Partial<Commit>): Commit => ({
  state: {},
  changes: [],
  rows: [],
  acknowledged: [],
  ...part,
})

/** Rows that continue a log. A store does not read their text. */
export function rowsAfter(head: LogHead, count: number): LogRow[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = head.seq + 1 + index
    const text = JSON.stringify({ seq, says: `row ${seq}, “${'ü'.repeat(seq % 7)}”` })
    return { seq, text, hash: chainHash(text) }
  })
}

// ---------------------------------------------------------------- the contract

export function storeContract(name: string, make: () => StoreBench): void {
  describe(`${name} is a store`, () => {
    let bench: StoreBench
    let store: Store
    beforeEach(() => {
      bench = make()
      store = bench.open()
    })
    afterEach(() => {
      store.close()
      bench.end()
    })

    const reopen = () => {
      store.close()
      store = bench.open()
    }
    const commit = (part: Partial<Commit>) => store.commit(commitOf(part))
    const change = (...changes: StoreChange[]) => commit({ changes })
    const append = (count: number) => commit({ rows: rowsAfter(store.head(), count) })
    const refusal = (part: Partial<Commit>) => codeOfFault(() => commit(part))

    test('is empty at first', () => {
      expect(store.load()).toBeNull()
      expect(store.head()).toEqual(emptyLog)
      expect(store.grant(idOf(1))).toBeNull()
      expect(store.grantByTag(tagOf(1))).toBeNull()
      expect(store.liveGrants(0)).toEqual([])
      expect(store.visitor(idOf(1))).toBeNull()
      expect(store.unsent(0, 10)).toEqual([])
      expect(store.unsentCount()).toBe(0)
    })

    test('stores the given parts of the state, and leaves the others', () => {
      commit({ state: firstState })
      const lockout = { ...noWrongCodes, wrongInRow: 3, wrongAtUptimeMs: [1, 2, 3] }
      commit({ state: { lockout } })
      expect(store.load()).toEqual({ ...firstState, lockout })
      reopen()
      expect(store.load()).toEqual({ ...firstState, lockout })
    })

    test('requires all parts in the first state', () => {
      expect(refusal({ state: { time: firstState.time } })).toBe('incomplete-state')
      expect(store.load()).toBeNull()
      commit({ state: firstState })
      expect(store.load()).toEqual(firstState)
    })

    test('an empty commit changes nothing', () => {
      commit({})
      expect(store.load()).toBeNull()
      expect(store.head()).toEqual(emptyLog)
    })

    test('throws when the log has rows but the state is missing', () => {
      append(1)
      expect(codeOfFault(() => store.load())).toBe('malformed-row')
      reopen()
      expect(codeOfFault(() => store.load())).toBe('malformed-row')
    })

    describe('grants', () => {
      test('are found by id and by tag', () => {
        const grant = exampleGrant({ visitId: idOf(7), digits: 8 })
        change(keep(grant))
        expect(store.grant(grant.grantId)).toEqual(grant)
        expect(store.grantByTag(tagOf(1))).toEqual(grant)
        expect(store.grantByTag(tagOf(2))).toBeNull()
        reopen()
        expect(store.grantByTag(tagOf(1))).toEqual(grant)
      })

      test('can be replaced while they are open', () => {
        change(keep(exampleGrant()))
        const later = exampleGrant({ commandSeq: 5, expiresAtMs: 1_800_000_400_000, digits: 7 })
        change(keep(later, tagOf(2)))
        expect(store.grant(later.grantId)).toEqual(later)
        expect(store.grantByTag(tagOf(1))).toBeNull()
        expect(store.grantByTag(tagOf(2))).toEqual(later)
      })

      test('can be stored as closed', () => {
        change(keep(exampleGrant({ closed: 'revoked' })))
        expect(store.grant(idOf(1))?.closed).toBe('revoked')
      })

      test.each(['used', 'revoked'] as const)('cannot be reopened once %s', (closed) => {
        change(keep(exampleGrant()), close(idOf(1), closed))
        expect(refusal({ changes: [keep(exampleGrant({ commandSeq: 9 }))] })).toBe('grant-closed')
        expect(store.grant(idOf(1))).toEqual(exampleGrant({ closed }))
      })

      test('can be used only once', () => {
        change(keep(exampleGrant()))
        change(close(idOf(1), 'used'))
        expect(refusal({ changes: [close(idOf(1), 'used')] })).toBe('grant-not-open')
        reopen()
        expect(refusal({ changes: [close(idOf(1), 'used')] })).toBe('grant-not-open')
        expect(store.grant(idOf(1))?.closed).toBe('used')
      })

      test('cannot be used twice within one commit, nor when revoked or unknown', () => {
        change(keep(exampleGrant()))
        const use = close(idOf(1), 'used')
        expect(refusal({ changes: [use, use] })).toBe('grant-not-open')
        expect(store.grant(idOf(1))?.closed).toBeNull()
        change(close(idOf(1), 'revoked'))
        expect(refusal({ changes: [use] })).toBe('grant-not-open')
        expect(refusal({ changes: [close(idOf(2), 'used')] })).toBe('grant-not-open')
      })

      test('stay used when they are revoked later', () => {
        change(keep(exampleGrant()), close(idOf(1), 'used'))
        change(close(idOf(1), 'revoked'), close(idOf(2), 'revoked'))
        expect(store.grant(idOf(1))?.closed).toBe('used')
        expect(store.grant(idOf(2))).toBeNull()
      })

      test('with the same code: the open one is found, however early it ends', () => {
        const open = exampleGrant({ grantId: idOf(2), expiresAtMs: 1_800_000_100_000 })
        const used = exampleGrant({ closed: 'used', expiresAtMs: 1_800_000_900_000 })
        const old = exampleGrant({ grantId: idOf(3), expiresAtMs: 1_800_000_000_001 })
        change(keep(open), keep(used), keep(old))
        expect(store.grantByTag(tagOf(1))).toEqual(open)
      })

      test('with the same code, all closed: the one that ended last is found', () => {
        const early = exampleGrant({ closed: 'used', expiresAtMs: 1_800_000_100_000 })
        const late = exampleGrant({ grantId: idOf(2), closed: 'revoked', commandSeq: 2 })
        change(keep(late), keep(early))
        expect(store.grantByTag(tagOf(1))).toEqual(late)
      })

      test('are live until they expire or are closed', () => {
        const endingAfter = (ms: number) =>
          exampleGrant({ grantId: idOf(ms), expiresAtMs: 1_800_000_000_000 + ms })
        const [first, second, third] = [endingAfter(1), endingAfter(2), endingAfter(3)]
        change(keep(third, tagOf(3)), keep(first, tagOf(1)), keep(second, tagOf(2)))
        expect(store.liveGrants(1_800_000_000_000)).toEqual([first, second, third])
        expect(store.liveGrants(first.expiresAtMs)).toEqual([second, third])
        change(close(second.grantId, 'used'))
        expect(store.liveGrants(first.expiresAtMs)).toEqual([third])
        expect(store.liveGrants(third.expiresAtMs)).toEqual([])
      })
    })

    test('stores visitors, and deletes a name without its row', () => {
      const visitor = { visitorId: idOf(1), known: { name: 'Zoë 🚪', language: 'fr' as const } }
      change(storeVisitor({ ...visitor, commandSeq: 1 }))
      expect(store.visitor(idOf(1))).toEqual({ ...visitor, commandSeq: 1 })
      change(storeVisitor({ visitorId: idOf(1), known: null, commandSeq: 2 }))
      expect(store.visitor(idOf(1))).toEqual({ visitorId: idOf(1), known: null, commandSeq: 2 })
      store.tidy()
      reopen()
      expect(store.visitor(idOf(1))).toEqual({ visitorId: idOf(1), known: null, commandSeq: 2 })
    })

    test('applies changes in order', () => {
      change(keep(exampleGrant()), close(idOf(1), 'used'))
      expect(store.grant(idOf(1))?.closed).toBe('used')
      const [second, use] = [exampleGrant({ grantId: idOf(2) }), close(idOf(2), 'used')]
      expect(refusal({ changes: [use, keep(second)] })).toBe('grant-not-open')
    })

    describe('the log', () => {
      test('appends rows at its head and to the outbox', () => {
        const rows = rowsAfter(emptyLog, 3)
        commit({ rows })
        expect(store.head()).toEqual({ seq: 3, hash: rows[2]?.hash })
        expect(store.unsent(0, 10)).toEqual(rows)
        expect(store.unsentCount()).toBe(3)
        reopen()
        expect(store.head()).toEqual({ seq: 3, hash: rows[2]?.hash })
        append(2)
        expect(store.unsent(0, 10)).toEqual(rowsAfter(emptyLog, 5))
      })

      test('is read in batches', () => {
        append(5)
        const seqs = (after: number, limit: number) =>
          store.unsent(after, limit).map(({ seq }) => seq)
        expect(seqs(0, 2)).toEqual([1, 2])
        expect(seqs(2, 2)).toEqual([3, 4])
        expect(seqs(5, 2)).toEqual([])
      })

      test('drops acknowledged rows from the outbox, in any order and repeatedly', () => {
        append(4)
        commit({ acknowledged: [3, 1, 3, 99] })
        expect(store.unsent(0, 10).map(({ seq }) => seq)).toEqual([2, 4])
        commit({ acknowledged: [1], rows: rowsAfter(store.head(), 1) })
        expect(store.unsentCount()).toBe(3)
        reopen()
        expect(store.unsent(0, 10).map(({ seq }) => seq)).toEqual([2, 4, 5])
      })

      test.each([
        ['a gap', (head: LogHead) => rowsAfter({ ...head, seq: head.seq + 1 }, 1)],
        ['a repeated row', () => rowsAfter(emptyLog, 1)],
        ['a gap further on', (head: LogHead) => rowsAfter(head, 3).toSpliced(1, 1)],
      ])('refuses %s', (_, rowsFor) => {
        append(2)
        expect(refusal({ rows: rowsFor(store.head()) })).toBe('log-gap')
        expect(store.head().seq).toBe(2)
        expect(store.unsentCount()).toBe(2)
      })
    })

    describe('what is older than its retention', () => {
      const dayMs = 24 * 3_600_000
      const nowMs = firstState.time.highWaterMs
      /** One row for each day before `now`, the oldest first. */
      const daily = (...daysAgo: number[]): LogRow[] =>
        daysAgo.map((days, index) => {
          const text = JSON.stringify({
            seq: index + 1,
            atMs: nowMs - days * dayMs,
            timeKnown: days < 150,
          })
          return { seq: index + 1, text, hash: chainHash(text) }
        })
      const prune = (keepUnsent = false) =>
        store.prune({
          rowsBeforeMs: nowMs - 100 * dayMs,
          namesBeforeMs: nowMs - 30 * dayMs,
          keepUnsent,
          sign: (_, start) => ({ ...start, signature: 'by the door' }),
        })
      const seqs = () => store.unsent(0, 1_000).map(({ seq }) => seq)

      test('is deleted from the log', () => {
        commit({ rows: daily(102, 101, 99, 1) })
        expect(prune()).toBe(false)
        expect(seqs()).toEqual([3, 4])
        reopen()
        expect(store.head().seq).toBe(4)
      })

      test('is not what only seems old, because the time was not known', () => {
        commit({ rows: daily(151, 101, 151, 1) })
        prune()
        expect(seqs()).toEqual([3, 4])
      })

      test('stays while the cloud has not acknowledged it', () => {
        commit({ rows: daily(103, 102, 101, 1) })
        commit({ acknowledged: [1, 3] })
        prune(true)
        expect(seqs()).toEqual([2, 4])
        prune(false)
        expect(seqs()).toEqual([4])
      })

      test('stays where the present start of the log is not signed', () => {
        commit({ rows: daily(102, 101, 1) })
        const times = { rowsBeforeMs: nowMs, namesBeforeMs: nowMs, keepUnsent: false }
        expect(store.prune({ ...times, sign: () => null })).toBe(false)
        expect(seqs()).toEqual([1, 2, 3])
      })

      test('is deleted in batches, but for the newest row', () => {
        commit({ rows: daily(...Array.from({ length: 1_200 }, () => 101)) })
        expect([prune(), prune(), prune()]).toEqual([true, true, false])
        expect(seqs()).toEqual([1_200])
      })

      test('is forgotten among grants, not before', () => {
        const ended = (number: number, days: number) =>
          keep(exampleGrant({ grantId: idOf(number), expiresAtMs: nowMs - days * dayMs }))
        change(ended(1, 101), ended(2, 99))
        prune()
        expect([store.grant(idOf(1)), store.grant(idOf(2))?.grantId]).toEqual([null, idOf(2)])
      })

      test('is forgotten among names, but for visitors who had a code since', () => {
        const visitor = (number: number, days: number, known = true) =>
          storeVisitor({
            visitorId: idOf(number),
            known: known ? { name: 'Ada', language: 'de' } : null,
            commandSeq: (nowMs - days * dayMs) * 1_000,
          })
        change(visitor(1, 31), visitor(2, 29), visitor(3, 31), visitor(4, 101, false))
        change(keep(exampleGrant({ visitorId: idOf(3), expiresAtMs: nowMs - 29 * dayMs })))
        prune()
        const names = [1, 2, 3].map((number) => store.visitor(idOf(number))?.known?.name)
        expect(names).toEqual([undefined, 'Ada', 'Ada'])
        expect(store.visitor(idOf(1))).not.toBeNull()
        expect(store.visitor(idOf(4))).toBeNull()
      })
    })

    test('writes all of a commit or nothing', () => {
      commit({ state: firstState, changes: [keep(exampleGrant())], rows: rowsAfter(emptyLog, 1) })
      const before = everythingIn(store)
      expect(
        refusal({
          state: { lockout: { ...noWrongCodes, wrongInRow: 1 } },
          changes: [
            storeVisitor({ visitorId: idOf(1), known: null, commandSeq: 2 }),
            close(idOf(1), 'revoked'),
            close(idOf(1), 'used'),
          ],
          rows: rowsAfter(store.head(), 2),
          acknowledged: [1],
        }),
      ).toBe('grant-not-open')
      expect(everythingIn(store)).toEqual(before)
      reopen()
      expect(everythingIn(store)).toEqual(before)
    })

    test('throws after it was closed, and can be closed twice', () => {
      store.close()
      store.close()
      expect(codeOfFault(() => store.load())).toBe('closed')
      expect(codeOfFault(() => store.grantByTag(tagOf(1)))).toBe('closed')
      expect(refusal({ state: firstState })).toBe('closed')
      expect(codeOfFault(() => store.tidy())).toBe('closed')
    })

    test('behaves as a simple model does', () => {
      fc.assert(
        fc.property(fc.array(steps, { minLength: 1, maxLength: 25 }), (script) => {
          const ownBench = make()
          const model = simpleStore()
          let own = ownBench.open()
          try {
            for (const step of script) {
              if (step.kind === 'reopen') {
                own.close()
                own = ownBench.open()
              } else if (step.kind === 'tidy') own.tidy()
              else {
                const attempt = { ...step.commit, rows: rowsAfter(model.head(), step.rowCount) }
                expect(codeOfFault(() => own.commit(attempt))).toBe(
                  codeOfFault(() => model.commit(attempt)),
                )
              }
              expect(everythingIn(own)).toEqual(everythingIn(model))
            }
          } finally {
            own.close()
            ownBench.end()
          }
        }),
        { numRuns: 40 },
      )
    })
  })
}

/** The code of the fault that `work` throws; null if it throws none. */
export function codeOfFault(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (fault) {
    if (!(fault instanceof StoreFault)) throw fault
    return fault.code
  }
}

// ---------------------------------------------------------------- what is compared

/** Few, so that changes meet each other. */
const numbers = [1, 2, 3, 4, 5]
const timesMs = [1_800_000_000_000, 1_800_000_000_002, 1_800_000_000_004]

const filters: readonly WhichGrants[] = [
  {},
  { kind: 'one-time' },
  { endsByMs: 1_800_000_000_003 },
  { visitorId: idOf(1) },
  { range: { fromId: idOf(2), beforeId: idOf(4) } },
  { range: { fromId: idOf(3), beforeId: 'g' } },
]

const everythingIn = (store: Omit<Store, 'tidy' | 'prune' | 'close'>) => ({
  state: codeOfFault(() => store.load()) ?? store.load(),
  head: store.head(),
  grants: numbers.map((number) => store.grant(idOf(number))),
  byTag: numbers.map((number) => store.grantByTag(tagOf(number))),
  live: timesMs.flatMap((nowMs) => filters.map((which) => store.liveGrants(nowMs, which))),
  pins: timesMs.map((nowMs) => store.pinCounts(nowMs)),
  visitors: numbers.map((number) => store.visitor(idOf(number))),
  unsent: [store.unsent(0, 1_000), store.unsent(3, 2)],
  unsentCount: store.unsentCount(),
})

// ---------------------------------------------------------------- what is tried

const number = fc.constantFrom(...numbers)
const id = number.map(idOf)
const count = fc.nat(1_000_000)
const atMs = fc.integer({ min: 1_800_000_000_000, max: 1_800_000_000_005 })
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })

const grants: fc.Arbitrary<StoredGrant> = fc.record({
  grantId: id,
  visitorId: id,
  visitId: fc.option(id),
  digits: fc.constantFrom(...passcodeDigits),
  notBeforeMs: atMs,
  expiresAtMs: atMs,
  // All different, so that the preferred one of two grants is defined.
  commandSeq: fc.nat(Number.MAX_SAFE_INTEGER),
  closed: fc.constantFrom(null, null, null, 'used', 'revoked'),
  standing: fc.option(fc.constantFrom(exampleStanding(), exampleStanding({ kind: 'break-glass' }))),
})

const uses = fc.record({
  visits: count,
  firstAtMs: fc.option(atMs),
  lastVisitId: fc.option(id),
  lastTotpPeriod: fc.option(count),
})

const changes: fc.Arbitrary<StoreChange> = fc.oneof(
  fc.record({ kind: fc.constant('store-grant'), grant: grants, tag: number.map(tagOf) }),
  fc.record({
    kind: fc.constant('close-grant'),
    grantId: id,
    as: fc.constantFrom('used', 'revoked'),
  }),
  fc.record({ kind: fc.constant('use-grant'), grantId: id, uses, expiresAtMs: atMs }),
  fc.record({ kind: fc.constant('forget-grant'), grantId: id }),
  fc.record({
    kind: fc.constant('store-visitor'),
    visitor: fc.record({
      visitorId: id,
      known: fc.option(fc.record({ name: text, language: fc.constantFrom(...languages) })),
      commandSeq: count,
    }),
  }),
)

const states: fc.Arbitrary<PersistedState> = fc.record({
  mode: fc.record({
    set: fc.option(
      fc.record({ mode: fc.constantFrom(...settableModes), untilMs: fc.option(atMs) }),
    ),
    inForce: fc.constantFrom(...doorModes),
  }),
  coil: fc.record({ ms: count, atUptimeMs: count, openUntilUptimeMs: fc.option(count) }),
  time: fc.record({ highWaterMs: atMs, uptimeMs: count }),
  lockout: fc.record({
    wrongInRow: count,
    pausedUntilUptimeMs: count,
    alarmAtUptimeMs: fc.option(count),
    wrongAtUptimeMs: fc.array(count, { maxLength: 50 }),
  }),
  visits: fc.record({
    lastNumber: fc.nat(999),
    visit: fc.option(
      fc.record({
        visitId: id,
        number: fc.integer({ min: 1, max: 999 }),
        status: fc.constantFrom('here', 'denied', 'waiting-for-owner'),
        startedUptimeMs: count,
      }),
    ),
  }),
  commands: fc.record({
    lastSeq: count,
    lastFreshSeq: count,
    nonces: fc.array(fc.record({ nonce: id, expiresAtMs: atMs }), { maxLength: 3 }),
    revokedAhead: fc.array(id, { maxLength: 50 }),
    grantsSettledUpToSeq: fc.nat(),
    rememberedSinceMs: fc.option(fc.nat()),
  }),
  settings: fc.record({
    revision: count,
    settings: fc.option(
      fc.record({
        unlockHoldMs: fc.integer({ min: 500, max: 30_000 }),
        heldOpenAfterMs: fc.integer({ min: 5_000, max: 3_600_000 }),
        language: fc.constantFrom(...languages),
        passcodeDigits: fc.constantFrom(...passcodeDigits),
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
      }),
    ),
  }),
})

const parts = fc.subarray(['time', 'lockout', 'visits', 'commands', 'settings'] as const)
const somePartsOf = ([state, chosen]: [
  PersistedState,
  (keyof PersistedState)[],
]): Partial<PersistedState> => Object.fromEntries(chosen.map((part) => [part, state[part]]))

const steps = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      rowCount: fc.nat(3),
      commit: fc.record({
        state: fc.oneof(states, fc.tuple(states, parts).map(somePartsOf), fc.constant({})),
        changes: fc.array(changes, { maxLength: 4 }),
        acknowledged: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'tidy' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
)

// ---------------------------------------------------------------- the model

interface Memory {
  readonly state: Partial<PersistedState>
  readonly grants: ReadonlyMap<string, { readonly grant: StoredGrant; readonly tag: string }>
  readonly visitors: ReadonlyMap<string, StoredVisitor>
  readonly rows: readonly LogRow[]
  readonly unsent: ReadonlySet<number>
}

const nothing: Memory = {
  state: {},
  grants: new Map(),
  visitors: new Map(),
  rows: [],
  unsent: new Set(),
}

/** A store in memory. */
function simpleStore(): Omit<Store, 'tidy' | 'prune' | 'close'> {
  let memory = nothing
  const allGrants = () => [...memory.grants.values()]
  const liveOf = (nowMs: number, which: WhichGrants = {}) =>
    allGrants()
      .map(({ grant }) => grant)
      .filter(({ closed, expiresAtMs }) => !closed && expiresAtMs > nowMs)
      .filter((grant) => isAmong(which, grant))
      .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
  const head = (): LogHead => {
    const last = memory.rows.at(-1)
    return last ? { seq: last.seq, hash: last.hash } : emptyLog
  }
  const unsent = () => memory.rows.filter(({ seq }) => memory.unsent.has(seq))

  return {
    load() {
      if (isWhole(memory.state)) return memory.state
      if (memory.rows.length > 0) throw new StoreFault('malformed-row', 'The state is lost.')
      return null
    },
    head,
    commit: (attempt) => {
      memory = after(memory, attempt)
    },
    grant: (grantId) => memory.grants.get(grantId)?.grant ?? null,
    grantByTag: (wanted) => {
      const same = allGrants().filter(({ tag }) => tag === String(wanted))
      const [best] = same.map(({ grant }) => grant).sort(byWorth)
      return best ?? null
    },
    liveGrants: (nowMs, which) => liveOf(nowMs, which),
    pinCounts: (nowMs) => {
      const pins = liveOf(nowMs).filter(({ standing }) => standing?.terms.kind === 'standing')
      return Object.fromEntries(
        [...new Set(pins.map(({ digits }) => digits))].map((digits) => [
          digits,
          pins.filter((pin) => pin.digits === digits).length,
        ]),
      )
    },
    visitor: (visitorId) => memory.visitors.get(visitorId) ?? null,
    unsent: (afterSeq, limit) =>
      unsent()
        .filter(({ seq }) => seq > afterSeq)
        .slice(0, limit),
    unsentCount: () => unsent().length,
  }
}

function isAmong(which: WhichGrants, { grantId, standing, expiresAtMs, visitorId }: StoredGrant) {
  if (which.range) return grantId >= which.range.fromId && grantId < which.range.beforeId
  return (
    (!which.kind || standing === null) &&
    (which.endsByMs === undefined || expiresAtMs <= which.endsByMs) &&
    (which.visitorId === undefined || visitorId === which.visitorId)
  )
}

const isWhole = (state: Partial<PersistedState>): state is PersistedState =>
  Object.keys(state).length === Object.keys(firstState).length

const byWorth = (a: StoredGrant, b: StoredGrant): number =>
  Number(a.closed !== null) - Number(b.closed !== null) ||
  b.expiresAtMs - a.expiresAtMs ||
  b.commandSeq - a.commandSeq

function after(memory: Memory, { state, changes, rows, acknowledged }: Commit): Memory {
  const grants = new Map(memory.grants)
  const visitors = new Map(memory.visitors)
  const whole = { ...memory.state, ...state }
  if (Object.keys(state).length > 0 && !isWhole(whole)) throw new StoreFault('incomplete-state', '')
  for (const change of changes) {
    if (change.kind === 'store-visitor') visitors.set(change.visitor.visitorId, change.visitor)
    else if (change.kind === 'store-grant') {
      const { grant, tag } = change
      if (grants.get(grant.grantId)?.grant.closed) throw new StoreFault('grant-closed', '')
      grants.set(grant.grantId, { grant, tag: String(tag) })
    } else if (change.kind === 'forget-grant') {
      grants.delete(change.grantId)
    } else if (change.kind === 'use-grant') {
      const { grantId, uses, expiresAtMs } = change
      const found = grants.get(grantId)
      if (!found?.grant.standing || found.grant.closed) throw new StoreFault('grant-not-open', '')
      const standing = { ...found.grant.standing, uses }
      grants.set(grantId, { ...found, grant: { ...found.grant, standing, expiresAtMs } })
    } else {
      const found = grants.get(change.grantId)
      const isOpen = found?.grant.closed === null
      if (change.as === 'used' && !isOpen) throw new StoreFault('grant-not-open', '')
      if (found && isOpen) {
        grants.set(change.grantId, { ...found, grant: { ...found.grant, closed: change.as } })
      }
    }
  }
  const unsent = new Set([...memory.unsent, ...rows.map(({ seq }) => seq)])
  for (const seq of acknowledged) unsent.delete(seq)
  return { state: whole, grants, visitors, rows: [...memory.rows, ...rows], unsent }
}
