import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { simulatedLink } from '../../../device/simulated/link.ts'
import { fromDoorSchema, longestLinkLineBytes } from '../../../device/simulated/messages.ts'
import { type LineServer, serveLine } from '../../../simulation/door/connection-server.ts'
import { cloudLinkContract, type Said } from '../../contracts/device/cloud-link.ts'

cloudLinkContract('link-simulated', async () => {
  const received: Said[] = []
  let withheld: number[] | null = null
  let connected = false
  const server: LineServer = await serveLine({
    port: 0,
    longestLineBytes: longestLinkLineBytes,
    connected() {
      connected = true
      server.send({ welcome: true })
    },
    dropped() {
      connected = false
    },
    garbage: () => {},
    value(value) {
      const { n, topic, text } = z.parse(fromDoorSchema, value)
      received.push({ topic, text })
      if (withheld) withheld.push(n)
      else server.send({ ack: n })
    },
  })
  const link = simulatedLink({ port: server.port })
  return {
    link,
    connected: () => connected,
    received: () => received,
    say: (said) => void server.send(said),
    withholdReceipts(withhold) {
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

  /** A far end that says whatever it likes. */
  async function rawServer(answer: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>()
    const server: Server = createServer((socket) => {
      socket.on('error', () => {})
      sockets.add(socket)
      answer(socket)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    ends.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  function startLink(port: number) {
    const news: boolean[] = []
    const heard: string[] = []
    let garbage = 0
    const link = simulatedLink({ port }, () => {
      garbage += 1
    })
    link.start({
      online: (online) => news.push(online),
      message: (_topic, text) => heard.push(text),
    })
    ends.push(() => link.stop())
    return { link, news, heard, garbage: () => garbage }
  }

  test('is not online before it is welcomed', async () => {
    let reached = 0
    const port = await rawServer(() => {
      reached += 1
    })
    const { link, news } = startLink(port)
    await expect.poll(() => reached).toBe(1)
    await expect(link.publish('topic', 'text')).rejects.toThrow('not reachable')
    expect(news).toEqual([])
  })

  test('skips what makes no sense, however long, and reads on', async () => {
    const port = await rawServer((socket) => {
      socket.write('{"welcome":true}\nnot json\n{"welcome":"yes"}\n[]\n\n{"ack":-1}\n')
      socket.write(`{"topic":"t","text":"${'x'.repeat(longestLinkLineBytes)}"}\n`)
      socket.write('{"topic":"t","text":"one","extra":1}\n{"topic":"t","text":"two"}\n{"ack":77}\n')
      socket.write('{"topic":"t","text":"thr')
      socket.write('ee"}\n')
    })
    const { news, heard, garbage } = startLink(port)
    await expect.poll(() => heard).toEqual(['two', 'three'])
    expect(garbage()).toBe(7)
    expect(news).toEqual([true])
  })

  test('calls again and again while it is turned away, never faster than it should', async () => {
    const callsAtMs: number[] = []
    const port = await rawServer((socket) => {
      callsAtMs.push(performance.now())
      socket.destroy()
    })
    const { news } = startLink(port)
    await expect.poll(() => callsAtMs.length).toBeGreaterThan(4)
    const gapsMs = callsAtMs.slice(1).map((at, index) => at - (callsAtMs[index] ?? 0))
    expect(Math.min(...gapsMs)).toBeGreaterThan(20)
    expect(news).toEqual([])
  })
})
