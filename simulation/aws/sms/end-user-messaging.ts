/** AWS End User Messaging (`pinpoint-sms-voice-v2`), for one operation: SendTextMessage. */
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { parsed, targetService } from '../json-services.ts'
import type { AwsService } from '../wire.ts'
import { isPhoneNumber, type SentText } from './sns.ts'

export interface SmsVoiceOptions {
  nowMs(): number
  readonly texts: SentText[]
}

const phone = z.string().check(z.refine(isPhoneNumber, 'not a phone number'))

const textInput = z.object({
  DestinationPhoneNumber: phone,
  OriginationIdentity: z.optional(z.string()),
  MessageBody: z.string().check(z.minLength(1), z.maxLength(1600)),
  DryRun: z.optional(z.boolean()),
})

export function smsVoice(options: SmsVoiceOptions): AwsService {
  return targetService({
    name: 'sms-voice',
    target: 'PinpointSMSVoiceV2',
    version: '1.0',
    operations: { SendTextMessage: (input) => sendText(input, options) },
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
  })
  return { MessageId: messageId }
}
