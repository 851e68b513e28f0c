/** Mail by SES. */
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import type { Mail } from '../ports.ts'
import { onFirstCall } from './on-first-call.ts'

export function mail(): Mail {
  const { MAIL_FROM: from } = settings('MAIL_FROM')
  const load = async () => {
    const { mailSes, newClient } = await import('../aws/ses/mail.ts')
    return mailSes({ client: newClient(awsSettings), from })
  }
  return onFirstCall<Mail>(load, (it) => ({
    send: async (letter) => (await it()).send(letter),
  }))
}
