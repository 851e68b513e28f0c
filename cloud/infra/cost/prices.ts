/**
 * What AWS asks for, in US dollars, for us-east-1, without free allowances. Every price says where
 * it was read and how sure that is; one that could not be read anywhere is null and stays unknown.
 */

export interface Price {
  readonly usd: number | null
  /** For how many of `unit`. */
  readonly per: number
  readonly unit: string
  readonly page: string
  /** `aws`: AWS's own text. `quoted`: what others quote of it. `none`: nobody says it. */
  readonly readIn: 'aws' | 'quoted' | 'none'
}

/** When all of them were looked up. */
export const pricesOf = '2026-11-21'

const aws = (path: string): string => `https://aws.amazon.com/${path}/`

export const prices = {
  faceCalls: {
    ...{ usd: 0.001, per: 1, unit: 'image' },
    ...{ page: aws('rekognition/pricing'), readIn: 'quoted' },
  },
  /** AWS's page has the row but not, in any copy that could be read, the figure. */
  streamAnalysis: {
    ...{ usd: null, per: 1, unit: 'minute of analysed video' },
    ...{ page: aws('rekognition/pricing'), readIn: 'none' },
  },
  videoIn: {
    ...{ usd: 0.0085, per: 1, unit: 'GB' },
    ...{ page: aws('kinesis/video-streams/pricing'), readIn: 'aws' },
  },
  videoOut: {
    ...{ usd: 0.0085, per: 1, unit: 'GB' },
    ...{ page: aws('kinesis/video-streams/pricing'), readIn: 'aws' },
  },
  videoKept: {
    ...{ usd: 0.023, per: 1, unit: 'GB-month' },
    ...{ page: aws('kinesis/video-streams/pricing'), readIn: 'aws' },
  },
  shardHours: {
    ...{ usd: 0.015, per: 1, unit: 'shard-hour' },
    ...{ page: aws('kinesis/data-streams/pricing'), readIn: 'quoted' },
  },
  tableWrites: {
    ...{ usd: 0.625, per: 1e6, unit: 'write unit' },
    ...{ page: aws('dynamodb/pricing/on-demand'), readIn: 'quoted' },
  },
  tableReads: {
    ...{ usd: 0.125, per: 1e6, unit: 'read unit' },
    ...{ page: aws('dynamodb/pricing/on-demand'), readIn: 'quoted' },
  },
  storedObjects: {
    ...{ usd: 0.005, per: 1_000, unit: 'PUT' },
    ...{ page: aws('s3/pricing'), readIn: 'quoted' },
  },
  readObjects: {
    ...{ usd: 0.0004, per: 1_000, unit: 'GET' },
    ...{ page: aws('s3/pricing'), readIn: 'quoted' },
  },
  queueCalls: {
    ...{ usd: 0.4, per: 1e6, unit: 'request' },
    ...{ page: aws('sqs/pricing'), readIn: 'quoted' },
  },
  runs: {
    ...{ usd: 0.2, per: 1e6, unit: 'run' },
    ...{ page: aws('lambda/pricing'), readIn: 'quoted' },
  },
  runTime: {
    ...{ usd: 0.0000133334, per: 1, unit: 'GB-second' },
    ...{ page: aws('lambda/pricing'), readIn: 'quoted' },
  },
  doorMinutes: {
    ...{ usd: 0.08, per: 1e6, unit: 'minute connected' },
    ...{ page: aws('iot-core/pricing'), readIn: 'quoted' },
  },
  doorMessages: {
    ...{ usd: 1, per: 1e6, unit: 'message' },
    ...{ page: aws('iot-core/pricing'), readIn: 'quoted' },
  },
  /** One for the rule and one for its action. */
  rules: {
    ...{ usd: 0.15, per: 1e6, unit: 'rule or action' },
    ...{ page: aws('iot-core/pricing'), readIn: 'quoted' },
  },
  mails: {
    ...{ usd: 0.1, per: 1_000, unit: 'mail' },
    ...{ page: aws('ses/pricing'), readIn: 'quoted' },
  },
  /** Another one for every country and carrier, and it changes. */
  texts: {
    ...{ usd: null, per: 1, unit: 'text' },
    ...{ page: aws('end-user-messaging/pricing'), readIn: 'none' },
  },
  pages: {
    ...{ usd: 1, per: 1e6, unit: 'request' },
    ...{ page: aws('api-gateway/pricing'), readIn: 'quoted' },
  },
  secrets: {
    ...{ usd: 0.4, per: 1, unit: 'secret a month' },
    ...{ page: aws('secrets-manager/pricing'), readIn: 'quoted' },
  },
  alarms: {
    ...{ usd: 0.1, per: 1, unit: 'alarm a month' },
    ...{ page: aws('cloudwatch/pricing'), readIn: 'quoted' },
  },
} as const satisfies Record<string, Price>

export type Priced = keyof typeof prices
