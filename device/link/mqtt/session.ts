/** One MQTT client with one certificate, from its first attempt until it is replaced or stopped. */
import { type ClientOptions, type IotClient, iotClient } from './client.ts'

export interface SessionOptions extends ClientOptions {
  /** The topics to subscribe to. */
  readonly filter: string
}

export interface SessionEvents {
  /** Before `up`: the broker has discarded the messages sent while the door was away. */
  missed(): void
  /** Connected and subscribed. */
  up(): void
  down(why: { readonly takenOver: boolean }): void
  /** `refused` by the broker; otherwise the reason is unknown. */
  failed(failure: { readonly refused: boolean }): void
  /** An attempt takes longer than usual: it has failed, but the SDK does not report it yet. */
  slow(): void
  message(topic: string, payload: Uint8Array): void
}

export interface Session {
  start(): void
  publish(topic: string, text: string): Promise<void>
  stop(): Promise<void>
}

const slowAfterMs = 1_500
const resubscribeMs = 5_000

export async function createSession(
  { filter, ...options }: SessionOptions,
  events: SessionEvents,
): Promise<Session> {
  let isStopped = false
  let slowTimer: NodeJS.Timeout | undefined
  let subscribeTimer: NodeJS.Timeout | undefined

  /** On every connection: a broker that lost its memory may report an old session. */
  async function subscribe(): Promise<void> {
    try {
      await client.subscribe(filter)
    } catch {
      if (isStopped) return
      events.failed({ refused: true })
      subscribeTimer = setTimeout(() => void subscribe(), resubscribeMs)
      return
    }
    if (!isStopped) events.up()
  }

  const client: IotClient = await iotClient(options, {
    attempting() {
      clearTimeout(slowTimer)
      if (!isStopped) slowTimer = setTimeout(() => events.slow(), slowAfterMs)
    },
    connected({ rejoined }) {
      clearTimeout(slowTimer)
      if (isStopped) return
      if (!rejoined) events.missed()
      void subscribe()
    },
    failed(failure) {
      clearTimeout(slowTimer)
      if (!isStopped) events.failed(failure)
    },
    disconnected(why) {
      clearTimeout(subscribeTimer)
      if (!isStopped) events.down(why)
    },
    message(topic, payload) {
      if (!isStopped) events.message(topic, payload)
    },
  })

  return {
    start: () => client.start(),
    publish: (topic, text) => client.publish(topic, text),
    stop() {
      isStopped = true
      clearTimeout(slowTimer)
      clearTimeout(subscribeTimer)
      return client.stop()
    },
  }
}
