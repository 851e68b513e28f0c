/** Settings of a deployment, from the `context` of cdk.json or `-c name=value`. */
import * as z from 'zod/mini'
import { closestTo, didYouMean } from '../../terminal/did-you-mean.ts'
import { doorRef } from '../doors/core/door-ref.ts'

const mailAddress = z.string().check(z.regex(/^[^\s@]+@[^\s@]+\.[a-z]+$/i, 'an e-mail address'))
const doorId = z
  .string()
  .check(z.refine((text) => doorRef(text) !== null, '<household>_<door>, in small letters'))

/** `-c protect=true` is a string. */
const flag = z.pipe(
  z.union([z.boolean(), z.enum(['true', 'false'])]),
  z.transform((value) => value === true || value === 'true'),
)

const settingsSchema = z.strictObject({
  /** Every door, as `<household>_<door>`. */
  doors: z.array(doorId),
  /** Doors that may be provisioned by a claim. */
  claimableDoors: z._default(z.array(doorId), []),
  /** The sender of all mail. */
  mailFrom: mailAddress,
  /**
   * Which identity SES gets for it: its domain, whose DNS records you set, or the address alone. With
   * `existing` the account has one already.
   */
  mailIdentity: z._default(z.enum(['domain', 'address', 'existing']), 'domain'),
  /** The hosted zone of that domain in this account; then the records are set for you. */
  mailZone: z.optional(z.string().check(z.regex(/^Z[A-Z0-9]+$/))),
  /** Receives alarms. */
  alarmMail: mailAddress,
  /** `stream-processor` only works in accounts that used it before 2026-04-30. */
  recognition: z._default(z.enum(['snapshots', 'stream-processor']), 'snapshots'),
  /** Only with stream processors: a layer with `bin/ffmpeg` for arm64, which extracts pictures. */
  ffmpegLayer: z.optional(
    z.string().check(z.regex(/^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/)),
  ),
  texts: z._default(z.enum(['sns', 'end-user-messaging']), 'sns'),
  /** SNS: a sender id. End User Messaging: a sender id, `pool-…` or `phone-…`. */
  smsOrigin: z._default(z.string().check(z.regex(/^[\w-]{0,64}$/)), ''),
  /** Spending on texts per month that raises an alarm. A new account may spend one dollar. */
  smsAlarmUsd: z._default(z.coerce.number().check(z.positive()), 0.8),
  /** Spending of the whole account per month that raises an alarm. */
  budgetUsd: z._default(z.coerce.number().check(z.positive()), 20),
  /** The account's quota of functions that run at once. A new account has ten. */
  lambdaConcurrency: z._default(z.coerce.number().check(z.gte(10)), 10),
  /**
   * Against deletion by hand or by mistake. `npm run deploy` sets it in cdk.json after the first
   * success: what is protected cannot be removed when a first deployment fails.
   */
  protect: z._default(flag, false),
  /** `api`: without CloudFront, which refuses accounts that AWS has not verified yet. */
  pages: z._default(z.enum(['cloudfront', 'api']), 'cloudfront'),
  /** Your own address for the pages. The certificate must be in us-east-1. */
  domain: z.optional(z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/))),
  certificateArn: z.optional(z.string().check(z.regex(/^arn:aws[\w-]*:acm:us-east-1:\d{12}:/))),
  hostedZone: z.optional(z.string().check(z.regex(/^Z[A-Z0-9]+$/))),
  /** The GitHub repository, `owner/repository`, whose branch main may deploy. */
  github: z.optional(z.string().check(z.regex(/^[\w.-]+\/[\w.-]+$/))),
})

export type Settings = Readonly<z.infer<typeof settingsSchema>>

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

function mistakesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(settingsSchema.shape)
    return issue.keys.map((key) => {
      return `${key} is not a setting. ${didYouMean(closestTo(key, known))}`.trimEnd()
    })
  }
  const name = issue.path.join('.')
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined
  return [isMissing ? `${name} is missing` : `${name}: ${issue.message}`]
}

/** Names with a colon or an @ belong to the CDK itself. */
const isOurs = (name: string): boolean => /^[A-Za-z]+$/.test(name)
const lists: readonly string[] = ['doors', 'claimableDoors']

export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const ours = Object.entries(context).filter(([name]) => isOurs(name))
  const raw = ours.map(([name, value]) => [name, lists.includes(name) ? listOf(value) : value])
  const parsed = z.safeParse(settingsSchema, Object.fromEntries(raw))
  if (!parsed.success) {
    throw new SettingsError(
      `Invalid settings: ${parsed.error.issues.flatMap(mistakesOf).join('; ')}`,
    )
  }
  checkCombinations(parsed.data)
  return parsed.data
}

/** `-c doors=a_b,c_d` is always a string. */
const listOf = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').filter((one) => one !== '') : value

function checkCombinations(settings: Settings): void {
  const { domain, certificateArn, hostedZone, ...more } = settings
  if ((domain === undefined) !== (certificateArn === undefined)) {
    throw new SettingsError('domain and certificateArn need each other')
  }
  if (domain !== undefined && more.pages !== 'cloudfront') {
    throw new SettingsError('domain needs pages=cloudfront')
  }
  if (hostedZone !== undefined && domain === undefined) {
    throw new SettingsError('hostedZone needs a domain')
  }
  if ((more.recognition === 'stream-processor') !== (more.ffmpegLayer !== undefined)) {
    throw new SettingsError('recognition by stream-processor and ffmpegLayer need each other')
  }
  const unlisted = more.claimableDoors.filter((doorId) => !more.doors.includes(doorId))
  if (unlisted.length > 0) {
    throw new SettingsError(`claimableDoors must be listed in doors: ${unlisted.join(', ')}`)
  }
  if (more.mailZone !== undefined && more.mailIdentity !== 'domain') {
    throw new SettingsError('mailZone needs mailIdentity=domain')
  }
  checkSmsOrigin(settings)
}

/** A sender id of up to 11 letters and digits, one of them a letter. */
const senderId = /^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/

function checkSmsOrigin({ texts, smsOrigin }: Settings): void {
  if (texts === 'end-user-messaging' && smsOrigin === '') {
    throw new SettingsError('texts by end-user-messaging needs smsOrigin')
  }
  const isNumberOrPool = texts === 'end-user-messaging' && /^(pool|phone)-\w+$/.test(smsOrigin)
  if (smsOrigin === '' || isNumberOrPool || senderId.test(smsOrigin)) return
  throw new SettingsError(
    `smsOrigin ${smsOrigin} is not a sender id: up to 11 letters and digits, at least one letter`,
  )
}

/** So that a flood of requests to the pages cannot stop doors and texts, or they the pages. */
export const pagesAtOnce = 20
/** From here on the pages have a share of their own: AWS leaves a hundred to functions without one. */
export const enoughConcurrency = 100 + pagesAtOnce

export const exampleDoors: readonly string[] = ['maple-street_front']

/** The examples may be synthesized, but a deployment with them would mail other people. */
export function refuseExamples({ mailFrom, alarmMail, doors }: Settings): void {
  const example = doors.find((door) => exampleDoors.includes(door))
  if (example !== undefined) {
    throw new SettingsError(`Replace the door ${example} in cdk.json by your own`)
  }
  const examples = [mailFrom, alarmMail].filter((address) => /@example\.\w+$/.test(address))
  if (examples.length > 0) {
    throw new SettingsError(
      `Replace these addresses in cdk.json by your own: ${examples.join(', ')}`,
    )
  }
}
