/** IoT Core's data plane: Publish passes each message to a listener. */

import { jsonAnswer, jsonRefusal } from '../json-services.ts'
import { AwsError, type AwsService, type Call, decoded } from '../wire.ts'

export interface PublishedMessage {
  readonly atMs: number
  readonly topic: string
  readonly qos: 0 | 1
  readonly retain: boolean
  /** Null: stored for an offline client as long as its session lasts. */
  readonly expirySeconds: number | null
  readonly payload: Uint8Array
}

export interface IotOptions {
  nowMs(): number
  readonly onPublish?: ((message: PublishedMessage) => void) | undefined
}

export interface Iot extends AwsService {
  readonly published: readonly PublishedMessage[]
}

const path = '/topics/'
const longestTopicBytes = 256
/** Seven slashes. */
const mostLevels = 8
const largestPayloadBytes = 128 * 1024

export function iot({ nowMs, onPublish }: IotOptions): Iot {
  const published: PublishedMessage[] = []
  return {
    name: 'iotdata',
    published,
    throttled: { status: 400, code: 'ThrottlingException' },
    operationOf: ({ method, rawPath }) =>
      method === 'POST' && rawPath.startsWith(path) ? 'Publish' : null,
    answer(_, call) {
      const message = messageOf(call, nowMs())
      published.push(message)
      onPublish?.(message)
      return jsonAnswer({ message: 'OK' })
    },
    refuse: (error) => jsonRefusal(error, 'application/json'),
  }
}

function messageOf(call: Call, atMs: number): PublishedMessage {
  const topic = decoded(call.rawPath.slice(path.length))
  const qos = call.query.get('qos') ?? '0'
  const isTooDeep = topic.split('/').length > mostLevels && !topic.startsWith('$')
  const isTooLong = Buffer.byteLength(topic) > longestTopicBytes
  if (topic === '' || /[+#]/.test(topic) || isTooLong || isTooDeep) {
    throw invalid('The topic is not one that can be published to.')
  }
  if (qos !== '0' && qos !== '1') throw invalid('The quality of service is neither 0 nor 1.')
  if (call.body.length > largestPayloadBytes) {
    throw new AwsError(413, 'RequestEntityTooLargeException', 'The payload is too large.')
  }
  return {
    ...{ atMs, topic, qos: qos === '1' ? 1 : 0 },
    retain: call.query.get('retain') === 'true',
    expirySeconds: expiryOf(call),
    payload: new Uint8Array(call.body),
  }
}

function expiryOf({ query }: Call): number | null {
  const expiry = query.get('messageExpiry')
  if (expiry === null) return null
  if (/^\d{1,10}$/.test(expiry) && Number(expiry) > 0) return Number(expiry)
  throw invalid('The expiry is not a number of seconds.')
}

const invalid = (message: string): AwsError => new AwsError(400, 'InvalidRequestException', message)
