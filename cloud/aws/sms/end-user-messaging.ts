/**
 * Texts by AWS End User Messaging: from a number or sender id of our own, or, with a template id,
 * by its Notify variant, which only sends AWS's own words and needs no number.
 */
import {
  PinpointSMSVoiceV2Client,
  type PinpointSMSVoiceV2ClientConfig,
  SendNotifyTextMessageCommand,
  SendTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2'
import * as z from 'zod/mini'
import { longestGrantMs } from '../../../protocol/messages/cloud.ts'
import { OutsideFault, type Texts } from '../../ports.ts'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: PinpointSMSVoiceV2ClientConfig): PinpointSMSVoiceV2Client =>
  new PinpointSMSVoiceV2Client(settings)

interface Deps {
  readonly client: PinpointSMSVoiceV2Client
  /** A phone number, sender id or pool; with a template, the notify configuration. */
  readonly origin: string
  readonly templateId: string | null
}

type Text = Parameters<Texts['send']>[0]

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

export const textsEndUserMessaging = (deps: Deps): Texts => ({
  async send(text) {
    try {
      z.parse(accepted, await sendOne(deps, text))
    } catch (error) {
      throw new OutsideFault('End User Messaging did not take a text.', error)
    }
  },
})

/** A phone that was off until then gets nothing rather than a code that no door takes any more. */
const worthlessAfterSeconds = longestGrantMs / 1_000

function sendOne({ client, origin, templateId }: Deps, { to, body, code }: Text): Promise<unknown> {
  const common = { DestinationPhoneNumber: to, TimeToLive: worthlessAfterSeconds }
  if (templateId === null) {
    return client.send(
      new SendTextMessageCommand({
        ...common,
        OriginationIdentity: origin,
        MessageBody: body,
        MessageType: 'TRANSACTIONAL',
      }),
    )
  }
  return client.send(
    new SendNotifyTextMessageCommand({
      ...common,
      NotifyConfigurationId: origin,
      TemplateId: templateId,
      TemplateVariables: { code },
    }),
  )
}
