/** What every delayed queue must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Grant } from '../../../cloud/passcodes/core/grant.ts'
import type { DelayedQueue } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import {
  type ClientSettings,
  clientSettings,
  type Reply,
  startScriptedService,
} from '../../support/network/scripted-service.ts'

type Queue = 'check-grant' | 'settle-visit'

export interface DelayedQueueBench {
  make(settings: ClientSettings, urlOf: (queue: Queue) => string): DelayedQueue
  /** What a function is given of a queue now. */
  receive(settings: ClientSettings, url: string): Promise<readonly string[]>
  readonly service: ServiceName
  readonly emptyAnswer: Reply
}

const door = { household: 'maple-street', doorId: 'maple-street_front' }
const visit = { ...door, visitId: '0'.repeat(31).concat('1') }
const grantRef = { ...door, grantId: '0'.repeat(31).concat('2'), tag: 'c3'.repeat(32) }

export function delayedQueueContract(name: string, bench: DelayedQueueBench): void {
  describe(`${name} delivers notes later`, () => {
    let standIn: AwsServer
    let nowMs = 0
    const queue = () => bench.make(clientSettings(standIn.url), (name) => standIn.queueUrl(name))
    const received = (queue: Queue) =>
      bench.receive(clientSettings(standIn.url), standIn.queueUrl(queue))

    beforeEach(async () => {
      nowMs = Date.now()
      const queues = { 'check-grant': {}, 'settle-visit': {} }
      standIn = await startAws({ queues, nowMs: () => nowMs })
    })
    afterEach(() => standIn.close())

    test('about a grant, when the door has had ten seconds', async () => {
      await queue().checkGrant(grantRef, 10_000)
      nowMs += 9_999
      expect(await received('check-grant')).toEqual([])
      nowMs += 1
      expect((await received('check-grant')).map((body) => JSON.parse(body))).toEqual([grantRef])
      expect(await received('settle-visit')).toEqual([])
    })

    test('about a visit, when it was asked to and not before', async () => {
      await queue().settleVisit(visit, 5_000)
      nowMs += 4_999
      expect(await received('settle-visit')).toEqual([])
      nowMs += 1
      expect((await received('settle-visit')).map((body) => JSON.parse(body))).toEqual([visit])
      expect(await received('check-grant')).toEqual([])
    })

    test('rather late than early, when it was asked for parts of a second', async () => {
      await queue().settleVisit(visit, 1_001)
      nowMs += 1_999
      expect(await received('settle-visit')).toEqual([])
      nowMs += 1
      expect(await received('settle-visit')).toHaveLength(1)
    })

    test('up to fifteen minutes later', async () => {
      await queue().settleVisit(visit, 15 * 60_000)
      nowMs += 15 * 60_000
      expect(await received('settle-visit')).toHaveLength(1)
    })

    test('about something to be sent, at once', async () => {
      const { household, doorId } = door
      const credential = { doorId, grantId: grantRef.grantId }
      const ids = { orderId: 'a', household, visitorId: 'b' }
      const order = { ...ids, way: 'sms' as const, credential }
      await queue().deliver({ ...order, credential: { ...credential, ...grantRef } })
      await queue().deliver({ ...order, credential: null })
      const bodies = (await received('check-grant')).map((body) => JSON.parse(body))
      expect(bodies).toContainEqual(order)
      expect(bodies).toContainEqual({ ...order, credential: null })
    })

    test('with nothing in them but what names the thing', async () => {
      const grant: Partial<Grant> = { visitorName: 'Robin Example', why: 'recognised' }
      await queue().checkGrant({ ...grant, ...grantRef }, 10_000)
      nowMs += 10_000
      expect((await received('check-grant')).map((body) => JSON.parse(body))).toEqual([grantRef])
    })

    test('even when the service is busy at first', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle', nth: 1 })
      await queue().settleVisit(visit, 0)
      expect(await received('settle-visit')).toHaveLength(1)
    })

    test('and does not believe a success that says nothing', async () => {
      const scripted = await startScriptedService()
      scripted.answer(bench.emptyAnswer)
      const asked = bench
        .make(clientSettings(scripted.url), (queue) => `${scripted.url}/000000000000/${queue}`)
        .checkGrant(grantRef, 10_000)
      await expect(asked).rejects.toThrow()
      await scripted.close()
    })
  })
}
