/** Peers that take all they can get. Paired tablets go on. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { peerOf } from '../../../../device/http/tablets/peers.ts'
import type { TabletLimits } from '../../../../device/http/tablets/tablet-limits.ts'
import { listeningTabletApp } from '../../../support/tablets/listening-tablet-app.ts'
import { ask, open } from '../../../support/tablets/tablet-client.ts'

const sockets: Socket[] = []
let close = async () => {}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await close()
  close = async () => {}
})

async function tabletApp(limits: Partial<TabletLimits> = {}) {
  const tablets = await listeningTabletApp({ limits })
  close = tablets.close
  return tablets
}

function raw(port: number, from: string, bytes = ''): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  sockets.push(socket.on('error', () => {}))
  if (bytes) socket.write(bytes)
  return socket
}

const isClosed = (socket: Socket) => new Promise((closed) => socket.resume().once('close', closed))

/** Answers to so many requests of the tablet, each on a connection of its own. */
async function statuses(port: number, cookie: string, count: number) {
  const found = new Set<number | undefined>()
  for (let at = 0; at < count; at += 1) {
    found.add((await ask(port, '/api/state', { cookie })).status)
  }
  return [...found]
}

describe('a tablet is answered each time', () => {
  test('while a stranger opens connections and sends one byte on each', async () => {
    const { port, hall } = await tabletApp()
    for (let at = 0; at < 200; at += 1) raw(port, '127.0.0.9', '\u0016')
    expect(await statuses(port, hall.cookie, 15)).toEqual([200])
  })

  test('while strangers of many addresses do', async () => {
    const { port, hall } = await tabletApp()
    expect(await statuses(port, hall.cookie, 1)).toEqual([200])
    for (let at = 0; at < 500; at += 1) raw(port, `127.0.${1 + (at % 100)}.1`, '\u0016')
    expect(await statuses(port, hall.cookie, 15)).toEqual([200])
  })

  test('while a stranger asks all the time, who is refused', async () => {
    const { port, hall } = await tabletApp({
      requestsOfPeer: { burst: 20, perSecond: 0.001 },
      connectionsOfPeer: { burst: 100, perSecond: 1 },
    })
    const refused = new Set<number | undefined>()
    for (let at = 0; at < 25; at += 1) {
      refused.add((await ask(port, '/pairing/', { from: '127.0.0.9' })).status)
    }
    expect([...refused]).toEqual([200, 429])
    expect((await ask(port, '/pairing/', { from: '127.0.0.10' })).status).toBe(200)
    expect(await statuses(port, hall.cookie, 10)).toEqual([200])
  })

  test('while another tablet holds all the streams that it can get', async () => {
    const { port, hall, garden } = await tabletApp()
    const held: IncomingMessage[] = []
    for (let at = 0; at < 12; at += 1) {
      held.push((await open(port, '/api/events', garden)).resume().on('error', () => {}))
    }
    await expect.poll(() => held.filter(({ closed }) => !closed)).toHaveLength(3)
    const own = await open(port, '/api/events', hall)
    expect(own.statusCode).toBe(200)
    for (const stream of [...held, own]) stream.destroy()
  })

  test('while another tablet asks all the time, who is refused', async () => {
    const { port, hall, garden } = await tabletApp({
      requestsOfPeer: { burst: 10, perSecond: 0.001 },
      connectionsOfPeer: { burst: 100, perSecond: 1 },
    })
    expect(await statuses(port, garden.cookie, 12)).toEqual([200, 429])
    expect(await statuses(port, hall.cookie, 5)).toEqual([200])
  })
})

test('a tablet cannot type or ring without end', async () => {
  const { port, hall, door } = await tabletApp({
    actionsOfTablet: { burst: 2, perSecond: 0.001 },
  })
  const ring = () => ask(port, '/api/bell', { ...hall, body: '{}' })
  expect([await ring(), await ring(), await ring()].map(({ status }) => status)).toEqual([
    204, 204, 429,
  ])
  const typed = await ask(port, '/api/code', { ...hall, body: '{"code":"13579024"}' })
  expect([typed.status, door.codes, door.rings()]).toEqual([429, [], 2])
})

describe('a slow peer is sent away', () => {
  const hurry = {
    handshakeWithinMs: 150,
    headersWithinMs: 200,
    requestWithinMs: 300,
    lookForSlowEveryMs: 20,
  }

  test.each([
    ['nothing', ''],
    ['the first byte of a handshake', '\u0016'],
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: door.local\r\n\r\n'],
  ])('that sends %s', async (_what, bytes) => {
    const { port } = await tabletApp(hurry)
    await isClosed(raw(port, '127.0.0.1', bytes))
  })

  test.each([
    ['half a head', 'GET /pairing/ HTTP/1.1\r\nHost: door.loc'],
    [
      'half a body',
      'POST /pairing/code HTTP/1.1\r\nHost: door.local\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{',
    ],
  ])('that sends %s after the handshake', async (_what, bytes) => {
    const { port } = await tabletApp(hurry)
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    sockets.push(socket.on('error', () => {}))
    await once(socket, 'secureConnect')
    socket.write(bytes)
    const [answer]: Buffer[] = await once(socket, 'data')
    expect(String(answer)).toContain('HTTP/1.1 408 ')
    await isClosed(socket)
  })

  test('that announces a body of a gigabyte', async () => {
    const { port } = await tabletApp()
    const answer = await ask(port, '/pairing/code', { body: ' '.repeat(2_000) })
    expect(answer.status).toBe(413)
  })
})

test.each([
  ['::ffff:192.168.1.20', '192.168.1.20'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['fe80::1', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, peer) => {
  expect(peerOf(address)).toBe(peer)
})
