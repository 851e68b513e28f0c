/** Mail by SES. Pictures are attached, not linked, and SES stores no templates. */
import {
  type Attachment,
  SESv2Client,
  type SESv2ClientConfig,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import * as z from 'zod/mini'
import { type Letter, type Mail, OutsideFault } from '../../ports.ts'

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

interface Sender {
  readonly from: string
  /** Reports what does not arrive. */
  readonly configurationSet?: string | undefined
}

export function mailSes(options: SESv2ClientConfig, sender: Sender): Mail {
  const client = new SESv2Client(options)
  return {
    async send(letter) {
      try {
        z.parse(accepted, await client.send(emailOf(letter, sender)))
      } catch (error) {
        throw new OutsideFault('SES did not accept a mail.', error)
      }
    },
  }
}

const emailOf = (
  { to, subject, text, html, pictures }: Letter,
  { from, configurationSet }: Sender,
): SendEmailCommand =>
  new SendEmailCommand({
    FromEmailAddress: from,
    ConfigurationSetName: configurationSet,
    Destination: { ToAddresses: [...to] },
    Content: {
      Simple: {
        Subject: utf8(subject),
        Body: { Text: utf8(text), Html: utf8(html) },
        Attachments: pictures.map(inline),
      },
    },
  })

const utf8 = (text: string) => ({ Data: text, Charset: 'UTF-8' })

const inline = ({ name, jpeg }: Letter['pictures'][number]): Attachment => ({
  RawContent: jpeg,
  FileName: `${name}.jpg`,
  ContentType: 'image/jpeg',
  ContentDisposition: 'INLINE',
  ContentId: name,
  ContentTransferEncoding: 'BASE64',
})
