/** What every store of approval requests must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type ApprovalRequest,
  type DecisionRefusal,
  wrongNumbersAllowed,
} from '../../../cloud/approvals/core/approval-request.ts'
import type { ApprovalRequests, DecisionToRecord, Visitors } from '../../../cloud/ports.ts'
import {
  minuteMs,
  newDoor,
  newHousehold,
  newRequest,
  newVisitor,
  nowMs,
  sha256Of,
  tally,
  times,
} from './examples.ts'

export interface RequestsBench {
  readonly requests: ApprovalRequests
  /** Where those who are let in come to lie. */
  readonly visitors: Visitors
  end(): Promise<void>
}

const leaseMs = 20_000
const untilMs = nowMs + leaseMs

/** What the owner's page sends when everything is right. */
function answerTo(
  request: ApprovalRequest,
  changes: Partial<DecisionToRecord> = {},
): DecisionToRecord {
  const { household, doorId, visitId, subject } = request
  return {
    request: { household, doorId, visitId, subject },
    proof: { tokenSha256: request.tokenSha256, visitNumber: request.visitNumber },
    faceSha256: request.face?.sha256 ?? null,
    decision: { outcome: 'allowed', by: 'the link', atMs: nowMs + minuteMs },
    visitor: null,
    ...changes,
  }
}

const numbered = (request: ApprovalRequest, visitNumber: number | null) =>
  answerTo(request, { proof: { tokenSha256: request.tokenSha256, visitNumber } })

const wrongNumber = (triesLeft: number) => ({ ...refused('wrong-number'), triesLeft })

const refused = (reason: DecisionRefusal) => ({
  outcome: 'refused',
  reason,
})

