/**
 * Shares connections among tablets and strangers. A stranger never takes the place of a paired tablet,
 * nor one tablet that of another.
 */
import type { Socket } from 'node:net'
import { Allowances } from './allowances.ts'
import type { TabletLimits } from './tablet-limits.ts'

interface Connection {
  readonly socket: Socket
  readonly peer: string
  /** The tablet that used this connection; null: a stranger. */
  tablet: string | null
}

export class Peers {
  readonly #limits: TabletLimits
  /** By address and port of the peer: those of its TLS connection are the same. */
  readonly #connections = new Map<string, Connection>()
  /** Where each tablet was seen last. A handshake costs more than a request, so strangers share. */
  readonly #addressOf = new Map<string, string>()
  readonly #ofPeer: Allowances
  readonly #ofStrangers: Allowances

  constructor(limits: TabletLimits, nowMs: () => number) {
    this.#limits = limits
    this.#ofPeer = new Allowances(limits.connectionsOfPeer, nowMs)
    this.#ofStrangers = new Allowances(limits.connectionsOfStrangers, nowMs)
  }

  /** False: close it unused. Another connection may be closed in its favour. */
  admit(socket: Socket): boolean {
    const peer = peerOf(socket.remoteAddress)
    const isKnown = [...this.#addressOf.values()].includes(peer)
    if (!this.#ofPeer.take(peer)) return false
    if (!isKnown && !this.#ofStrangers.take('all')) return false
    const open = [...this.#connections.values()]
    const ofPeer = open.filter((one) => one.peer === peer)
    if (ofPeer.length >= this.#limits.openOfPeer && !closeStranger(ofPeer)) return false
    if (open.length >= this.#limits.open && !closeStranger(open)) return false
    const key = keyOf(socket)
    this.#connections.set(key, { socket, peer, tablet: null })
    socket.once('close', () => this.#connections.delete(key))
    return true
  }

  /** The connection has brought a tablet's secret. */
  recognise(socket: Socket, tablet: string): void {
    const connection = this.#connections.get(keyOf(socket))
    if (!connection) return
    this.#addressOf.set(tablet, connection.peer)
    connection.tablet = tablet
    const own = this.#of(tablet)
    if (own.length > this.#limits.openOfPeer)
      own.find((one) => one !== connection)?.socket.destroy()
  }

  /** Closes the connections of tablets that are not paired any more. */
  closeUnless(isPaired: (tablet: string) => boolean): void {
    for (const { tablet, socket } of this.#connections.values()) {
      if (tablet === null || isPaired(tablet)) continue
      this.#addressOf.delete(tablet)
      socket.destroy()
    }
  }

  #of = (tablet: string): readonly Connection[] =>
    [...this.#connections.values()].filter((one) => one.tablet === tablet)
}

/** The oldest first. */
function closeStranger(connections: readonly Connection[]): boolean {
  const stranger = connections.find(({ tablet, socket }) => tablet === null && !socket.destroyed)
  stranger?.socket.destroy()
  return stranger !== undefined
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/** A socket for IPv6 and IPv4 writes the latter as `::ffff:192.168.1.20`. */
export const plainAddress = (address = ''): string => address.replace(/^::ffff:(?=\d+\.)/, '')

/** A device chooses the last 64 bits of its IPv6 address as it likes, so they tell nothing apart. */
export function peerOf(remoteAddress: string | undefined): string {
  const address = plainAddress(remoteAddress)
  if (!address.includes(':')) return address
  const [left = '', right] = address.split('::')
  const [before, after] = [left, right ?? ''].map((part) => part.split(':').filter(Boolean))
  const zeros = right === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0)
  return [...(before ?? []), ...Array<string>(zeros).fill('0'), ...(after ?? [])]
    .slice(0, 4)
    .join(':')
}
