/** Texts, by the service that the deployment chose. */
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import type { Texts } from '../ports.ts'
import { onFirstCall } from './on-first-call.ts'

export function texts(): Texts {
  const said = settings('TEXTS', 'SMS_ORIGIN', 'SMS_TEMPLATE_ID')
  const load = said.TEXTS === 'sns' ? () => bySns(said) : () => byEndUserMessaging(said)
  return onFirstCall<Texts>(load, (it) => ({
    send: async (text) => (await it()).send(text),
  }))
}

type TextSettings = ReturnType<typeof settings<'TEXTS' | 'SMS_ORIGIN' | 'SMS_TEMPLATE_ID'>>

async function bySns({ SMS_ORIGIN }: TextSettings): Promise<Texts> {
  const { newClient, textsSns } = await import('../aws/sms/sns.ts')
  return textsSns({ client: newClient(awsSettings), senderId: SMS_ORIGIN ?? null })
}

async function byEndUserMessaging({ TEXTS, ...said }: TextSettings): Promise<Texts> {
  const { SMS_ORIGIN: origin = '', SMS_TEMPLATE_ID } = said
  const { newClient, textsEndUserMessaging } = await import('../aws/sms/end-user-messaging.ts')
  const client = newClient(awsSettings)
  const templateId = TEXTS === 'notify' ? (SMS_TEMPLATE_ID ?? null) : null
  return textsEndUserMessaging({ client, origin, templateId })
}
