/**
 * AWS list prices in US dollars for us-east-1, without free allowances, and what a month's usage
 * costs. Every price says where it was read; a price that could not be read is null, never guessed.
 */
import type { Usage } from './usage.ts'

export interface Price {
  readonly usd: number | null
  /** For how many of `unit`. */
  readonly per: number
  readonly unit: string
  readonly page: string
  readonly source: 'read there' | 'as quoted by others' | 'not readable'
}

/** When the prices were looked up. */
export const pricesOf = '2026-11-21'

const pricing = (page: string) => `https://aws.amazon.com/${page}/`

const fromAws = (usd: number, per: number, unit: string, page: string): Price => ({
  usd,
  per,
  unit,
  page: pricing(page),
  source: 'read there',
})
const quoted = (usd: number, per: number, unit: string, page: string): Price => ({
  ...fromAws(usd, per, unit, page),
  source: 'as quoted by others',
})
const unknown = (unit: string, page: string): Price => ({
  usd: null,
  per: 1,
  unit,
  page: pricing(page),
  source: 'not readable',
})

export const prices = {
  faceCalls: quoted(0.001, 1, 'image', 'rekognition/pricing'),
  streamAnalysis: unknown('minute of analysed video', 'rekognition/pricing'),
  videoIn: fromAws(0.0085, 1, 'GB', 'kinesis/video-streams/pricing'),
  videoOut: fromAws(0.0085, 1, 'GB', 'kinesis/video-streams/pricing'),
  /** Recordings and live view, as HLS or a clip. */
  videoPlayed: fromAws(0.0119, 1, 'GB', 'kinesis/video-streams/pricing'),
  videoStored: fromAws(0.023, 1, 'GB-month', 'kinesis/video-streams/pricing'),
  shardHours: quoted(0.015, 1, 'shard-hour', 'kinesis/data-streams/pricing'),
  tableWrites: quoted(0.625, 1e6, 'write unit', 'dynamodb/pricing/on-demand'),
  /** Each write to a visit is written to its index too. */
  indexWrites: quoted(0.625, 1e6, 'write unit', 'dynamodb/pricing/on-demand'),
  tableReads: quoted(0.125, 1e6, 'read unit', 'dynamodb/pricing/on-demand'),
  storedObjects: quoted(0.005, 1_000, 'PUT', 's3/pricing'),
  readObjects: quoted(0.0004, 1_000, 'GET', 's3/pricing'),
  queueCalls: quoted(0.4, 1e6, 'request', 'sqs/pricing'),
  runs: quoted(0.2, 1e6, 'run', 'lambda/pricing'),
  runTime: quoted(0.0000133334, 1, 'GB-second', 'lambda/pricing'),
  doorMinutes: quoted(0.08, 1e6, 'minute connected', 'iot-core/pricing'),
  doorMessages: quoted(1, 1e6, 'message', 'iot-core/pricing'),
  /** Counted once for the rule and once for its action. */
  rules: quoted(0.15, 1e6, 'rule or action', 'iot-core/pricing'),
  mails: quoted(0.1, 1_000, 'mail', 'ses/pricing'),
  /** Different for every country and carrier. */
  texts: unknown('text', 'end-user-messaging/pricing'),
  pages: quoted(1, 1e6, 'request', 'api-gateway/pricing'),
  secrets: quoted(0.4, 1, 'secret a month', 'secrets-manager/pricing'),
  alarms: quoted(0.1, 1, 'alarm a month', 'cloudwatch/pricing'),
} satisfies Record<string, Price>

/**
 * Of one text. Not read at AWS, whose price list needs a sign-in; in use they are less certain than
 * anything above, so no total contains them.
 */
export const textPrices = {
  'United States': 0.01,
  Germany: 0.1,
} as const satisfies Record<string, number>

export type Priced = keyof typeof prices

export interface BillItem {
  readonly what: Priced
  readonly amount: number
  readonly price: Price
  readonly usd: number | null
}

export interface Bill {
  readonly items: readonly BillItem[]
  /** Of the items with a price. */
  readonly usd: number
  readonly unknown: readonly BillItem[]
}

const isPriced = (name: string): name is Priced => name in prices

export function billOf(usage: Usage): Bill {
  const items = Object.entries(usage).flatMap(([what, amount]): BillItem[] => {
    if (!isPriced(what) || amount === 0) return []
    const price: Price = prices[what]
    const usd = price.usd === null ? null : (amount / price.per) * price.usd
    return [{ what, amount, price, usd }]
  })
  return {
    items,
    usd: items.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    unknown: items.filter(({ usd }) => usd === null),
  }
}
