import { describe, expect, test } from 'vitest'
import { billOf, prices } from '../../../cloud/infra/cost/prices.ts'
import { assumed, counted, usageOf } from '../../../cloud/infra/cost/usage.ts'
import { type Counted, countedVisits } from './counted-visits.ts'

/** The counts of the stand-ins under the names of the bill. */
function asCounted(calls: Counted) {
  const sum = (...names: string[]) => names.reduce((all, name) => all + (calls[name] ?? 0), 0)
  const faces = ['DetectFaces', 'SearchFacesByImage', 'CompareFaces', 'IndexFaces']
  return {
    faceCalls: sum(...faces.map((name) => `rekognition:${name}`)),
    storedObjects: sum('s3:PutObject'),
    readObjects: sum('s3:GetObject'),
    queueCalls: sum('sqs:SendMessage'),
    texts: sum('sns:Publish'),
    mails: sum('ses:SendEmail'),
    toDoor: sum('iotdata:Publish'),
  }
}

type Expected = (typeof counted)[keyof typeof counted]

function expectCounted(calls: Counted, { reads, writes, transactions, ...exactly }: Expected) {
  expect(asCounted(calls)).toEqual({ mails: 0, ...exactly })
  const { reads: read = 0, writes: written = 0, transactions: together = 0 } = calls
  expect(read).toBeLessThanOrEqual(reads)
  expect(written - together).toBeLessThanOrEqual(writes)
  expect(together).toBeLessThanOrEqual(transactions)
}

describe('the cost of a door', () => {
  test('is computed from the calls that visits make to AWS', async () => {
    const { stranger, known } = await countedVisits()
    expectCounted(stranger, counted.stranger)
    expectCounted(known, counted.known)
  })

  test('is proportional to visits, except for fixed costs', () => {
    const [ten, hundred] = [usageOf('snapshots', 10), usageOf('snapshots', 100)]
    expect(hundred.faceCalls).toBeCloseTo((ten.faceCalls ?? 0) * 10)
    expect(hundred.secrets).toBe(ten.secrets)
    expect(hundred.doorMinutes).toBe(ten.doorMinutes)
  })

  test('has an item for everything that is used', () => {
    const { items } = billOf(usageOf('stream-processor', 10))
    expect(items.map(({ what }) => what).sort()).toEqual(
      Object.keys(usageOf('stream-processor', 10)).sort(),
    )
    const faces = items.find(({ what }) => what === 'faceCalls')
    expect(faces?.usd).toBeCloseTo((faces?.amount ?? 0) * 0.001)
    const texted = 1 - assumed.residentShare
    expect(items.find(({ what }) => what === 'texts')?.amount).toBe(assumed.days * 10 * texted)
  })

  test('leaves unknown prices out of the sum and lists them', () => {
    const { usd, unknown } = billOf({ texts: 1_000_000, mails: 1_000 })
    expect(usd).toBeCloseTo(0.1)
    expect(unknown.map(({ what }) => what)).toEqual(['texts'])
    for (const price of Object.values(prices)) {
      expect(price.usd === null).toBe(price.source === 'not readable')
    }
  })
})
