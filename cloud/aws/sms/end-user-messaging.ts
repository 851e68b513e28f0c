/** SMS by AWS End User Messaging, from a phone number, sender id or pool of the account. */
import {
  PinpointSMSVoiceV2Client,
  type PinpointSMSVoiceV2ClientConfig,
  SendTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2'
import * as z from 'zod/mini'
import { longestGrantMs } from '../../../protocol/messages/cloud.ts'
import { OutsideFault, type Sms } from '../../ports.ts'
import { reportContext } from './text-report.ts'

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

interface Sender {
  readonly origin: string
  /** Reports what becomes of each text. */
  readonly configurationSet?: string | undefined
}

export function smsEndUserMessaging(
  options: PinpointSMSVoiceV2ClientConfig,
  { origin, configurationSet }: Sender,
): Sms {
  const client = new PinpointSMSVoiceV2Client(options)
  return {
    async send({ to, body, grant, lifeMs = longestGrantMs }) {
      const command = new SendTextMessageCommand({
        DestinationPhoneNumber: to,
        OriginationIdentity: origin,
        ConfigurationSetName: configurationSet,
        Context: reportContext(grant),
        MessageBody: body,
        MessageType: 'TRANSACTIONAL',
        // A phone that is off gets nothing, rather than a code that has expired.
        TimeToLive: lifeMs / 1_000,
      })
      try {
        z.parse(accepted, await client.send(command))
      } catch (error) {
        throw new OutsideFault('End User Messaging did not accept an SMS.', error)
      }
    },
  }
}
