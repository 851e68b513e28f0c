/** AWS End User Messaging (`pinpoint-sms-voice-v2`): texts in our words, and in words it keeps. */
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { parsed, targetService } from '../json-services.ts'
import { AwsError, type AwsService } from '../wire.ts'
import { isPhoneNumber, type SentText } from './sns.ts'

export interface SmsVoiceOptions {
  nowMs(): number
  readonly texts: SentText[]
  /** Words by template, with `{{code}}` for a variable. Others show as their variables alone. */
  readonly templates: Readonly<Record<string, string>>
}

const phone = z.string().check(z.refine(isPhoneNumber, 'not a phone number'))

const textInput = z.object({
  DestinationPhoneNumber: phone,
  OriginationIdentity: z.optional(z.string()),
  MessageBody: z.string().check(z.minLength(1), z.maxLength(1600)),
  DryRun: z.optional(z.boolean()),
})

const notifyInput = z.object({
  NotifyConfigurationId: z.string().check(z.minLength(1)),
  DestinationPhoneNumber: phone,
  TemplateId: z.optional(z.string()),
  TemplateVariables: z.record(z.string(), z.string()),
  DryRun: z.optional(z.boolean()),
})

export function smsVoice(options: SmsVoiceOptions): AwsService {
  return targetService({
    name: 'sms-voice',
    target: 'PinpointSMSVoiceV2',
    version: '1.0',
    operations: {
      SendTextMessage: (input) => sendText(input, options),
      SendNotifyTextMessage: (input) => sendNotify(input, options),
    },
  })
}

function sendText(input: unknown, { nowMs, texts }: SmsVoiceOptions) {
  const asked = parsed(textInput, input)
  const messageId = randomUUID()
  if (asked.DryRun) return { MessageId: messageId }
  texts.push({
    via: 'end-user-messaging',
    messageId,
    atMs: nowMs(),
    to: asked.DestinationPhoneNumber,
    body: asked.MessageBody,
    origin: asked.OriginationIdentity ?? null,
    template: null,
  })
  return { MessageId: messageId }
}

function sendNotify(input: unknown, { nowMs, texts, templates }: SmsVoiceOptions) {
  const asked = parsed(notifyInput, input)
  const { TemplateId: id = null, TemplateVariables: variables } = asked
  const body = resolved((id && templates[id]) || null, variables)
  const messageId = randomUUID()
  if (!asked.DryRun) {
    texts.push({
      via: 'notify',
      messageId,
      atMs: nowMs(),
      to: asked.DestinationPhoneNumber,
      body,
      origin: asked.NotifyConfigurationId,
      template: { id, variables },
    })
  }
  return { MessageId: messageId, ...(id && { TemplateId: id }), ResolvedMessageBody: body }
}

function resolved(template: string | null, variables: Readonly<Record<string, string>>): string {
  if (template === null) return Object.values(variables).join(' ')
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = variables[name]
    if (value === undefined) {
      throw new AwsError(400, 'ValidationException', `The template wants the variable '${name}'.`)
    }
    return value
  })
}
