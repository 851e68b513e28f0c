/** Simple Notification Service, for one operation: Publish, to a phone or to a topic. */
import { randomUUID } from 'node:crypto'
import type { AccountFacts } from '../account.ts'
import { type Answer, AwsError, type AwsService, type Call, requestId, xmlText } from '../wire.ts'

/** An SMS that SNS or End User Messaging was asked to send. */
export interface SentText {
  readonly via: 'sns' | 'end-user-messaging'
  readonly messageId: string
  readonly atMs: number
  readonly to: string
  readonly body: string
  /** The sender id or pool that was requested. */
  readonly origin: string | null
}

/** Up to eleven letters, digits and hyphens, one of them a letter. */
const isSenderId = (text: string): boolean => /^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/.test(text)

export const isPhoneNumber = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text)

export interface TopicMessage {
  readonly messageId: string
  readonly atMs: number
  readonly topicArn: string
  readonly subject: string | null
  readonly message: string
  readonly attributes: Readonly<Record<string, string>>
}

export interface SnsOptions {
  nowMs(): number
  readonly topics: readonly string[]
  readonly texts: SentText[]
  readonly account: AccountFacts
}

export interface Sns extends AwsService {
  readonly notices: readonly TopicMessage[]
  createTopic(arn: string): void
  /** The subscriber gets a mail with a link, and nothing else until it is followed. */
  subscribe(arn: string): void
}

const namespace = 'http://sns.amazonaws.com/doc/2010-03-31/'
const longestTextBytes = 1600
const longestMessageBytes = 256 * 1024

export function sns(options: SnsOptions): Sns {
  const notices: TopicMessage[] = []
  const topics = new Set(options.topics)
  return {
    name: 'sns',
    notices,
    createTopic: (arn) => void topics.add(arn),
    subscribe(arn) {
      const { subscriptions } = options.account
      subscriptions.set(arn, [...(subscriptions.get(arn) ?? []), false])
    },
    throttled: { status: 400, code: 'Throttling' },
    operationOf(call) {
      const action = formOf(call).get('Action') ?? ''
      return action === 'Publish' || action in questions ? action : null
    },
    answer(operation, call) {
      const form = formOf(call)
      const question = questions[operation]
      if (question) return answerTo(operation, question(options.account, form))
      const message = form.get('Message') ?? ''
      if (message === '') throw invalid('Empty message')
      const phone = form.get('PhoneNumber')
      const messageId = randomUUID()
      const sent = { messageId, atMs: options.nowMs() }
      if (phone) options.texts.push({ ...sent, ...textOf(phone, message, form) })
      else notices.push({ ...sent, ...noticeOf(message, form, topics) })
      return publishAnswer(messageId)
    },
    refuse,
  }
}

/** About the account, rather than to send something. */
const questions: Readonly<
  Record<string, (account: AccountFacts, form: URLSearchParams) => string>
> = {
  GetSMSSandboxAccountStatus: ({ smsSandbox }) => `<IsInSandbox>${smsSandbox}</IsInSandbox>`,
  GetSMSAttributes: ({ smsLimitUsd }) =>
    smsLimitUsd === null
      ? '<attributes/>'
      : `<attributes><entry><key>MonthlySpendLimit</key><value>${smsLimitUsd}</value></entry></attributes>`,
  ListSubscriptionsByTopic({ subscriptions }, form) {
    const arn = form.get('TopicArn') ?? ''
    const members = (subscriptions.get(arn) ?? []).map(
      (confirmed, nth) =>
        `<member><SubscriptionArn>${confirmed ? `${arn}:${nth}` : 'PendingConfirmation'}</SubscriptionArn></member>`,
    )
    return `<Subscriptions>${members.join('')}</Subscriptions>`
  },
}

const answerTo = (operation: string, result: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<${operation}Response xmlns="${namespace}"><${operation}Result>${result}</${operation}Result></${operation}Response>`,
})

const formOf = (call: Call): URLSearchParams => new URLSearchParams(call.body.toString('utf8'))

function textOf(
  to: string,
  body: string,
  form: URLSearchParams,
): Omit<SentText, 'messageId' | 'atMs'> {
  if (form.has('TopicArn') || form.has('TargetArn')) throw invalid('Only one target is possible')
  if (!isPhoneNumber(to)) throw invalid(`PhoneNumber Reason: it is not valid to publish to`)
  if (Buffer.byteLength(body) > longestTextBytes) throw invalid('Message too long')
  const origin = attributesOf(form)['AWS.SNS.SMS.SenderID'] ?? null
  if (origin !== null && !isSenderId(origin)) throw invalid('The sender id is not valid')
  return { via: 'sns', to, body, origin }
}

function noticeOf(
  message: string,
  form: URLSearchParams,
  topics: ReadonlySet<string>,
): Omit<TopicMessage, 'messageId' | 'atMs'> {
  const topicArn = form.get('TopicArn') ?? form.get('TargetArn')
  if (!topicArn) throw invalid('TopicArn or TargetArn Reason: no value for required parameter')
  if (!topics.has(topicArn)) throw new AwsError(404, 'NotFound', 'Topic does not exist')
  if (Buffer.byteLength(message) > longestMessageBytes) throw invalid('Message too long')
  const subject = form.get('Subject')
  if (subject !== null && (subject === '' || subject.length > 100 || /[\r\n]/.test(subject))) {
    throw invalid('Subject')
  }
  return { topicArn, subject, message, attributes: attributesOf(form) }
}

/** `MessageAttributes.entry.1.Name`, `MessageAttributes.entry.1.Value.StringValue`, and so on. */
function attributesOf(form: URLSearchParams): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (let at = 1; ; at += 1) {
    const entry = `MessageAttributes.entry.${at}`
    const name = form.get(`${entry}.Name`)
    if (!name) return attributes
    if (!form.get(`${entry}.Value.DataType`)) {
      throw new AwsError(400, 'ParameterValueInvalid', `The attribute '${name}' has no type.`)
    }
    attributes[name] = form.get(`${entry}.Value.StringValue`) ?? ''
  }
}

const publishAnswer = (messageId: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body:
    `<PublishResponse xmlns="${namespace}"><PublishResult><MessageId>${messageId}</MessageId>` +
    `</PublishResult><ResponseMetadata><RequestId>${requestId()}</RequestId></ResponseMetadata>` +
    '</PublishResponse>',
})

const refuse = ({ status, code, message }: AwsError): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body:
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>` +
    `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message></Error>` +
    `<RequestId>${requestId()}</RequestId></ErrorResponse>`,
})

const invalid = (message: string): AwsError =>
  new AwsError(400, 'InvalidParameter', `Invalid parameter: ${message}`)
