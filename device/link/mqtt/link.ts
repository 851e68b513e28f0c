/**
 * The line to AWS IoT Core: MQTT 5 with mutual TLS. It keeps nothing: what cannot be said now is
 * rejected, and the outbox on the disk says it again. A message is taken over when the broker has
 * acknowledged it, and the door is online when the broker has also taken its subscription.
 */
import { commandFilter } from '../../../protocol/topics.ts'
import type { CloudLink, CloudListener, Identity } from '../../daemon/ports.ts'
import { BrokerRefusal, type ClientNews, type IotClient, iotClient } from './client.ts'
import {
  type Endpoint,
  type LinkTrouble,
  trouble,
  troubleWithHandshake,
  troubleWithPapers,
} from './trouble.ts'
import { boundedWindow } from './window.ts'

export interface IotLinkOptions {
  readonly endpoint: Endpoint
  /** The door's id. */
  readonly thingName: string
  /** Read again whenever there is reason to: papers are replaced while the door runs. */
  readonly identity: () => Identity
  /** Each reason once, until the line has held for a while. */
  readonly tell: (trouble: LinkTrouble) => void
  readonly reconnectMs?: { readonly min: number; readonly max: number }
  readonly keepAliveSeconds?: number
  readonly paced?: boolean
}

export class IotLinkDown extends Error {
  override readonly name = 'IotLinkDown'
  readonly code = 'LINK_DOWN'
}

/** AWS takes 100 unacknowledged ones from a connection, and would drop it for more. */
const onTheWayAtMost = 50
const waitingAtMost = 2_000
/** AWS's shortest. A line that died silently is noticed after this and the wait for an answer. */
const keepAliveSeconds = 30
const reconnectMs = { min: 500, max: 15_000 }
const subscribeAgainMs = 5_000
const lookForNewPapersMs = 60_000
/** An attempt that takes longer than this has failed already, and the SDK does not say so yet. */
const suspiciousAfterMs = 1_500
const askWhyEveryMs = 60_000
const heldAfterMs = 5_000
const suspiciousShortLives = 3

