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
  MessageType: z.optional(z.enum(['TRANSACTIONAL', 'PROMOTIONAL'])),
  /** In seconds. */
  TimeToLive: z.optional(z.int().check(z.gte(5), z.lte(259_200))),
  ConfigurationSetName: z.optional(z.string().check(z.regex(/^[\w:/-]{1,256}$/))),
  Context: z.optional(
    z.record(z.string().check(z.maxLength(100)), z.string().check(z.maxLength(800))),
  ),
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
