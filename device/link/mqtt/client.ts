/**
 * The SDK's MQTT 5 client, and all that has to be known of it. Loaded only where a door has such a
 * line: it takes tens of megabytes.
 */
import type { mqtt5 } from 'aws-iot-device-sdk-v2'
import type { Identity } from '../../daemon/ports.ts'
import type { Endpoint } from './trouble.ts'

export interface ClientOptions {
  readonly endpoint: Endpoint
  /** Also the client id, as the door's policy demands. */
  readonly thingName: string
  readonly identity: Identity
  readonly reconnectMs: { readonly min: number; readonly max: number }
  readonly keepAliveSeconds: number
  /** Whether to stay below what AWS takes from one connection: 100 messages and 512 KB a second. */
  readonly paced: boolean
}

export interface ClientNews {
  attempting(): void
  /** Without `remembered` the broker has nothing of what was said meanwhile. */
  connected(session: { readonly remembered: boolean }): void
  /** Without `refused` nobody has answered in MQTT. */
  failed(failure: { readonly refused: boolean }): void
  disconnected(why: { readonly takenOver: boolean }): void
  message(topic: string, text: string): void
}

export interface IotClient {
  start(): void
  subscribe(filter: string): Promise<void>
  /** Settles with the broker's acknowledgement. */
  publish(topic: string, text: string): Promise<void>
  /** Settles when it is gone, or soon after. */
  stop(): Promise<void>
}

/** The broker keeps what it has for the door for so long; AWS keeps it for an hour at most. */
const sessionSeconds = 3_600
const failureFrom = 0x80
/** Larger ones never leave the broker. Room to refuse what is too big, and to say so. */
const largestPacketBytes = 1024 * 1024
const stopWithinMs = 1_000
const connectWithinMs = 10_000
const answerWithinMs = 10_000

type Sdk = typeof import('aws-iot-device-sdk-v2')

export async function iotClient(options: ClientOptions, news: ClientNews): Promise<IotClient> {
  const sdk = await import('aws-iot-device-sdk-v2')
  const client = new sdk.mqtt5.Mqtt5Client(configFrom(sdk, options))
  listen(sdk, client, news)
  return {
    start: () => client.start(),

    async subscribe(filter) {
      const qos = sdk.mqtt5.QoS.AtLeastOnce
      const { reasonCodes } = await client.subscribe({
        subscriptions: [{ topicFilter: filter, qos }],
      })
      refuseFailure(reasonCodes[0] ?? failureFrom)
    },

    async publish(topicName, payload) {
      const qos = sdk.mqtt5.QoS.AtLeastOnce
      const answer = await client.publish({ topicName, qos, payload })
      // "Nobody has subscribed" is a success too.
      if (answer) refuseFailure(Number(answer.reasonCode))
    },

    async stop() {
      let impatience: NodeJS.Timeout | undefined
      const stopped = new Promise<void>((resolve) => {
        client.once('stopped', () => resolve())
        impatience = setTimeout(resolve, stopWithinMs)
      })
      client.stop({ reasonCode: sdk.mqtt5.DisconnectReasonCode.NormalDisconnection })
      await stopped
      clearTimeout(impatience)
      client.close()
    },
  }
}

function configFrom(sdk: Sdk, options: ClientOptions): mqtt5.Mqtt5ClientConfig {
  const { iot, mqtt5, io } = sdk
  const { endpoint, identity, reconnectMs, keepAliveSeconds } = options
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    endpoint.host,
    identity.certificate,
    identity.key,
  )
    .withPort(endpoint.port)
    .withSocketOptions(
      new io.SocketOptions(io.SocketType.STREAM, io.SocketDomain.IPV4, connectWithinMs),
    )
    .withConnackTimeoutMs(connectWithinMs)
    // The SDK wants it to be shorter than the silence before it.
    .withPingTimeoutMs(Math.min(answerWithinMs, keepAliveSeconds * 800))
    .withSessionBehavior(mqtt5.ClientSessionBehavior.RejoinAlways)
    // Its own queue lives in memory, without a bound: what cannot be sent now is not kept by it.
    .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
    .withRetryJitterMode(mqtt5.RetryJitterType.Full)
    .withMinReconnectDelayMs(reconnectMs.min)
    .withMaxReconnectDelayMs(reconnectMs.max)
    .withExtendedValidationAndFlowControlOptions(flowControl(mqtt5, options.paced))
    .withConnectProperties({
      clientId: options.thingName,
      keepAliveIntervalSeconds: keepAliveSeconds,
      sessionExpiryIntervalSeconds: sessionSeconds,
      maximumPacketSizeBytes: largestPacketBytes,
    })
  if (identity.authority !== null) builder.withCertificateAuthority(identity.authority)
  return builder.build()
}

const flowControl = ({ ClientExtendedValidationAndFlowControl }: Sdk['mqtt5'], paced: boolean) =>
  paced
    ? ClientExtendedValidationAndFlowControl.AwsIotCoreDefaults
    : ClientExtendedValidationAndFlowControl.None

function listen(sdk: Sdk, client: mqtt5.Mqtt5Client, news: ClientNews): void {
  const takenOverCode = sdk.mqtt5.DisconnectReasonCode.SessionTakenOver
  // An error that nobody listens to would end the daemon.
  client.on('error', () => {})
  client.on('attemptingConnect', () => news.attempting())
  client.on('connectionSuccess', ({ settings }) =>
    news.connected({ remembered: settings.rejoinedSession }),
  )
  client.on('connectionFailure', ({ connack }) =>
    news.failed({ refused: connack !== undefined && Number(connack.reasonCode) >= failureFrom }),
  )
  client.on('disconnection', ({ disconnect }) =>
    news.disconnected({ takenOver: disconnect?.reasonCode === takenOverCode }),
  )
  client.on('messageReceived', ({ message }) =>
    news.message(message.topicName, textOf(message.payload)),
  )
}

/** What is no UTF-8 becomes something that is no JSON either, and is refused as that. */
function textOf(payload: mqtt5.Payload | undefined): string {
  if (payload === undefined) return ''
  if (typeof payload === 'string') return payload
  if (!(payload instanceof ArrayBuffer)) return JSON.stringify(payload)
  // Of no words at all the SDK makes a buffer that cannot be looked into without a fault.
  return payload.byteLength === 0 ? '' : Buffer.from(payload).toString()
}

/** Unlike a line that dropped: asked again, it is refused again. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal'
}

function refuseFailure(code: number): void {
  if (code >= failureFrom) throw new BrokerRefusal(`The broker refused it (${code}).`)
}