export function iotLink(options: IotLinkOptions): CloudLink {
  const filter = commandFilter(options.thingName)
  const window = boundedWindow(onTheWayAtMost, waitingAtMost)
  const told = new Set<string>()
  let listener: CloudListener | null = null
  let client: IotClient | null = null
  /** Of the client that counts; news from one that was replaced are old. */
  let generation = 0
  let certificateInUse = ''
  let opening: Promise<void> = Promise.resolve()
  let online = false
  /** The broker's session is a new one, and the daemon has not been told yet. */
  let forgotten = false
  let upSinceMs = 0
  let shortLives = 0
  let suspicion: NodeJS.Timeout | undefined
  let subscribing: NodeJS.Timeout | undefined
  let paperCheck: NodeJS.Timeout | undefined
  let askedWhyAtMs = Number.NEGATIVE_INFINITY

  // ---------------------------------------------------------------- up and down

  function setOnline(now: boolean): void {
    if (!now) window.giveUp(new IotLinkDown('The line dropped before it was acknowledged.'))
    if (now === online) return
    online = now
    if (now) upSinceMs = performance.now()
    if (now && forgotten) listener?.missed?.()
    if (now) forgotten = false
    listener?.online(now)
  }

  /** Always, whatever the broker says of an old session: it may have lost it with its memory. */
  async function subscribe(own: number): Promise<void> {
    try {
      await client?.subscribe(filter)
      if (own === generation && listener) setOnline(true)
    } catch {
      if (own !== generation || !listener) return
      tell(trouble('not-allowed'))
      subscribing = setTimeout(() => void subscribe(own), subscribeAgainMs)
    }
  }

  const newsFor = (own: number): ClientNews => {
    const whileCurrent =
      <A extends unknown[]>(action: (...args: A) => void) =>
      (...args: A) => {
        if (own === generation && listener) action(...args)
      }
    return {
      attempting: whileCurrent(() => {
        clearTimeout(suspicion)
        suspicion = setTimeout(askWhy, suspiciousAfterMs)
      }),
      connected: whileCurrent(({ remembered }) => {
        clearTimeout(suspicion)
        forgotten ||= !remembered
        void subscribe(own)
      }),
      failed: whileCurrent(({ refused }) => {
        clearTimeout(suspicion)
        if (refused) tell(trouble('not-allowed'))
        else askWhy()
        lookForNewPapers()
      }),
      disconnected: whileCurrent(({ takenOver }) => {
        clearTimeout(subscribing)
        if (online) dropped()
        setOnline(false)
        if (takenOver) tell(trouble('taken-over'))
        lookForNewPapers()
      }),
      message: whileCurrent((topic, text) => listener?.message(topic, text)),
    }
  }

  /** A line that held was mended: what stood in its way before may be told again. */
  function dropped(): void {
    const held = performance.now() - upSinceMs >= heldAfterMs
    shortLives = held ? 0 : shortLives + 1
    if (held) told.clear()
    if (shortLives >= suspiciousShortLives) tell(trouble('dropped-again'))
  }

  // ---------------------------------------------------------------- why not

  function tell(one: LinkTrouble): void {
    if (told.has(one.reason)) return
    told.add(one.reason)
    options.tell(one)
  }

  function askWhy(): void {
    if (performance.now() < askedWhyAtMs + askWhyEveryMs && told.size > 0) return
    askedWhyAtMs = performance.now()
    const own = generation
    const identity = papers()
    if (!identity) return
    const found = troubleWithPapers(identity, Date.now())
    if (found) tell(found)
    else
      void troubleWithHandshake(options.endpoint, identity).then((seen) => {
        if (seen && own === generation && listener && !online) tell(seen)
      })
  }

  function papers(): Identity | null {
    try {
      return options.identity()
    } catch {
      tell(trouble('certificate-unreadable'))
      return null
    }
  }

  // ---------------------------------------------------------------- papers

  function lookForNewPapers(): void {
    clearTimeout(paperCheck)
    paperCheck = setTimeout(lookForNewPapers, lookForNewPapersMs)
    paperCheck.unref()
    const identity = papers()
    if (identity && identity.certificate !== certificateInUse) opening = opening.then(open)
  }

  /** With the papers that there are now, in the place of a client with older ones. */
  async function open(): Promise<void> {
    const identity = papers()
    if (!identity || !listener || identity.certificate === certificateInUse) return
    generation += 1
    certificateInUse = identity.certificate
    const [old, own] = [client, generation]
    client = null
    await old?.stop()
    setOnline(false)
    try {
      client = await iotClient(
        { keepAliveSeconds, reconnectMs, paced: true, ...options, identity },
        newsFor(own),
      )
      if (listener) client.start()
    } catch {
      tell(await whyNoClient())
    }
  }

  return {
    start(to) {
      listener = to
      opening = opening.then(open)
      lookForNewPapers()
    },

    publish(topic, text) {
      const sender = client
      if (!online || !sender) {
        return Promise.reject(new IotLinkDown('The cloud is not reachable.'))
      }
      return window
        .through(() => sender.publish(topic, text))
        .catch((error: unknown) => {
          if (error instanceof BrokerRefusal) tell(trouble('message-refused'))
          throw error
        })
    },

    async stop() {
      listener = null
      online = false
      for (const timer of [suspicion, subscribing, paperCheck]) clearTimeout(timer)
      window.giveUp(new IotLinkDown('The door is stopping.'))
      await opening
      const last = client
      client = null
      await last?.stop()
    },
  }
}

/** Either the SDK is not there, or it could not make anything of the papers. */
const whyNoClient = (): Promise<LinkTrouble> =>
  import('aws-iot-device-sdk-v2').then(
    () => trouble('certificate-unreadable'),
    () => trouble('sdk-missing'),
  )
