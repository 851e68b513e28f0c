/** Mail by SES, written by us in full: nothing is kept there, and no picture is linked to. */
import {
  type Attachment,
  SESv2Client,
  type SESv2ClientConfig,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import * as z from 'zod/mini'
import { type Letter, type Mail, OutsideFault } from '../../ports.ts'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: SESv2ClientConfig): SESv2Client => new SESv2Client(settings)

interface Deps {
  readonly client: SESv2Client
  readonly from: string
}

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

export const mailSes = ({ client, from }: Deps): Mail => ({
  async send(letter) {
    try {
      z.parse(accepted, await client.send(asEmail(letter, from)))
    } catch (error) {
      throw new OutsideFault('SES did not take a mail.', error)
    }
  },
})

const asEmail = ({ to, subject, text, html, pictures }: Letter, from: string): SendEmailCommand =>
  new SendEmailCommand({
    FromEmailAddress: from,
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
