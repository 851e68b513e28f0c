/** SMS by SNS, directly to a phone number. No topic stores the number. */
import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns'
import * as z from 'zod/mini'
import { OutsideFault, type Sms } from '../../ports.ts'

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

/** The sender id is shown instead of a number, in countries that allow it. */
export function smsSns(options: SNSClientConfig, senderId: string | null): Sms {
  const client = new SNSClient(options)
  const MessageAttributes = {
    'AWS.SNS.SMS.SMSType': string('Transactional'),
    ...(senderId && { 'AWS.SNS.SMS.SenderID': string(senderId) }),
  }
  return {
    async send({ to, body }) {
      const command = new PublishCommand({ PhoneNumber: to, Message: body, MessageAttributes })
      try {
        z.parse(accepted, await client.send(command))
      } catch (error) {
        throw new OutsideFault('SNS did not accept an SMS.', error)
      }
    },
  }
}

const string = (value: string) => ({ DataType: 'String', StringValue: value })
