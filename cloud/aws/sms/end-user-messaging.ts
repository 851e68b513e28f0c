/** SMS by AWS End User Messaging, from a phone number, sender id or pool of the account. */
import {
  PinpointSMSVoiceV2Client,
  type PinpointSMSVoiceV2ClientConfig,
  SendTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2'
import * as z from 'zod/mini'
import { longestGrantMs } from '../../../protocol/messages/cloud.ts'
import { OutsideFault, type Sms } from '../../ports.ts'

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

export function smsEndUserMessaging(
  options: PinpointSMSVoiceV2ClientConfig,
  OriginationIdentity: string,
): Sms {
  const client = new PinpointSMSVoiceV2Client(options)
  return {
    async send({ to, body }) {
      const command = new SendTextMessageCommand({
        DestinationPhoneNumber: to,
        OriginationIdentity,
        MessageBody: body,
        MessageType: 'TRANSACTIONAL',
        // A phone that is off gets nothing, rather than a code that has expired.
        TimeToLive: longestGrantMs / 1_000,
      })
      try {
        z.parse(accepted, await client.send(command))
      } catch (error) {
        throw new OutsideFault('End User Messaging did not accept an SMS.', error)
      }
    },
  }
}
