import { describe, expect, test } from 'vitest'
import { billOf } from '../../../cloud/infra/cost/bill.ts'
import { prices } from '../../../cloud/infra/cost/prices.ts'
import { assumed, counted, usageOf } from '../../../cloud/infra/cost/usage.ts'
import { type Counted, countedVisits } from './counted-visits.ts'

/** What the stand-ins counted, in the words of the bill. */
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

type Reckoned = (typeof counted)[keyof typeof counted]

function expectCounted(calls: Counted, { reads, writes, transactions, ...exactly }: Reckoned) {
  expect(asCounted(calls)).toEqual({ mails: 0, ...exactly })
  const { reads: read = 0, writes: written = 0, transactions: together = 0 } = calls
  expect(read).toBeLessThanOrEqual(reads)
  expect(written - together).toBeLessThanOrEqual(writes)
  expect(together).toBeLessThanOrEqual(transactions)
}

describe('the cost of a door', () => {
  test('is reckoned with what visits really ask of AWS', async () => {
    const { stranger, known } = await countedVisits()
    expectCounted(stranger, counted.stranger)
    expectCounted(known, counted.known)
  })

  test('is in proportion to visits, but for what is there anyway', () => {
    const [ten, hundred] = [usageOf('snapshots', 10), usageOf('snapshots', 100)]
    expect(hundred.faceCalls).toBeCloseTo((ten.faceCalls ?? 0) * 10)
    expect(hundred.secrets).toBe(ten.secrets)
    expect(hundred.doorMinutes).toBe(ten.doorMinutes)
  })

  test('has a line for everything that is used', () => {
    const { lines } = billOf(usageOf('stream-processor', 10))
    expect(lines.map(({ what }) => what).sort()).toEqual(
      Object.keys(usageOf('stream-processor', 10)).sort(),
    )
    const faces = lines.find(({ what }) => what === 'faceCalls')
    expect(faces?.usd).toBeCloseTo((faces?.amount ?? 0) * prices.faceCalls.usd)
    expect(assumed.days * 10).toBe(lines.find(({ what }) => what === 'texts')?.amount)
  })

  test('says of a price that nobody knows that it is not in the sum', () => {
    const { usd, unknown } = billOf({ texts: 1_000_000, mails: 1_000 })
    expect(usd).toBeCloseTo(0.1)
    expect(unknown.map(({ what }) => what)).toEqual(['texts'])
    for (const price of Object.values(prices)) {
      expect(price.usd === null).toBe(price.readIn === 'none')
    }
  })
})
