/**
 * The SDK's MQTT 5 client with the options that a door needs. Loaded only for doors that use AWS
 * IoT: it takes tens of megabytes.
 */
import type { mqtt5 } from 'aws-iot-device-sdk-v2'
import type { Identity } from '../../daemon/ports.ts'
import type { Endpoint } from './diagnosis.ts'

export interface ClientOptions {
  readonly endpoint: Endpoint
  /** Also the client id: the door's policy requires it. */
  readonly thingName: string
  readonly identity: Identity
  readonly reconnectMs: { readonly min: number; readonly max: number }
  readonly keepAliveSeconds: number
  /** Stay below the limits of AWS for one connection: 100 messages and 512 KB a second. */
  readonly paced: boolean
}

export interface ClientEvents {
  attempting(): void
  /** `rejoined`: the broker has the messages that were sent while the client was away. */
  connected(session: { readonly rejoined: boolean }): void
  /** `refused` by the broker; otherwise no broker answered. */
  failed(failure: { readonly refused: boolean }): void
  disconnected(why: { readonly takenOver: boolean }): void
  message(topic: string, payload: Uint8Array): void
}

export interface IotClient {
  start(): void
  subscribe(filter: string): Promise<void>
  /** Settles with the broker's acknowledgement. */
  publish(topic: string, text: string): Promise<void>
  /** Settles when the client has disconnected, or after a second. */
  stop(): Promise<void>
}

/** How long the broker stores messages for the door; AWS's maximum. */
const sessionSeconds = 3_600
/** MQTT 5 reason codes from here on are failures. */
const firstFailureCode = 0x80
/** The broker drops larger messages. Well above the protocol's limit, so that the door itself refuses long ones. */
const maxPacketBytes = 1024 * 1024
const stopTimeoutMs = 1_000
const connectTimeoutMs = 10_000
const pingTimeoutMs = 10_000

type Sdk = typeof import('aws-iot-device-sdk-v2')

export async function iotClient(options: ClientOptions, events: ClientEvents): Promise<IotClient> {
  const sdk = await import('aws-iot-device-sdk-v2')
  const client = new sdk.mqtt5.Mqtt5Client(configFrom(sdk, options))
  listen(sdk, client, events)
  return {
    start: () => client.start(),

    async subscribe(filter) {
      const qos = sdk.mqtt5.QoS.AtLeastOnce
      const { reasonCodes } = await client.subscribe({
        subscriptions: [{ topicFilter: filter, qos }],
      })
      throwIfFailed(reasonCodes[0] ?? firstFailureCode)
    },

    async publish(topicName, payload) {
      const qos = sdk.mqtt5.QoS.AtLeastOnce
      const answer = await client.publish({ topicName, qos, payload })
      // "No matching subscribers" is a success too.
      if (answer) throwIfFailed(Number(answer.reasonCode))
    },

    async stop() {
      let timeout: NodeJS.Timeout | undefined
      const stopped = new Promise<void>((resolve) => {
        client.once('stopped', () => resolve())
        timeout = setTimeout(resolve, stopTimeoutMs)
      })
      client.stop({ reasonCode: sdk.mqtt5.DisconnectReasonCode.NormalDisconnection })
      await stopped
      clearTimeout(timeout)
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
    // Despite its name this does not exclude IPv6: the SDK follows the address that it connects to.
    .withSocketOptions(
      new io.SocketOptions(io.SocketType.STREAM, io.SocketDomain.IPV4, connectTimeoutMs),
    )
    .withConnackTimeoutMs(connectTimeoutMs)
    // The SDK requires it to be shorter than the keep-alive interval.
    .withPingTimeoutMs(Math.min(pingTimeoutMs, keepAliveSeconds * 800))
    .withSessionBehavior(mqtt5.ClientSessionBehavior.RejoinAlways)
    // No queue in memory: the outbox on the disk is the queue.
    .withOfflineQueueBehavior(mqtt5.ClientOperationQueueBehavior.FailAllOnDisconnect)
    .withRetryJitterMode(mqtt5.RetryJitterType.Full)
    .withMinReconnectDelayMs(reconnectMs.min)
    .withMaxReconnectDelayMs(reconnectMs.max)
    .withExtendedValidationAndFlowControlOptions(flowControl(mqtt5, options.paced))
    .withConnectProperties({
      clientId: options.thingName,
      keepAliveIntervalSeconds: keepAliveSeconds,
      sessionExpiryIntervalSeconds: sessionSeconds,
      maximumPacketSizeBytes: maxPacketBytes,
    })
  if (identity.authority !== null) builder.withCertificateAuthority(identity.authority)
  return builder.build()
}

const flowControl = ({ ClientExtendedValidationAndFlowControl }: Sdk['mqtt5'], paced: boolean) =>
  paced
    ? ClientExtendedValidationAndFlowControl.AwsIotCoreDefaults
    : ClientExtendedValidationAndFlowControl.None

function listen(sdk: Sdk, client: mqtt5.Mqtt5Client, events: ClientEvents): void {
  const takenOverCode = sdk.mqtt5.DisconnectReasonCode.SessionTakenOver
  // An 'error' event without a listener would end the daemon.
  client.on('error', () => {})
  client.on('attemptingConnect', () => events.attempting())
  client.on('connectionSuccess', ({ settings }) =>
    events.connected({ rejoined: settings.rejoinedSession }),
  )
  client.on('connectionFailure', ({ connack }) =>
    events.failed({
      refused: connack !== undefined && Number(connack.reasonCode) >= firstFailureCode,
    }),
  )
  client.on('disconnection', ({ disconnect }) =>
    events.disconnected({ takenOver: disconnect?.reasonCode === takenOverCode }),
  )
  client.on('messageReceived', ({ message }) =>
    events.message(message.topicName, bytesOf(message.payload)),
  )
}

/** The SDK's buffer for an empty payload throws when it is read. */
const bytesOf = (payload: mqtt5.Payload | undefined): Uint8Array =>
  payload instanceof ArrayBuffer && payload.byteLength > 0
    ? new Uint8Array(payload.slice())
    : Buffer.from(typeof payload === 'string' ? payload : '')

/** Unlike a dropped connection: the same message will be refused again. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal'
}

function throwIfFailed(code: number): void {
  if (code >= firstFailureCode) throw new BrokerRefusal(`The broker refused it (${code}).`)
}
