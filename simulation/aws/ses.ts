/** Simple Email Service v2: stores sent mails where a test or a person can read them. */
import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import type { AccountFacts } from './account.ts'
import { bytes, jsonAnswer, jsonBody, jsonRefusal, parsed } from './json-services.ts'
import { AwsError, type AwsService, type Call, decoded, unknownOperation } from './wire.ts'

export interface SentMail {
  readonly messageId: string
  readonly atMs: number
  readonly from: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly replyTo: readonly string[]
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly MailAttachment[]
  /** The whole message if it was sent raw; then only its subject was read. */
  readonly raw: Uint8Array | null
}

interface MailAttachment {
  readonly fileName: string
  readonly contentType: string
  /** The target of `cid:` in the HTML. */
  readonly contentId: string | null
  readonly inline: boolean
  readonly bytes: Uint8Array
}

const words = z.object({ Data: z.string(), Charset: z.optional(z.string()) })

const attachment = z.object({
  RawContent: bytes,
  FileName: z.string().check(z.minLength(1), z.maxLength(255)),
  ContentType: z.optional(z.string()),
  ContentId: z.optional(z.string()),
  ContentDisposition: z.optional(z.enum(['ATTACHMENT', 'INLINE'])),
})

const addresses = z._default(z.array(z.string().check(z.regex(/@/, 'not an address'))), [])

const input = z.object({
  FromEmailAddress: z.string().check(z.regex(/@/, 'not an address')),
  ConfigurationSetName: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/))),
  ReplyToAddresses: addresses,
  Destination: z._default(
    z.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses }),
    { ToAddresses: [], CcAddresses: [], BccAddresses: [] },
  ),
  Content: z.object({
    Simple: z.optional(
      z.object({
        Subject: words,
        Body: z.object({ Text: z.optional(words), Html: z.optional(words) }),
        Attachments: z._default(z.array(attachment), []),
      }),
    ),
    Raw: z.optional(z.object({ Data: bytes })),
  }),
})
type Input = z.infer<typeof input>

const largestMailBytes = 40 * 1024 * 1024
const mostRecipients = 50

export interface Ses extends AwsService {
  readonly mailbox: readonly SentMail[]
}

interface SesOptions {
  nowMs(): number
  readonly account: AccountFacts
}

export function ses({ nowMs, account }: SesOptions): Ses {
  const mailbox: SentMail[] = []
  return {
    name: 'ses',
    mailbox,
    throttled: { status: 429, code: 'TooManyRequestsException' },
    operationOf({ method, rawPath }) {
      if (method === 'POST') return rawPath === '/v2/email/outbound-emails' ? 'SendEmail' : null
      if (method === 'GET' && rawPath === '/v2/email/account') return 'GetAccount'
      return method === 'GET' && identityPath.test(rawPath) ? 'GetEmailIdentity' : null
    },
    answer(operation, call) {
      if (operation === 'GetAccount') {
        const { sesProduction: ProductionAccessEnabled } = account
        return jsonAnswer({ ProductionAccessEnabled, SendingEnabled: true })
      }
      if (operation === 'GetEmailIdentity') return jsonAnswer(identityOf(account, call))
      if (call.body.length > largestMailBytes) throw badRequest('The message is too long.')
      const asked = parsed(input, jsonBody(call), 'BadRequestException')
      const messageId = `${randomBytes(8).toString('hex')}-${randomBytes(16).toString('hex')}`
      mailbox.push({ messageId, atMs: nowMs(), ...envelopeOf(asked), ...contentOf(asked) })
      return jsonAnswer({ MessageId: messageId })
    },
    refuse: (error) => jsonRefusal(error, 'application/json'),
  }
}

const identityPath = /^\/v2\/email\/identities\/([^/]+)$/

function identityOf({ identities }: AccountFacts, { rawPath }: Call) {
  const name = decoded(identityPath.exec(rawPath)?.[1] ?? '')
  const VerifiedForSendingStatus = identities.get(name)
  if (VerifiedForSendingStatus !== undefined) return { VerifiedForSendingStatus }
  throw new AwsError(404, 'NotFoundException', `Email identity ${name} does not exist.`)
}

function envelopeOf({ FromEmailAddress, Destination, ReplyToAddresses }: Input) {
  const { ToAddresses: to, CcAddresses: cc, BccAddresses: bcc } = Destination
  const recipients = to.length + cc.length + bcc.length
  if (recipients === 0) throw badRequest('There is no recipient.')
  if (recipients > mostRecipients) throw badRequest('Recipient count exceeds 50.')
  return { from: FromEmailAddress, to, cc, bcc, replyTo: ReplyToAddresses }
}

function contentOf({ Content: { Simple: simple, Raw: raw } }: Input) {
  if (raw && !simple) {
    return { subject: rawSubject(raw.Data), text: null, html: null, attachments: [], raw: raw.Data }
  }
  if (!simple || raw) throw unknownOperation('mails that are neither simple nor raw')
  const { Text: text, Html: html } = simple.Body
  if (!text && !html) throw badRequest('The message has no body.')
  return {
    subject: simple.Subject.Data,
    text: text?.Data ?? null,
    html: html?.Data ?? null,
    attachments: simple.Attachments.map(attachmentOf),
    raw: null,
  }
}

const attachmentOf = (one: z.infer<typeof attachment>): MailAttachment => ({
  fileName: one.FileName,
  contentType: one.ContentType ?? 'application/octet-stream',
  contentId: one.ContentId ?? null,
  inline: one.ContentDisposition === 'INLINE',
  bytes: one.RawContent,
})

function rawSubject(raw: Uint8Array): string {
  const [head = ''] = Buffer.from(raw)
    .toString('utf8')
    .split(/\r?\n\r?\n/)
  return /^subject:\s*(.*(?:\r?\n[ \t].*)*)/im.exec(head)?.[1]?.replace(/\r?\n[ \t]/g, ' ') ?? ''
}

const badRequest = (message: string): AwsError => new AwsError(400, 'BadRequestException', message)
