/**
 * The network between a simulated door and its cloud. It can be cut, slow, or deliver everything
 * twice and out of order.
 */
import type { EventEmitter } from 'node:events'
import * as z from 'zod/mini'
import {
  fromDoorSchema,
  maxCloudMessageLength,
  type ToDoor,
} from '../../device/simulated/messages.ts'
import { ConnectionServer } from './connection-server.ts'
import type { ConnectionEvents } from './connections.ts'

interface NetworkState {
  readonly up: boolean
  /** Delay of every message, in both directions. */
  readonly slowMs: number
  /** Every message arrives twice, and messages that follow each other closely in any order. */
  readonly doubles: boolean
}

export interface Network {
  readonly linkPort: number
  /** What the network would carry; `linkUp` is whether the daemon has connected. */
  network(): NetworkState
  linkUp(): boolean
  setNetwork(change: Partial<NetworkState>): void
  /** False if the door is not connected. */
  sendText(topic: string, text: string): boolean
  close(): Promise<void>
}

interface NetworkOptions {
  readonly port: number
  readonly secret: string | undefined
  readonly events: EventEmitter<ConnectionEvents>
  invalid(): void
  fromDoor(topic: string, text: string): void
}

const mixedUpWithinMs = 150

export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { port, secret, events, invalid, fromDoor } = options
  let state: NetworkState = { up: true, slowMs: 0, doubles: false }
  let linkUp = false
  const setLink = (up: boolean) => {
    linkUp = up
    events.emit('link', up)
  }
  const server = await ConnectionServer.start({
    port,
    secret,
    invalid,
    maxLength: maxCloudMessageLength,
    value(value) {
      const { success, data } = z.safeParse(fromDoorSchema, value)
      if (!success) return invalid()
      carry(state, (nth) => {
        if (nth === 0) send({ ack: data.n })
        fromDoor(data.topic, data.text)
      })
    },
    connected() {
      send({ welcome: true })
      setLink(true)
    },
    dropped: () => setLink(false),
  })
  const send = (message: ToDoor) => server.send(message)
  return {
    linkPort: server.port,
    network: () => state,
    linkUp: () => linkUp,
    setNetwork(change) {
      const wasUp = state.up
      state = { ...state, ...change }
      if (state.up !== wasUp) server.cut(!state.up)
    },
    sendText(topic, text) {
      if (state.slowMs === 0 && !state.doubles) return send({ topic, text })
      carry(state, () => void send({ topic, text }))
      return linkUp
    },
    close: () => server.close(),
  }
}

function carry({ slowMs, doubles }: NetworkState, arrive: (nth: number) => void): void {
  if (slowMs === 0 && !doubles) return void arrive(0)
  for (let nth = 0; nth < (doubles ? 2 : 1); nth += 1) {
    const jitterMs = doubles ? Math.random() * mixedUpWithinMs : 0
    setTimeout(() => arrive(nth), slowMs + jitterMs)
  }
}