export function approvalRequestsContract(name: string, make: () => Promise<RequestsBench>): void {
  describe(`approval requests in ${name}`, () => {
    let bench: RequestsBench
    let requests: ApprovalRequests
    beforeAll(async () => {
      bench = await make()
      requests = bench.requests
    })
    afterAll(() => bench.end())

    async function opened(changes: Partial<ApprovalRequest> = {}): Promise<ApprovalRequest> {
      const request = newRequest(newDoor(), changes)
      expect(await requests.open(request, untilMs)).toBe('mine')
      return request
    }

    describe('of a visitor who rang with their phone', () => {
      const scan = { name: 'Robin Vale', language: 'de', secretSha256: sha256Of('b') } as const

      test('has the name until it is deleted, and then all the rest', async () => {
        const request = await opened({ why: 'scanned', scan })
        expect(await requests.find(request)).toEqual(request)
        await requests.forgetName(request)
        expect(await requests.find(request)).toEqual({ ...request, scan: { ...scan, name: '' } })
        const other = await opened()
        await requests.forgetName(other)
        expect(await requests.find(other)).toEqual(other)
      })

      test('is decided without a picture only where it has none', async () => {
        const request = await opened({ face: null, scan })
        expect(await requests.find(request)).toEqual(request)
        const withFace = answerTo(request, { faceSha256: sha256Of('e') })
        expect(await requests.recordDecision(withFace)).toEqual(refused('other-photo'))
        const seen = await opened({ scan })
        const without = answerTo(seen, { faceSha256: null })
        expect(await requests.recordDecision(without)).toEqual(refused('other-photo'))
        expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
      })
    })

    describe('opening', () => {
      test('is for one of many callers, and stores the request', async () => {
        const request = newRequest()
        expect(await requests.find(request)).toBeNull()
        const answers = await Promise.all(times(30, () => requests.open(request, untilMs)))
        expect(answers.filter((answer) => answer === 'mine')).toHaveLength(1)
        expect(await requests.find(request)).toEqual(request)
      })

      test('is for another once the lease is over, whose secret is then the right one', async () => {
        const request = await opened()
        const later = (askedAtMs: number) => ({
          ...request,
          askedAtMs,
          tokenSha256: sha256Of('c'),
        })
        expect(await requests.open(later(untilMs - 1), untilMs + leaseMs)).toBe('taken')
        expect(await requests.open(later(untilMs), untilMs + leaseMs)).toBe('mine')
        expect(await requests.recordDecision(answerTo(request))).toEqual(refused('wrong-token'))
        expect(await requests.recordDecision(answerTo(later(untilMs)))).toEqual({
          outcome: 'decided',
        })
      })

      test('is for no caller once it was mailed', async () => {
        const request = await opened()
        await requests.markMailed(request, nowMs + 1)
        const muchLater = { ...request, askedAtMs: nowMs + 10 * leaseMs }
        expect(await requests.open(muchLater, nowMs + 11 * leaseMs)).toBe('taken')
        expect(await requests.find(request)).toEqual(request)
      })

      test('is for no caller once it was decided, mailed or not', async () => {
        const request = await opened()
        await requests.recordDecision(answerTo(request, { proof: null }))
        const later = { ...request, askedAtMs: untilMs }
        expect(await requests.open(later, untilMs + leaseMs)).toBe('taken')
        expect((await requests.find(request))?.decision?.outcome).toBe('allowed')
      })

      test('asks about two strangers of one visit separately', async () => {
        const one = await opened()
        const two = { ...one, subject: 'stranger-2' }
        expect(await requests.open(two, untilMs)).toBe('mine')
        await requests.recordDecision(answerTo(one))
        expect((await requests.find(two))?.decision).toBeNull()
      })
    })

    test('a decision is undone once, and only while it is the decision', async () => {
      const request = await opened()
      const asked = answerTo(request, { proof: null })
      await requests.recordDecision(asked)
      expect(await requests.undo(request, { ...asked.decision, atMs: 1 })).toBe(false)
      expect(await requests.undo(request, asked.decision)).toBe(true)
      expect(await requests.undo(request, asked.decision)).toBe(false)
      expect(await requests.find(request)).toEqual({ ...request, undone: 1 })
    })

    describe('deciding', () => {
      test('is for one of fifty at once, and only that one puts their visitor on file', async () => {
        const request = await opened()
        const { household } = request
        const asked = times(50, (nth) =>
          answerTo(request, {
            decision: {
              outcome: nth % 2 ? 'allowed' : 'denied',
              by: `owner ${nth}`,
              atMs: nowMs + nth,
            },
            visitor: nth % 2 ? newVisitor(household) : null,
          }),
        )
        const answers = await Promise.all(asked.map((one) => requests.recordDecision(one)))
        const winner = asked[answers.findIndex(({ outcome }) => outcome === 'decided')]
        const decision = winner?.decision
        expect(answers.filter(({ outcome }) => outcome === 'decided')).toHaveLength(1)
        expect(answers.filter(({ outcome }) => outcome !== 'decided')).toEqual(
          times(49, () => ({ outcome: 'already', decision })),
        )
        expect((await requests.find(request))?.decision).toEqual(decision)
        const onFile = await bench.visitors.list(household)
        expect(onFile.map(({ visitorId }) => visitorId)).toEqual(
          winner?.visitor ? [winner.visitor.visitorId] : [],
        )
      })

      test('puts the visitor on file as they were given', async () => {
        const request = await opened()
        const visitor = newVisitor(request.household)
        await requests.recordDecision(answerTo(request, { visitor }))
        expect(await bench.visitors.find(request.household, visitor.visitorId)).toEqual({
          ...visitor,
          revision: 1,
        })
      })

      test.each<
        [string, (request: ApprovalRequest) => DecisionToRecord, ReturnType<typeof refused>]
      >([
        [
          'that does not exist',
          (request) => answerTo({ ...request, subject: 'stranger-9' }),
          refused('unknown'),
        ],
        [
          'with another secret',
          (request) => answerTo({ ...request, tokenSha256: sha256Of('0') }),
          refused('wrong-token'),
        ],
        [
          'with another secret and another number, which says nothing of the number',
          (request) => answerTo({ ...request, tokenSha256: sha256Of('0'), visitNumber: 8 }),
          refused('wrong-token'),
        ],
        [
          'with another number',
          (request) => numbered(request, 8),
          wrongNumber(wrongNumbersAllowed - 1),
        ],
        ['without a number', (request) => numbered(request, null), refused('wrong-number')],
        [
          'about another photo',
          (request) => answerTo(request, { faceSha256: sha256Of('0') }),
          refused('other-photo'),
        ],
        [
          'about another photo by a signed-in owner',
          (request) => answerTo(request, { faceSha256: sha256Of('0'), proof: null }),
          refused('other-photo'),
        ],
        [
          'at its expiry',
          (request) => answerTo(request, { decision: at(request.expiresAtMs) }),
          refused('expired'),
        ],
        [
          'too late, by a signed-in owner',
          (request) => answerTo(request, { decision: at(request.expiresAtMs), proof: null }),
          refused('expired'),
        ],
      ])('refuses an answer %s', async (_, ask, reason) => {
        const request = await opened()
        const visitor = newVisitor(request.household)
        expect(await requests.recordDecision({ ...ask(request), visitor })).toEqual(reason)
        expect((await requests.find(request))?.decision).toBeNull()
        expect(await bench.visitors.list(request.household)).toEqual([])
        expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
      })

      const at = (atMs: number) => ({ outcome: 'allowed' as const, by: 'the link', atMs })

      test('counts up to its expiry', async () => {
        const request = await opened()
        const decision = at(request.expiresAtMs - 1)
        expect(await requests.recordDecision(answerTo(request, { decision }))).toEqual({
          outcome: 'decided',
        })
      })

      test('takes a signed-in owner without secret and number', async () => {
        const request = await opened()
        const answer = await requests.recordDecision(answerTo(request, { proof: null }))
        expect(answer).toEqual({ outcome: 'decided' })
      })

      test('tells the decision only to a caller with the secret', async () => {
        const request = await opened()
        const { decision } = answerTo(request)
        await requests.recordDecision(answerTo(request))
        const muchLater = at(request.expiresAtMs + 1)
        for (const again of [
          answerTo(request),
          answerTo(request, { decision: muchLater }),
          numbered(request, 8),
          answerTo(request, { proof: null }),
        ]) {
          expect(await requests.recordDecision(again)).toEqual({ outcome: 'already', decision })
        }
        const stranger = answerTo({ ...request, tokenSha256: sha256Of('0') })
        expect(await requests.recordDecision(stranger)).toEqual(refused('wrong-token'))
      })

      test('is not for another household, or another door, with the same ids', async () => {
        const request = await opened()
        for (const door of [newDoor(), { ...request, doorId: `${request.household}_back` }]) {
          const twin = { ...request, household: door.household, doorId: door.doorId }
          expect(await requests.find(twin)).toBeNull()
          expect(await requests.recordDecision(answerTo(twin))).toEqual(refused('unknown'))
        }
        const crossed = { ...request, household: newHousehold() }
        const code = expect.objectContaining({ code: 'other-household' })
        await expect(requests.recordDecision(answerTo(crossed))).rejects.toEqual(code)
      })
    })

    describe('wrong numbers', () => {
      test('may be typed so often, and the right one after that', async () => {
        const request = await opened()
        for (const number of times(wrongNumbersAllowed - 1, (nth) => 100 + nth)) {
          expect(await requests.recordDecision(numbered(request, number))).toEqual(
            wrongNumber(wrongNumbersAllowed - 1 - (number - 100)),
          )
        }
        expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
      })

      test('typed once more make the link worth nothing, but not the owner’s own word', async () => {
        const request = await opened()
        for (const number of times(wrongNumbersAllowed, (nth) => 100 + nth)) {
          expect(await requests.recordDecision(numbered(request, number))).toEqual(
            wrongNumber(wrongNumbersAllowed - 1 - (number - 100)),
          )
        }
        expect(await requests.recordDecision(numbered(request, 100))).toEqual(refused('expired'))
        expect(await requests.recordDecision(answerTo(request))).toEqual(refused('expired'))
        const signedIn = answerTo(request, { proof: null })
        expect(await requests.recordDecision(signedIn)).toEqual({ outcome: 'decided' })
      })

      test('are one guess when it is the same number each time, as from a program', async () => {
        const request = await opened()
        for (const number of times(4 * wrongNumbersAllowed, () => 1)) {
          expect(await requests.recordDecision(numbered(request, number))).toEqual(
            wrongNumber(wrongNumbersAllowed - 1),
          )
        }
        expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
      })

      test('let the request be asked again, and no earlier', async () => {
        const request = await opened()
        const again = { ...request, tokenSha256: sha256Of('e') }
        expect(await requests.reopen(again, untilMs)).toBe('taken')
        for (const number of times(wrongNumbersAllowed, (nth) => 100 + nth)) {
          await requests.recordDecision(numbered(request, number))
        }
        expect((await requests.find(request))?.wrongNumbers).toBe(wrongNumbersAllowed)
        const both = [requests.reopen(again, untilMs), requests.reopen(again, untilMs)]
        expect((await Promise.all(both)).toSorted()).toEqual(['mine', 'taken'])
        expect(await requests.find(request)).toEqual(again)
      })

      test('are counted one by one however many come at once', async () => {
        const request = await opened()
        const guesses = times(60, (nth) => requests.recordDecision(numbered(request, 100 + nth)))
        const reasons = (await Promise.all(guesses)).map((answer) =>
          answer.outcome === 'refused' ? answer.reason : answer.outcome,
        )
        expect(reasons.filter((reason) => reason === 'wrong-number')).toHaveLength(
          wrongNumbersAllowed,
        )
        expect(reasons.filter((reason) => reason === 'expired')).toHaveLength(
          60 - wrongNumbersAllowed,
        )
      })

      test('without the secret do not count', async () => {
        const request = await opened()
        const stranger = { ...request, tokenSha256: sha256Of('0'), visitNumber: 8 }
        expect(await tally(times(20, () => requests.recordDecision(answerTo(stranger))))).toEqual({
          refused: 20,
        })
        expect(await requests.recordDecision(answerTo(request))).toEqual({ outcome: 'decided' })
      })
    })
  })
}
