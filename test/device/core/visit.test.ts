import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  endVisit,
  noVisits,
  startVisit,
  type Visits,
  withStatus,
} from '../../../device/core/door/visit.ts'
import { type DoorBody, doorBodies } from '../../../protocol/messages/door.ts'

const idOf = (number: number): string => number.toString(16).padStart(32, '0')

describe('somebody', () => {
  test('opens a visit with the next number', () => {
    expect(startVisit(noVisits, 'motion', idOf(1), 500)).toEqual({
      visits: {
        lastNumber: 1,
        visit: { visitId: idOf(1), number: 1, status: 'here', startedUptimeMs: 500 },
      },
      record: [{ type: 'visit-started', visitId: idOf(1), visitNumber: 1, cause: 'motion' }],
    })
  })

  test('who is there already stays in the same visit, whatever else they do', () => {
    const { visits } = startVisit(noVisits, 'motion', idOf(1), 500)
    for (const cause of ['motion', 'bell', 'keypad'] as const) {
      const again = startVisit(visits, cause, idOf(2), 9_000)
      expect(again.visits).toBe(visits)
      expect(again.visits.visit?.visitId).toBe(idOf(1))
      expect(again.record).toEqual([])
    }
  })

  test('who leaves ends the visit', () => {
    const { visits } = startVisit(noVisits, 'bell', idOf(1), 500)
    expect(endVisit(visits, 4_500)).toEqual({
      visits: { lastNumber: 1, visit: null },
      record: [{ type: 'visit-ended', visitId: idOf(1), lastedMs: 4_000 }],
    })
  })

  test('who comes back is another visit', () => {
    const first = startVisit(noVisits, 'motion', idOf(1), 0)
    const gone = endVisit(first.visits, 1_000)
    expect(startVisit(gone.visits, 'motion', idOf(2), 2_000).visits.visit).toMatchObject({
      visitId: idOf(2),
      number: 2,
    })
  })
})

describe('nobody', () => {
  test('cannot leave', () => {
    expect(endVisit(noVisits, 1_000)).toEqual({ visits: noVisits, record: [] })
  })

  test('stays for less than no time', () => {
    const { visits } = startVisit(noVisits, 'motion', idOf(1), 5_000)
    expect(endVisit(visits, 4_000).record).toMatchObject([{ lastedMs: 0 }])
  })
})

describe('the number of a visit', () => {
  test('is at most 999, then starts again', () => {
    const { visits } = startVisit({ lastNumber: 998, visit: null }, 'motion', idOf(1), 0)
    expect(visits.visit?.number).toBe(999)
    expect(startVisit(endVisit(visits, 1).visits, 'motion', idOf(2), 2).visits.visit?.number).toBe(
      1,
    )
  })
})

describe('news about a visit', () => {
  const { visits } = startVisit(noVisits, 'motion', idOf(1), 0)

  test('changes what the screen shows', () => {
    expect(withStatus(visits, idOf(1), 'waiting-for-owner').visit?.status).toBe('waiting-for-owner')
  })

  test('that is over, or another, changes nothing', () => {
    expect(withStatus(visits, idOf(2), 'denied')).toBe(visits)
    const { visits: gone } = endVisit(visits, 1_000)
    expect(withStatus(gone, idOf(1), 'denied')).toBe(gone)
  })

  test('that is known already changes nothing, so that nothing has to be written', () => {
    const waiting = withStatus(visits, idOf(1), 'code-sent')
    expect(withStatus(waiting, idOf(1), 'code-sent')).toBe(waiting)
  })
})

// ---------------------------------------------------------------- whatever happens

type Step = { readonly kind: 'seen' | 'left' | 'news'; readonly afterMs: number }

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('seen' as const, 'seen' as const, 'left' as const, 'news' as const),
    afterMs: fc.nat({ max: 100_000 }),
  }),
  { minLength: 5, maxLength: 80, size: 'max' },
)

test('in any coming and going, visits begin and end by turns, and all that is said is sayable', () => {
  fc.assert(
    fc.property(anySteps, fc.nat({ max: 999 }), (steps, lastNumber) => {
      let visits: Visits = { lastNumber, visit: null }
      let uptimeMs = 0
      const record: DoorBody[] = []
      for (const [at, { kind, afterMs }] of steps.entries()) {
        uptimeMs += afterMs
        if (kind === 'news') visits = withStatus(visits, idOf(at), 'denied')
        else {
          const next =
            kind === 'seen'
              ? startVisit(visits, 'motion', idOf(at), uptimeMs)
              : endVisit(visits, uptimeMs)
          visits = next.visits
          record.push(...next.record)
        }
      }
      for (const [at, body] of record.entries()) {
        expect(body.type).toBe(at % 2 === 0 ? 'visit-started' : 'visit-ended')
        const { type, ...fields } = body
        expect(z.safeParse(z.strictObject(doorBodies[type]), fields).success).toBe(true)
      }
      const named = record.map((body) => ('visitId' in body ? body.visitId : null))
      for (let at = 1; at < named.length; at += 2) expect(named[at]).toBe(named[at - 1])
      expect(visits.visit !== null).toBe(record.length % 2 === 1)
    }),
  )
})
