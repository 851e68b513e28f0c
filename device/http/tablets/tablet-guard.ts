/** Decides which requests of tablets and strangers are admitted. */
import type { IncomingMessage } from 'node:http'
import { type RequestGuard, requestGuard } from '../request-guard.ts'
import { Allowances } from './allowances.ts'
import { type Peers, peerOf, plainAddress } from './peers.ts'
import { secretIn } from './secret-cookie.ts'
import type { Tablet, Tablets } from './tablet-app.ts'
import type { TabletLimits } from './tablet-limits.ts'

interface GuardDeps {
  readonly tablets: Tablets
  readonly peers: Peers
  readonly names: readonly string[]
  readonly limits: TabletLimits
  readonly nowMs: () => number
}

export const pairingPage = '/pairing/'
export const pairingCode = '/pairing/code'

/** All that a stranger gets. The first leads to the page for pairing. */
const openPaths: readonly (string | undefined)[] = [
  '/',
  pairingPage,
  pairingCode,
  '/pairing/pairing.css',
  '/pairing/pairing.ts',
  '/family.css',
]

export class TabletGuard {
  readonly #deps: GuardDeps
  readonly #tabletOf = new WeakMap<IncomingMessage, Tablet>()
  readonly #requests: Allowances
  readonly #requestsOfStrangers: Allowances
  readonly #actions: Allowances

  constructor(deps: GuardDeps) {
    const { limits, nowMs } = deps
    this.#deps = deps
    this.#requests = new Allowances(limits.requestsOfPeer, nowMs)
    this.#requestsOfStrangers = new Allowances(limits.requestsOfStrangers, nowMs)
    this.#actions = new Allowances(limits.actionsOfTablet, nowMs)
  }

  /** Null for a stranger. */
  tabletOf = (request: IncomingMessage): Tablet | null => this.#tabletOf.get(request) ?? null

  check: RequestGuard = (request) => {
    const { tablets, peers, names } = this.#deps
    const secret = secretIn(request.headers)
    const tablet = secret === null ? null : tablets.bySecret(secret)
    if (!(tablet ? this.#mayAsk(tablet, request) : this.#mayStrangerAsk(request))) {
      return 'too-many-requests'
    }
    const own = plainAddress(request.socket.localAddress)
    const problem = requestGuard([...names, own])(request)
    if (problem) return problem
    if (!tablet) return openPaths.includes(request.url?.split('?', 1)[0]) ? null : 'not-paired'
    this.#tabletOf.set(request, tablet)
    peers.recognise(request.socket, tablet.id)
    return null
  }

  #mayAsk = ({ id }: Tablet, { method }: IncomingMessage): boolean =>
    this.#requests.take(id) && (method !== 'POST' || this.#actions.take(id))

  #mayStrangerAsk = ({ socket }: IncomingMessage): boolean =>
    this.#requests.take(peerOf(socket.remoteAddress)) && this.#requestsOfStrangers.take('all')
}
