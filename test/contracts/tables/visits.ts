/** What every keeper of visits must do, whatever it is made of. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreFault, type VisitFacts, type Visits } from '../../../cloud/ports.ts'
import type { NewEntry } from '../../../cloud/visits/core/timeline.ts'
import { mostScans, type Visit } from '../../../cloud/visits/core/visit.ts'
import {
  credentials,
  fits,
  outcomes,
  unknownPerson,
  type VisitFilter,
} from '../../../cloud/visits/core/who-came.ts'
import { isProof } from '../../support/effort.ts'
import {
  hourMs,
  newDoor,
  newHousehold,
  newId,
  newVisit,
  nowMs,
  picture,
  times,
} from './examples.ts'

export interface VisitsBench {
  readonly visits: Visits
  end(): Promise<void>
}

const timelineEntry = (why: string, atMs = nowMs): NewEntry => ({
  ...{ atMs, what: 'unlocked', why, visitorId: null },
})
const strangerOf = (number: number, snapshot: string) => ({
  number,
  face: picture(snapshot),
  snapshot,
  resembles: null,
})

export function visitsContract(name: string, make: () => Promise<VisitsBench>): void {
  describe(`visits in ${name}`, () => {
    let bench: VisitsBench
    let visits: Visits
    beforeAll(async () => {
      bench = await make()
      visits = bench.visits
    })
    afterAll(() => bench.end())

    test('adds a scan for one of many callers, and no more than a visit may have', async () => {
      const visit = newVisit()
      const answers = await Promise.all(times(20, () => visits.addScan(visit, 'scan-7')))
      expect(answers.toSorted()).toEqual(['added', ...times(19, () => 'taken')])
      const more = ['scan-8', 'scan-9', 'scan-10', 'scan-11']
      const added = await Promise.all(more.map((subject) => visits.addScan(visit, subject)))
      expect(added.filter((answer) => answer === 'added')).toHaveLength(mostScans - 1)
      expect(added.filter((answer) => answer === 'full')).toHaveLength(5 - mostScans)
      expect((await visits.find(visit))?.scans).toHaveLength(mostScans)
    })

    test('has no visit before its first update', async () => {
      expect(await visits.find(newVisit())).toBeNull()
    })

    test('opens a visit with whatever news comes first', async () => {
      const visit = newVisit()
      const { seenAtMs, ...facts } = visit
      const opened = {
        ...facts,
        ...{ startedAtMs: seenAtMs, endedAtMs: null, strangers: [], grants: {}, timeline: [] },
        ...{ corrections: {}, kept: null, scans: [] },
      }
      const visitorId = newId()
      expect(await visits.addMatch(visit, visitorId, 'one')).toEqual({
        ...opened,
        matches: { [visitorId]: ['one'] },
      })
      const news: ((visit: VisitFacts) => Promise<unknown>)[] = [
        (other) => visits.addStranger(other, strangerOf(1, 'one')),
        (other) => visits.addTimelineEntry(other, 'a', timelineEntry('asked')),
        (other) => visits.addScan(other, 'scan-1'),
        (other) => visits.end(other, 1_000),
      ]
      for (const update of news) {
        const other = newVisit()
        await update(other)
        expect(await visits.find(other)).toMatchObject({ startedAtMs: seenAtMs, number: 7 })
      }
    })

    test('adds nothing when the same is said again, in any order or at once', async () => {
      const visit = newVisit()
      const visitorId = newId()
      await Promise.all(
        times(20, (nth) => visits.addMatch(visit, visitorId, nth % 2 ? 'one' : 'two')),
      )
      const { matches } = await visits.addMatch(visit, visitorId, 'one')
      expect(matches).toEqual({ [visitorId]: ['one', 'two'] })
    })

    test('adds the number later, and does not change the start', async () => {
      const visit = newVisit(newDoor(), { number: null })
      await visits.addMatch(visit, newId(), 'one')
      expect(await visits.find(visit)).toMatchObject({ number: null })
      const later = { ...visit, number: 12, seenAtMs: nowMs + 900 }
      expect(await visits.addMatch(later, newId(), 'two')).toMatchObject({
        number: 12,
        startedAtMs: nowMs,
      })
    })

    test('gives a number to one stranger, and returns that one to the others', async () => {
      const visit = newVisit()
      const answers = await Promise.all(
        times(20, (nth) => visits.addStranger(visit, strangerOf(1, `snapshot-${nth}`))),
      )
      expect(answers.filter(({ added }) => added)).toHaveLength(1)
      const winner = answers.find(({ added }) => added)?.visit.strangers
      expect(winner).toHaveLength(1)
      for (const answer of answers) expect(answer.visit.strangers).toEqual(winner)
    })

    test('separates strangers by their numbers', async () => {
      const visit = newVisit()
      for (const number of [2, 10, 1]) {
        await visits.addStranger(visit, strangerOf(number, `snapshot-${number}`))
      }
      const { strangers } = await visits.addStrangerSnapshot(visit, 2, 'snapshot-3', null)
      expect(strangers).toEqual([
        { number: 1, face: picture('snapshot-1'), snapshots: ['snapshot-1'], resembles: null },
        {
          number: 2,
          face: picture('snapshot-2'),
          snapshots: ['snapshot-2', 'snapshot-3'],
          resembles: null,
        },
        { number: 10, face: picture('snapshot-10'), snapshots: ['snapshot-10'], resembles: null },
      ])
    })

    test('stores the first resemblance', async () => {
      const visit = newVisit()
      const [first, second] = [newId(), newId()].map((visitorId) => ({
        visitorId,
        similarity: 91.5,
      }))
      await visits.addStranger(visit, strangerOf(1, 'one'))
      for (const resembles of [first ?? null, second ?? null, null]) {
        const { strangers } = await visits.addStrangerSnapshot(visit, 1, 'two', resembles)
        expect(strangers[0]?.resembles).toEqual(first)
      }
      const { visit: other } = await visits.addStranger(visit, {
        ...strangerOf(2, 'three'),
        resembles: second ?? null,
      })
      expect(other.strangers[1]?.resembles).toEqual(second)
    })

    test('has each timeline entry once, oldest first', async () => {
      const visit = newVisit()
      await visits.addTimelineEntry(visit, 'b', timelineEntry('later', nowMs + 2))
      await visits.addTimelineEntry(visit, 'a', timelineEntry('earlier', nowMs + 1))
      await visits.addTimelineEntry(visit, 'a', timelineEntry('again', nowMs + 3))
      expect((await visits.find(visit))?.timeline.map(({ why }) => why)).toEqual([
        'earlier',
        'later',
      ])
    })

    test('remembers when each visitor was seen last', async () => {
      const [household, other] = [newHousehold(), newHousehold()]
      await visits.markSeen(household, 'anna', nowMs + 2)
      await visits.markSeen(household, 'anna', nowMs + 1)
      await visits.markSeen(household, 'ben', nowMs)
      await visits.forgetSeen(household, 'ben')
      await visits.forgetSeen(household, 'never')
      expect(await visits.lastSeen(household)).toEqual(new Map([['anna', nowMs + 2]]))
      expect(await visits.lastSeen(other)).toEqual(new Map())
    })

    test('ends once', async () => {
      const visit = newVisit()
      await visits.end(visit, 5_000)
      await visits.end(visit, 9_000)
      expect(await visits.find(visit)).toMatchObject({
        startedAtMs: nowMs,
        endedAtMs: nowMs + 5_000,
      })
    })

    test('separates the same visit id of two doors and households', async () => {
      const visit = newVisit()
      const twins = [newVisit(newDoor(), { visitId: visit.visitId })]
      twins.push({ ...visit, doorId: `${visit.household}_back` })
      await visits.addMatch(visit, newId(), 'one')
      for (const twin of twins) {
        expect(await visits.find(twin)).toBeNull()
        const { matches } = await visits.addMatch(twin, 'x', 'two')
        expect(matches).toEqual({ x: ['two'] })
      }
    })

    test('refuses a door that is named together with another household', async () => {
      const visit = newVisit()
      const crossed = { ...visit, household: newHousehold() }
      const fault = expect.objectContaining({ name: 'StoreFault', code: 'other-household' })
      await expect(visits.find(crossed)).rejects.toEqual(fault)
      await expect(visits.addMatch(crossed, newId(), 'one')).rejects.toBeInstanceOf(StoreFault)
    })

    describe('shows the history of a household', () => {
      const [household, other] = [newHousehold(), newHousehold()]
      const starts = times(5, (nth) => nowMs + nth * hourMs)
      beforeAll(async () => {
        for (const [nth, seenAtMs] of starts.entries()) {
          const door = { household, doorId: `${household}_${nth % 2 ? 'front' : 'back'}` }
          await visits.addTimelineEntry(newVisit(door, { seenAtMs }), 'a', timelineEntry('asked'))
        }
        await visits.addTimelineEntry(newVisit(newDoor(other)), 'a', timelineEntry('asked'))
      })
      const startsOf = (page: Awaited<ReturnType<Visits['history']>>) =>
        page.visits.map(({ startedAtMs }) => startedAtMs)

      test('newest first, page by page, of all its doors and of no other', async () => {
        const seen: number[] = []
        let after: string | null = null
        for (let page = 0; page < 4; page += 1) {
          const query = { household, limit: 2, ...(after !== null && { after }) }
          const answer: Awaited<ReturnType<Visits['history']>> = await visits.history(query)
          seen.push(...startsOf(answer))
          after = answer.next
          if (after === null) break
        }
        expect(after).toBeNull()
        expect(seen).toEqual(starts.toReversed())
      })

      test('between two moments, both included', async () => {
        const [, fromMs = 0, , toMs = 0] = starts
        const page = await visits.history({ household, fromMs, toMs, limit: 10 })
        expect(startsOf(page)).toEqual(starts.slice(1, 4).toReversed())
      })

      test('goes on nowhere but in the household that asks', async () => {
        const { next } = await visits.history({ household, limit: 1 })
        const code = expect.objectContaining({ code: 'other-household' })
        const crossing = visits.history({ household: other, limit: 1, after: next ?? '' })
        await expect(crossing).rejects.toEqual(code)
        for (const after of ['', 'x', `${nowMs}.${household}_front`, '1.2.3']) {
          await expect(visits.history({ household, limit: 1, after })).rejects.toEqual(
            expect.objectContaining({ code: 'malformed-query' }),
          )
        }
      })
    })

    describe('finds the visits of a household', () => {
      const household = newHousehold()
      const doors = ['front', 'back'].map((name) => ({ household, doorId: `${household}_${name}` }))
      const people = times(3, newId)
      const refs: VisitFacts[] = []
      const all: Visit[] = []
      beforeAll(async () => {
        for (const nth of Array(24).keys()) {
          // Two begin at once, and so do the last four.
          const seenAtMs = nowMs + Math.floor(Math.min(nth, 20) / 2) * hourMs
          const ref = newVisit(doors[nth % 2], { seenAtMs })
          refs.push(ref)
          await happenIn(ref, nth)
          const visit = await visits.index(ref)
          if (visit) all.push(visit)
        }
      })

      async function happenIn(ref: VisitFacts, nth: number): Promise<void> {
        const visitorId = people[nth % 4]
        if (visitorId !== undefined) await visits.addMatch(ref, visitorId, 'one')
        else await visits.addStranger(ref, strangerOf(1, 'one'))
        await visits.end(ref, 1_000)
        const at = { atMs: nowMs, visitorId: null }
        const what = nth % 5
        const why = 'the owner did not answer in time'
        if (what >= 3) await visits.addTimelineEntry(ref, 'n', { ...at, what: 'no-answer', why })
        if (what === 2) await visits.addTimelineEntry(ref, 'u', timelineEntry('member x'))
        if (what < 2 || what === 4) {
          const entered = { ...at, what: 'code-accepted', why: 'the owner allowed it' } as const
          await visits.addTimelineEntry(ref, 'e', entered)
        }
      }

      async function found(filter: VisitFilter, limit: number): Promise<readonly Visit[]> {
        const seen: Visit[] = []
        for (let after: string | undefined; ; ) {
          const page = await visits.history({ household, ...filter, limit, after })
          seen.push(...page.visits)
          if (page.next === null) return seen
          expect(page.visits).toHaveLength(limit)
          after = page.next
        }
      }

      const idsOf = (some: readonly Visit[]) => some.map(({ visitId }) => visitId).sort()
      const filters: readonly VisitFilter[] = [
        undefined,
        ...doors.map(({ doorId }) => doorId),
      ].flatMap((doorId) =>
        [undefined, ...outcomes].flatMap((outcome) =>
          [undefined, ...credentials].flatMap((credential) =>
            [undefined, people.slice(0, 1), [unknownPerson], people.slice(1), []].map((people) => ({
              ...{ doorId, outcome, credential, people },
            })),
          ),
        ),
      )

      test('by every combination of filters, all and no others, newest first', async () => {
        // 225 of them.
        for (const filter of filters.filter((_, nth) => isProof || nth % 16 === 0)) {
          const some = await found(filter, 5)
          const expected = all.filter((visit) => fits(visit, filter))
          expect([filter, idsOf(some)]).toEqual([filter, idsOf(expected)])
          const starts = some.map(({ startedAtMs }) => startedAtMs)
          expect(starts).toEqual(starts.toSorted((a, b) => b - a))
        }
      })

      test('in pages of any size, also of those that began at once', async () => {
        for (const limit of isProof ? [1, 2, 3, 7] : [3]) {
          const some = await found({ people: [...people, unknownPerson] }, limit)
          expect([limit, idsOf(some)]).toEqual([limit, idsOf(all)])
        }
      })

      test('between two moments', async () => {
        const [fromMs, toMs] = [nowMs + 2 * hourMs, nowMs + 5 * hourMs]
        const page = await visits.history({
          household,
          outcome: 'came-in',
          fromMs,
          toMs,
          limit: 50,
        })
        const isWithin = ({ startedAtMs }: Visit) => startedAtMs >= fromMs && startedAtMs <= toMs
        const expected = all.filter(isWithin).filter((visit) => fits(visit, { outcome: 'came-in' }))
        expect(idsOf(page.visits)).toEqual(idsOf(expected))
        expect(expected.length).toBeGreaterThan(0)
      })

      test('after a correction, by who it was', async () => {
        const [ref, [wrong, right]] = [newVisit(newDoor()), [newId(), newId()]]
        await visits.addMatch(ref, wrong ?? '', 'one')
        await visits.index(ref)
        const by = 'owner@example.test'
        const whose = async (id = '') =>
          (await visits.history({ household: ref.household, people: [id], limit: 9 })).visits
        expect(await whose(wrong)).toHaveLength(1)
        await visits.correct(ref, wrong ?? '', { visitorId: right ?? '', by, atMs: nowMs })
        expect(await whose(wrong)).toEqual([])
        expect(await whose(right)).toHaveLength(1)
        await visits.correct(ref, wrong ?? '', { visitorId: null, by, atMs: nowMs })
        expect(await whose(right)).toEqual([])
        expect(await visits.correct(newVisit(), 'x', { visitorId: null, by, atMs: 1 })).toBeNull()
      })

      test('but not after they were deleted, whatever is reported later', async () => {
        const ref = newVisit(newDoor())
        const { household } = ref
        await visits.addTimelineEntry(ref, 'a', timelineEntry('member x'))
        await visits.remove(ref, nowMs)
        await visits.end(ref, 1_000)
        await visits.addTimelineEntry(ref, 'b', timelineEntry('member x'))
        const removed = expect.objectContaining({ code: 'removed' })
        await expect(visits.addMatch(ref, newId(), 'one')).rejects.toEqual(removed)
        expect(await visits.find(ref)).toBeNull()
        expect(await visits.keep(ref, { by: 'x', atMs: nowMs })).toBeNull()
        for (const filter of [{}, { outcome: 'came-in' } as const, { doorId: ref.doorId }]) {
          const page = await visits.history({ household, ...filter, limit: 9 })
          expect(page).toEqual({ visits: [], next: null })
        }
      })
    })
  })
}
