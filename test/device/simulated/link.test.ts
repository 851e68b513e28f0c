import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { SimulatedLink } from '../../../device/simulated/link.ts'
import { fromDoorSchema, maxCloudMessageLength } from '../../../device/simulated/messages.ts'
import { ConnectionServer } from '../../../simulation/door/connection-server.ts'
import { cloudLinkContract, type Said } from '../../contracts/device/cloud-link.ts'
import { portOf } from '../../support/network/port-of.ts'

cloudLinkContract('SimulatedLink', async () => {
  const received: Said[] = []
  let withheld: number[] | null = null
  let connected = false
  const server = await ConnectionServer.start({
    port: 0,
    maxLength: maxCloudMessageLength,
    connected() {
      connected = true
      server.send({ welcome: true })
    },
    dropped() {
      connected = false
    },
    invalid: () => {},
    value(value) {
      const { n, topic, text } = z.parse(fromDoorSchema, value)
      received.push({ topic, text })
      if (withheld) withheld.push(n)
      else server.send({ ack: n })
    },
  })
  const link = new SimulatedLink({ port: server.port })
  return {
    link,
    connected: () => connected,
    received: () => received,
    say: (said) => void server.send(said),
    withholdAcks(withhold) {
      for (const n of withheld ?? []) server.send({ ack: n })
      withheld = withhold ? [] : null
    },
    cut: () => server.cut(true),
    restore: () => server.cut(false),
    async end() {
      await link.stop()
      await server.close()
    },
  }
})

describe('a simulated link', () => {
  let ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.reverse()) await end()
    ends = []
  })

  async function rawServer(accept: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>()
    const server: Server = createServer((socket) => {
      socket.on('error', () => {})
      sockets.add(socket)
      accept(socket)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    ends.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return portOf(server)
  }

  function startLink(port: number) {
    const news: boolean[] = []
    const heard: string[] = []
    let invalid = 0
    const link = new SimulatedLink({ port }, () => {
      invalid += 1
    })
    link.start({
      online: (online) => news.push(online),
      message: (_topic, payload) => heard.push(Buffer.from(payload).toString()),
    })
    ends.push(() => link.stop())
    return { link, news, heard, invalid: () => invalid }
  }

  test('is not online before the welcome message', async () => {
    let reached = 0
    const port = await rawServer(() => {
      reached += 1
    })
    const { link, news } = startLink(port)
    await expect.poll(() => reached).toBe(1)
    await expect(link.publish('topic', 'text')).rejects.toThrow('not reachable')
    expect(news).toEqual([])
  })

  test('skips invalid messages of any length', async () => {
    const port = await rawServer((socket) => {
      socket.write('{"welcome":true}\nnot json\n{"welcome":"yes"}\n[]\n\n{"ack":-1}\n')
      socket.write(`{"topic":"t","text":"${'x'.repeat(maxCloudMessageLength)}"}\n`)
      socket.write('{"topic":"t","text":"one","extra":1}\n{"topic":"t","text":"two"}\n{"ack":77}\n')
      socket.write('{"topic":"t","text":"thr')
      socket.write('ee"}\n')
    })
    const { news, heard, invalid } = startLink(port)
    await expect.poll(() => heard).toEqual(['two', 'three'])
    expect(invalid()).toBe(7)
    expect(news).toEqual([true])
  })

  test('keeps reconnecting while it is refused, with a pause each time', async () => {
    const connectedAtMs: number[] = []
    const port = await rawServer((socket) => {
      connectedAtMs.push(performance.now())
      socket.destroy()
    })
    const { news } = startLink(port)
    await expect.poll(() => connectedAtMs.length).toBeGreaterThan(4)
    const gapsMs = connectedAtMs.slice(1).map((at, index) => at - (connectedAtMs[index] ?? 0))
    expect(Math.min(...gapsMs)).toBeGreaterThan(20)
    expect(news).toEqual([])
  })
})
