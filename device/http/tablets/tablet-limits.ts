/** Limits of what tablets, and strangers beside them, may take. Tests change them. */
import { defaultLimits, type HttpLimits } from '../limits.ts'
import type { Allowance } from './allowances.ts'

export interface TabletLimits extends HttpLimits {
  /** Open connections of all; of one address or one tablet. A browser opens six. */
  readonly open: number
  readonly openOfPeer: number
  /** New connections: of one address; of all addresses at which no tablet was seen. */
  readonly connectionsOfPeer: Allowance
  readonly connectionsOfStrangers: Allowance
  readonly handshakeWithinMs: number
  /** Requests: of one tablet or address; of all strangers. The page has 20 files. */
  readonly requestsOfPeer: Allowance
  readonly requestsOfStrangers: Allowance
  /** Codes and rings of one tablet. */
  readonly actionsOfTablet: Allowance
}

/** As many tablets can be paired. */
export const mostTablets = 8

const openOfPeer = 8
const streamsOfTablet = 3

export const defaultTabletLimits: TabletLimits = {
  ...defaultLimits,
  // `Peers` decides.
  connections: Number.POSITIVE_INFINITY,
  watchers: mostTablets * streamsOfTablet,
  watchersOfKeypad: streamsOfTablet,
  open: mostTablets * openOfPeer + 32,
  openOfPeer,
  connectionsOfPeer: { burst: 20, perSecond: 4 },
  connectionsOfStrangers: { burst: 40, perSecond: 20 },
  handshakeWithinMs: 5_000,
  requestsOfPeer: { burst: 60, perSecond: 10 },
  requestsOfStrangers: { burst: 120, perSecond: 30 },
  actionsOfTablet: { burst: 6, perSecond: 0.5 },
}
