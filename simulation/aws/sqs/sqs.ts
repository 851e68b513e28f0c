/** Simple Queue Service on the wire; the queues themselves are in queues.ts. */
import * as z from 'zod/mini'
import { jsonRefusal, parsed, targetService } from '../json-services.ts'
import { type Answer, AwsError, type AwsService, hexOf } from '../wire.ts'
import { type Message, type Queue, type QueueOptions, queueOf, systemAttributes } from './queues.ts'

export interface SqsOptions {
  nowMs(): number
  readonly region: string
  readonly queues: Readonly<Record<string, QueueOptions>>
  baseUrl(): string
}

export interface Sqs extends AwsService {
  create(name: string, options: QueueOptions): Queue
  queue(name: string): Queue
  /** Throws what the service answers when there is no such queue. */
  queueAt(arn: string): Queue
  queueOf(url: string): Queue
  queueUrl(name: string): string
}

const account = '000000000000'
const largestMessageBytes = 1024 * 1024

const attributes = z._default(
  z.record(
    z.string(),
    z.object({ DataType: z.literal(['String', 'Number']), StringValue: z.optional(z.string()) }),
  ),
  {},
)
const sendInput = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string().check(z.minLength(1)),
  DelaySeconds: z.optional(z.int().check(z.gte(0), z.lte(900))),
  MessageAttributes: attributes,
})
const receiveInput = z.object({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z._default(z.int().check(z.gte(1), z.lte(10)), 1),
  VisibilityTimeout: z.optional(z.int().check(z.gte(0), z.lte(43_200))),
  // Not waited for: an empty answer is always allowed, and a test's clock may not move.
  AttributeNames: z._default(z.array(z.string()), []),
  MessageSystemAttributeNames: z._default(z.array(z.string()), []),
  MessageAttributeNames: z._default(z.array(z.string()), []),
  WaitTimeSeconds: z.optional(z.int().check(z.gte(0), z.lte(20))),
})
const receiptInput = z.object({ QueueUrl: z.string(), ReceiptHandle: z.string() })

export function sqs(options: SqsOptions): Sqs {
  const queues = new Map<string, Queue>()
  const create = (name: string, how: QueueOptions): Queue => {
    const arn = `arn:aws:sqs:${options.region}:${account}:${name}`
    const created = queueOf(arn, options.region, how)
    queues.set(name, created)
    return created
  }
  for (const [name, how] of Object.entries(options.queues)) create(name, how)
  const queue = (name: string): Queue => {
    const found = queues.get(name)
    if (!found) throw new AwsError(400, missing, 'The specified queue does not exist.')
    return found
  }
  const byUrl = (url: string): Queue => queue(url.slice(url.lastIndexOf('/') + 1))
  const queueUrl = (name: string): string => `${options.baseUrl()}/${account}/${name}`
  const service = targetService({
    name: 'sqs',
    target: 'AmazonSQS',
    version: '1.0',
    throttled: { status: 403, code: 'RequestThrottled' },
    operations: messageOperations(byUrl, options),
  })
  const queueAt = (arn: string): Queue => queue(arn.slice(arn.lastIndexOf(':') + 1))
  return { ...service, refuse, create, queue, queueAt, queueOf: byUrl, queueUrl }
}

const messageOperations = (byUrl: (url: string) => Queue, { nowMs }: SqsOptions) => ({
  SendMessage(input: unknown) {
    const asked = parsed(sendInput, input, 'InvalidParameterValue')
    if (Buffer.byteLength(asked.MessageBody) > largestMessageBytes) {
      throw new AwsError(400, 'InvalidParameterValue', 'The message is too long.')
    }
    if (unsendable.test(asked.MessageBody)) {
      throw new AwsError(400, 'InvalidMessageContents', 'Invalid characters found in the message.')
    }
    const { DelaySeconds: seconds, MessageAttributes: attributes } = asked
    const more = { attributes, ...(seconds !== undefined && { delayMs: seconds * 1000 }) }
    const message = byUrl(asked.QueueUrl).put(asked.MessageBody, nowMs(), more)
    return {
      MessageId: message.messageId,
      MD5OfMessageBody: hexOf('md5', message.body),
      ...md5OfAttributes(message.attributes),
    }
  },
  ReceiveMessage(input: unknown) {
    const asked = parsed(receiveInput, input, 'InvalidParameterValue')
    const { VisibilityTimeout: seconds, MaxNumberOfMessages: most } = asked
    const queue = byUrl(asked.QueueUrl)
    const hideMs = seconds === undefined ? queue.visibilityMs : seconds * 1000
    const messages = queue.receive(nowMs(), most, hideMs)
    return messages.length > 0
      ? { Messages: messages.map((message) => received(message, asked)) }
      : {}
  },
  DeleteMessage(input: unknown) {
    const asked = parsed(receiptInput, input, 'InvalidParameterValue')
    if (!/^[\w/+=-]{20,}$/.test(asked.ReceiptHandle)) {
      const said = 'The input receipt handle is invalid.'
      throw new AwsError(400, 'ReceiptHandleIsInvalid', said)
    }
    byUrl(asked.QueueUrl).remove(asked.ReceiptHandle)
  },
})

/** XML 1.0 has no other control characters, and SQS takes no others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const unsendable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** Attributes only as far as they are asked for. */
function received(message: Message, asked: z.infer<typeof receiveInput>) {
  const system = namedIn(systemAttributes(message), [
    ...asked.AttributeNames,
    ...asked.MessageSystemAttributeNames,
  ])
  const own = namedIn(message.attributes, asked.MessageAttributeNames)
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: hexOf('md5', message.body),
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(Object.keys(own).length > 0 && { MessageAttributes: own, ...md5OfAttributes(own) }),
  }
}

function namedIn<T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  const isAsked = (name: string) =>
    names.some((one) => one === 'All' || one === '.*' || one === name)
  return Object.fromEntries(Object.entries(all).filter(([name]) => isAsked(name)))
}

/** Documented by AWS: lengths and bytes of name, type and value, in the order of the names. */
function md5OfAttributes(attributes: Message['attributes']) {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return {}
  const sized = (text: string): Buffer => {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const parts = names.flatMap((name) => {
    const { DataType = '', StringValue = '' } = attributes[name] ?? {}
    return [sized(name), sized(DataType), Buffer.from([1]), sized(StringValue)]
  })
  return { MD5OfMessageAttributes: hexOf('md5', Buffer.concat(parts)) }
}

const missing = 'QueueDoesNotExist'
const contentType = 'application/x-amz-json-1.0'
const oldCodes: Readonly<Record<string, string>> = {
  [missing]: 'AWS.SimpleQueueService.NonExistentQueue',
  AccessDeniedException: 'AccessDenied',
}

/** Clients read the code that the error had in the old XML protocol. */
function refuse(error: AwsError): Answer {
  const answer = jsonRefusal(error, contentType)
  const old = oldCodes[error.code] ?? error.code
  const fault = error.status < 500 ? 'Sender' : 'Receiver'
  return { ...answer, headers: { ...answer.headers, 'x-amzn-query-error': `${old};${fault}` } }
}
