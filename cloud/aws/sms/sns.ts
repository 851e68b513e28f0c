/** Texts by SNS, straight to a phone number: no topic keeps anybody's number. */
import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns'
import * as z from 'zod/mini'
import { OutsideFault, type Texts } from '../../ports.ts'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: SNSClientConfig): SNSClient => new SNSClient(settings)

interface Deps {
  readonly client: SNSClient
  /** Shown instead of a number, where the country allows it. */
  readonly senderId: string | null
}

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

export const textsSns = ({ client, senderId }: Deps): Texts => ({
  async send({ to, body }) {
    const asked = new PublishCommand({
      PhoneNumber: to,
      Message: body,
      MessageAttributes: attributes(senderId),
    })
    try {
      z.parse(accepted, await client.send(asked))
    } catch (error) {
      throw new OutsideFault('SNS did not take a text.', error)
    }
  },
})

const attributes = (senderId: string | null) => ({
  'AWS.SNS.SMS.SMSType': string('Transactional'),
  ...(senderId ? { 'AWS.SNS.SMS.SenderID': string(senderId) } : {}),
})

const string = (value: string) => ({ DataType: 'String', StringValue: value })
