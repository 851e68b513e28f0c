/**
 * The connection to AWS IoT: MQTT 5 with mutual TLS. It replaces its certificate while the door
 * runs, and reports why it is down.
 */
import { commandFilter } from '../../../protocol/topics.ts'
import type { CloudLink, CloudListener, Identity } from '../../daemon/ports.ts'
import { BrokerRefusal } from './client.ts'
import type { Diagnosis, Endpoint } from './diagnosis.ts'
import { Reporter } from './reporter.ts'
import { createSession, type Session, type SessionEvents } from './session.ts'

export interface IotLinkOptions {
  readonly endpoint: Endpoint
  /** The door's id. */
  readonly thingName: string
  /** Read again on every failure: the certificate may be replaced while the door runs. */
  readonly identity: () => Identity
  readonly report: (diagnosis: Diagnosis) => void
  readonly reconnectMs?: { readonly min: number; readonly max: number }
  readonly keepAliveSeconds?: number
  readonly paced?: boolean
}

class IotLinkDown extends Error {
  override readonly name = 'IotLinkDown'
  readonly code = 'LINK_DOWN'
}

const defaults = {
  reconnectMs: { min: 500, max: 15_000 },
  /** AWS's minimum. A silently dead connection is noticed after this and the ping's time-out. */
  keepAliveSeconds: 30,
  paced: true,
}
const checkIdentityEveryMs = 60_000
const lastedAfterMs = 5_000
const suspiciousDrops = 3

export class IotLink implements CloudLink {
  readonly #options: IotLinkOptions
  readonly #reporter: Reporter
  /** The SDK itself would wait until the session is rejoined. */
  readonly #unacknowledged = new Set<(error: IotLinkDown) => void>()
  #listener: CloudListener | null = null
  #session: Session | null = null
  #certificateInUse = ''
  /** The replacement of the session that is under way, if any. */
  #opening: Promise<void> = Promise.resolve()
  #isOnline = false
  /** The broker has discarded messages, and the listener does not know yet. */
  #hasMissed = false
  #onlineSinceMs = 0
  #earlyDrops = 0
  #identityCheck: NodeJS.Timeout | undefined

  constructor(options: IotLinkOptions) {
    this.#options = options
    this.#reporter = new Reporter(options)
  }

  start(listener: CloudListener): void {
    this.#listener = listener
    this.#checkIdentity()
  }

  async publish(topic: string, text: string): Promise<void> {
    const session = this.#session
    if (!this.#isOnline || !session) throw new IotLinkDown('The cloud is not reachable.')
    try {
      await new Promise<void>((resolve, reject) => {
        this.#unacknowledged.add(reject)
        const settled = () => this.#unacknowledged.delete(reject)
        session.publish(topic, text).finally(settled).then(resolve, reject)
      })
    } catch (error) {
      if (error instanceof BrokerRefusal) this.#reporter.report('message-refused')
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#listener = null
    this.#isOnline = false
    clearTimeout(this.#identityCheck)
    this.#rejectAll('The door is stopping.')
    await this.#opening
    await this.#session?.stop()
    this.#session = null
  }

  /** Opens a session with the certificate on the disk, unless it is in use already. */
  #checkIdentity(): void {
    if (!this.#listener) return
    clearTimeout(this.#identityCheck)
    this.#identityCheck = setTimeout(() => this.#checkIdentity(), checkIdentityEveryMs)
    this.#identityCheck.unref()
    const identity = this.#reporter.readIdentity()
    if (!identity || identity.certificate === this.#certificateInUse) return
    this.#certificateInUse = identity.certificate
    this.#opening = this.#opening.then(() => this.#open(identity))
  }

  async #open(identity: Identity): Promise<void> {
    const old = this.#session
    this.#session = null
    await old?.stop()
    this.#setOnline(false)
    const filter = commandFilter(this.#options.thingName)
    try {
      this.#session = await createSession(
        { ...defaults, ...this.#options, identity, filter },
        this.#events,
      )
    } catch {
      return this.#reporter.report(await whyNoClient())
    }
    if (this.#listener) this.#session.start()
  }

  readonly #events: SessionEvents = {
    missed: () => {
      this.#hasMissed = true
    },
    up: () => this.#setOnline(true),
    down: ({ takenOver }) => {
      if (this.#isOnline) this.#countDrop()
      this.#setOnline(false)
      if (takenOver) this.#reporter.report('taken-over')
      this.#checkIdentity()
    },
    failed: ({ refused }) => {
      if (refused) this.#reporter.report('not-allowed')
      else this.#diagnose()
      this.#checkIdentity()
    },
    slow: () => this.#diagnose(),
    message: (topic, payload) => this.#listener?.message(topic, payload),
  }

  #setOnline(isOnline: boolean): void {
    if (!isOnline) this.#rejectAll('The connection dropped before the acknowledgement.')
    if (isOnline === this.#isOnline || !this.#listener) return
    this.#isOnline = isOnline
    if (isOnline) {
      this.#onlineSinceMs = performance.now()
      if (this.#hasMissed) this.#listener.missed?.()
      this.#hasMissed = false
    }
    this.#listener.online(isOnline)
  }

  #rejectAll(why: string): void {
    for (const reject of this.#unacknowledged) reject(new IotLinkDown(why))
    this.#unacknowledged.clear()
  }

  #countDrop(): void {
    const hasLasted = performance.now() - this.#onlineSinceMs >= lastedAfterMs
    this.#earlyDrops = hasLasted ? 0 : this.#earlyDrops + 1
    if (hasLasted) this.#reporter.reset()
    if (this.#earlyDrops >= suspiciousDrops) this.#reporter.report('dropped-again')
  }

  #diagnose(): void {
    const session = this.#session
    const isStillDown = () =>
      session === this.#session && this.#listener !== null && !this.#isOnline
    void this.#reporter.diagnose(isStillDown)
  }
}

/** Either the SDK is missing, or it could not read the certificate. */
const whyNoClient = () =>
  import('aws-iot-device-sdk-v2').then(
    () => 'certificate-unreadable' as const,
    () => 'sdk-missing' as const,
  )
