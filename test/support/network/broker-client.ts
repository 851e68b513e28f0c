/** The cloud's client at the broker: the SDK's own. */
import { iot, mqtt5 } from 'aws-iot-device-sdk-v2'
import type { Said } from '../../contracts/device/cloud-link.ts'
import type { Broker } from './broker.ts'
import type { Papers, TestCa } from './test-ca.ts'

export interface BrokerClient {
  readonly heard: Said[]
  /** How often it has connected and subscribed. */
  arrivals(): number
  say(said: Said): Promise<void>
  sendBytes(topic: string, payload: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface BrokerClientOptions {
  readonly broker: Pick<Broker, 'host' | 'port'>
  readonly ca: TestCa
  readonly papers: Papers
  readonly clientId: string
  readonly filters: readonly string[]
  readonly hear?: (said: Said) => void
  readonly keepsSession?: boolean
}

export async function brokerClient(options: BrokerClientOptions): Promise<BrokerClient> {
  const { broker, ca, papers, clientId, filters, hear = () => {}, keepsSession = false } = options
  const { ClientSessionBehavior, ClientExtendedValidationAndFlowControl, QoS } = mqtt5
  const config = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromPath(
    broker.host,
    papers.certificate,
    papers.key,
  )
    .withPort(broker.port)
    .withCertificateAuthorityFromPath(undefined, ca.certificate)
    .withMinReconnectDelayMs(50)
    .withMaxReconnectDelayMs(500)
    .withSessionBehavior(
      keepsSession ? ClientSessionBehavior.RejoinAlways : ClientSessionBehavior.Clean,
    )
    .withExtendedValidationAndFlowControlOptions(ClientExtendedValidationAndFlowControl.None)
    .withConnectProperties({
      clientId,
      keepAliveIntervalSeconds: 5,
      sessionExpiryIntervalSeconds: 3_600,
    })
    .withPingTimeoutMs(2_000)
    .build()
  const client = new mqtt5.Mqtt5Client(config)
  const heard: Said[] = []
  let arrivals = 0
  client.on('error', () => {})
  client.on('messageReceived', ({ message: { topicName, payload } }) => {
    const text =
      payload instanceof ArrayBuffer && payload.byteLength > 0
        ? Buffer.from(payload).toString()
        : ''
    heard.push({ topic: topicName, text })
    hear({ topic: topicName, text })
  })
  const subscriptions = filters.map((topicFilter) => ({ topicFilter, qos: QoS.AtLeastOnce }))
  const subscribe = async () => {
    if (subscriptions.length > 0) await client.subscribe({ subscriptions })
    arrivals += 1
  }
  const connected = new Promise<void>((resolve) => {
    // The SDK connects again when the connection drops before the subscription.
    client.on('connectionSuccess', () => void subscribe().then(resolve, () => {}))
  })
  client.start()
  await connected
  return {
    heard,
    arrivals: () => arrivals,
    async say({ topic, text }) {
      await client.publish({ topicName: topic, payload: text, qos: QoS.AtLeastOnce })
    },
    async sendBytes(topic, bytes) {
      const payload = new Uint8Array(bytes).buffer
      await client.publish({ topicName: topic, payload, qos: QoS.AtLeastOnce })
    },
    async close() {
      const stopped = new Promise<void>((resolve) => client.once('stopped', () => resolve()))
      client.stop()
      await stopped
      client.close()
    },
  }
}
