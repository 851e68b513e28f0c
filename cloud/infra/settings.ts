/** What an owner may decide about their deployment. All of it is context, in cdk.json or by `-c`. */
import * as z from 'zod/mini'
import { doorRef } from '../doors/core/door-ref.ts'

const mailAddress = z.string().check(z.regex(/^[^\s@]+@[^\s@]+\.[a-z]+$/i, 'an e-mail address'))
const doorId = z
  .string()
  .check(z.refine((text) => doorRef(text) !== null, '<household>_<door>, in small letters'))

const settingsSchema = z.strictObject({
  /** Every door that is or will be there, as `<household>_<door>`. */
  doors: z.array(doorId).check(z.minLength(1)),
  /** Those of them that may still be set up by a claim; none: there are no claims at all. */
  claimableDoors: z._default(z.array(doorId), []),
  /** Whom visitors and owners get their mail from. */
  mailFrom: mailAddress,
  /** Who hears of what failed for good. */
  alarmMail: mailAddress,
  /** `stream-processor` only works in accounts that used it before 2026-04-30. */
  recognition: z._default(z.enum(['snapshots', 'stream-processor']), 'snapshots'),
  /** Only with stream processors: a layer with `bin/ffmpeg` for arm64, that cuts pictures out of video. */
  ffmpegLayer: z.optional(
    z.string().check(z.regex(/^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/)),
  ),
  texts: z._default(z.enum(['sns', 'end-user-messaging', 'notify']), 'sns'),
  /** SNS: a sender id. End User Messaging: a sender id, `pool-…` or `phone-…`. */
  smsOrigin: z._default(z.string().check(z.regex(/^[\w-]{0,64}$/)), ''),
  /** Only for `notify`: one of the templates that AWS keeps. */
  smsTemplateId: z._default(z.string(), ''),
  /** ISO 3166 codes that `notify` may text to. */
  smsCountries: z._default(z.array(z.string().check(z.regex(/^[A-Z]{2}$/))), []),
  /** From here on in one month the owner hears of it. AWS's own limit stops at another figure. */
  smsAlarmUsd: z._default(z.coerce.number().check(z.positive()), 5),
  /** The three belong together; the certificate has to be in us-east-1. */
  domain: z.optional(z.string().check(z.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/))),
  certificateArn: z.optional(z.string().check(z.regex(/^arn:aws[\w-]*:acm:us-east-1:\d{12}:/))),
  hostedZone: z.optional(z.string().check(z.regex(/^Z[A-Z0-9]+$/))),
  /** `owner/repository` on GitHub that may deploy from its branch main. */
  github: z.optional(z.string().check(z.regex(/^[\w.-]+\/[\w.-]+$/))),
})

export type Settings = Readonly<z.infer<typeof settingsSchema>>

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** Names with a colon or an @ belong to the CDK itself. */
const isOurs = (name: string): boolean => /^[A-Za-z]+$/.test(name)
const lists: readonly string[] = ['doors', 'claimableDoors', 'smsCountries']

export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const ours = Object.entries(context).filter(([name]) => isOurs(name))
  const raw = ours.map(([name, value]) => [name, lists.includes(name) ? listOf(value) : value])
  const parsed = z.safeParse(settingsSchema, Object.fromEntries(raw))
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new SettingsError(`The settings do not fit: ${mistakes.join('; ')}`)
  }
  refuseHalves(parsed.data)
  return parsed.data
}

/** `-c doors=a_b,c_d` can only be text. */
const listOf = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').filter((one) => one !== '') : value

function refuseHalves({ domain, certificateArn, hostedZone, texts, ...more }: Settings): void {
  if ((domain === undefined) !== (certificateArn === undefined)) {
    throw new SettingsError('domain and certificateArn belong together')
  }
  if (hostedZone !== undefined && domain === undefined) {
    throw new SettingsError('hostedZone is only for a domain')
  }
  if ((more.recognition === 'stream-processor') !== (more.ffmpegLayer !== undefined)) {
    throw new SettingsError(
      'recognition by stream-processor needs ffmpegLayer, and nothing else does',
    )
  }
  const strangers = more.claimableDoors.filter((doorId) => !more.doors.includes(doorId))
  if (strangers.length > 0) {
    throw new SettingsError(`claimableDoors must be among doors: ${strangers.join(', ')}`)
  }
  if (texts === 'end-user-messaging' && more.smsOrigin === '') {
    throw new SettingsError('texts by end-user-messaging need smsOrigin')
  }
  if (texts === 'notify' && (more.smsTemplateId === '' || more.smsCountries.length === 0)) {
    throw new SettingsError('texts by notify need smsTemplateId and smsCountries')
  }
}

/** Synthesizing the examples is how the project is tested; deploying them would mail strangers. */
export function refuseExamples({ mailFrom, alarmMail }: Settings): void {
  const examples = [mailFrom, alarmMail].filter((address) => /@example\.\w+$/.test(address))
  if (examples.length > 0) {
    throw new SettingsError(
      `Put your own addresses into cdk.json instead of ${examples.join(', ')}`,
    )
  }
}
