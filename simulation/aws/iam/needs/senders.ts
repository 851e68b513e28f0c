/** Permissions for mail, texts, notices and messages to doors. */
import * as z from 'zod/mini'
import { countriesOf } from '../../../../cloud/passcodes/core/phone.ts'
import { decoded, unknownOperation } from '../../wire.ts'
import type { Need } from '../records.ts'
import {
  type Asked,
  each,
  fieldsOf,
  nothing,
  optionalText,
  type ServiceNeeds,
  text,
} from './asked.ts'

// ---------------------------------------------------------------- mail

const mail = z.object({
  FromEmailAddress: text,
  ConfigurationSetName: optionalText,
  Content: z.object({
    Raw: z.optional(z.unknown()),
    Simple: z.optional(z.object({ Attachments: z.optional(z.array(z.unknown())) })),
  }),
})

/** Both the identity and its configuration set must be allowed. */
function mailNeeds(asked: Asked): readonly Need[] {
  const { FromEmailAddress, ConfigurationSetName, Content } = fieldsOf(mail, asked)
  const address = /<([^>]+)>$/.exec(FromEmailAddress)?.[1] ?? FromEmailAddress
  const { mailIdentities } = asked.records
  const [, domain = ''] = address.split('@')
  const identity = [address, domain].find((one) => mailIdentities.has(one)) ?? address
  const set = ConfigurationSetName ?? mailIdentities.get(identity) ?? null
  // SES counts a mail with attachments as raw.
  const isRaw = Content.Raw !== undefined || (Content.Simple?.Attachments ?? []).length > 0
  const action = isRaw ? 'ses:SendRawEmail' : 'ses:SendEmail'
  const resources = [`identity/${identity}`, ...(set === null ? [] : [`configuration-set/${set}`])]
  return resources.map((resource) => ({
    action,
    resource: asked.arn('ses', resource),
    context: { 'ses:FromAddress': address },
  }))
}

export const sesNeeds: ServiceNeeds = {
  SendEmail: mailNeeds,
  ...each('ses', ['GetAccount'], nothing),
  ...each('ses', ['GetEmailIdentity'], ({ call, arn }) =>
    arn('ses', `identity/${decoded(call.rawPath.split('/').at(-1) ?? '')}`),
  ),
}

// ---------------------------------------------------------------- texts and notices

export const snsNeeds: ServiceNeeds = {
  Publish({ call }) {
    const form = new URLSearchParams(call.body.toString('utf8'))
    const resource = form.get('TopicArn') ?? form.get('TargetArn') ?? form.get('PhoneNumber')
    return [{ action: 'sns:Publish', resource: resource ?? '*' }]
  },
  ...each('sns', ['GetSMSAttributes', 'GetSMSSandboxAccountStatus'], nothing),
  ...each(
    'sns',
    ['ListSubscriptionsByTopic'],
    ({ call }) => new URLSearchParams(call.body.toString('utf8')).get('TopicArn') ?? '*',
  ),
}

const sms = z.object({ OriginationIdentity: optionalText, DestinationPhoneNumber: text })

export const smsVoiceNeeds: ServiceNeeds = each('sms-voice', ['SendTextMessage'], (asked) => {
  const { OriginationIdentity: origin, DestinationPhoneNumber: to } = fieldsOf(sms, asked)
  if (origin === undefined) throw unknownOperation('texts without an origin')
  if (origin.startsWith('arn:')) return origin
  if (origin.startsWith('pool-')) return asked.arn('sms-voice', `pool/${origin}`)
  if (/^(phone-|\+)/.test(origin)) return asked.arn('sms-voice', `phone-number/${origin}`)
  return asked.arn('sms-voice', `sender-id/${origin}/${countriesOf(to)[0] ?? ''}`)
})

// ---------------------------------------------------------------- messages to doors

export const iotDataNeeds: ServiceNeeds = {
  Publish({ call, arn }) {
    const resource = arn('iot', `topic/${decoded(call.rawPath.slice('/topics/'.length))}`)
    const publish = { action: 'iot:Publish', resource }
    const retains = call.query.get('retain') === 'true'
    return retains ? [publish, { action: 'iot:RetainPublish', resource }] : [publish]
  },
}
