import { once } from 'node:events'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import type { KeypadAppDeps } from '../../../device/http/keypad-app.ts'
import { denied, stubDoor } from '../../support/door/stub-door.ts'
import { listeningApp } from '../../support/network/listening-app.ts'
import { postText, rawConnection, rawExchange } from '../../support/network/raw-http.ts'

const opened: FastifyInstance[] = []
afterEach(() => Promise.all(opened.splice(0).map((app) => app.close())))

async function listening(deps: Partial<KeypadAppDeps> = {}) {
  const door = stubDoor()
  const built = await listeningApp({ door, ...deps })
  opened.push(built.app)
  return { door, ...built }
}

const aCode = '{"code":"481516"}'
const stateText = 'GET /api/state HTTP/1.1\r\nHost: localhost\r\n\r\n'
const lastStateText = stateText.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')

const statuses = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

function expectRefusal(answer: string, status: number, problem: string) {
  expect(statuses(answer)).toEqual([status])
  expect(answer).toContain(`{"problem":"${problem}",`)
  expect(answer).toMatch(/content-security-policy: default-src 'none'/i)
  expect(answer).toMatch(/x-content-type-options: nosniff/i)
}

describe('bytes that are no request', () => {
  test.each([
    ['noise', '\x00\xff\x16\x03\x01\r\n\r\n'],
    ['words', 'open the door please\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a broken header', 'GET / HTTP/1.1\r\nHost localhost\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: localhost\r\n folded: yes\r\nX : y\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\r\nHost: localhost\nEvil: yes\r\n\r\n'],
    [
      'two lengths',
      'POST /api/code HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde',
    ],
    [
      'a length and chunks',
      'POST /api/code HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('(%s) are turned away', async (_what, bytes) => {
    const { port, door } = await listening()
    expectRefusal(await rawExchange(port, bytes), 400, 'not-understood')
    expect(door.codes).toEqual([])
  })

  test('in place of a chunk end the request without asking the door', async () => {
    const { port, door } = await listening()
    const head = postText('/api/code', '').replace(
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
    )
    const answer = await rawExchange(port, `${head}zz\r\n${aCode}\r\n0\r\n\r\n`)
    expect(statuses(answer)[0]).toBe(400)
    expect(door.codes).toEqual([])
  })

  test('leave the next visitor unharmed', async () => {
    const { port } = await listening()
    await rawExchange(port, '\x00\x00\x00\r\n\r\n')
    expect(statuses(await rawExchange(port, lastStateText))).toEqual([200])
  })
})

describe('a request', () => {
  test.each([
    ['without a host', 'GET /api/state HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['with an empty host', 'GET /api/state HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['of HTTP/1.0', 'GET /api/state HTTP/1.0\r\n\r\n'],
  ])('%s is refused', async (_what, bytes) => {
    const { port } = await listening()
    expectRefusal(await rawExchange(port, bytes), 421, 'foreign-host')
  })

  test('with headers beyond 8 kB is refused', async () => {
    const { port } = await listening()
    const flood = `GET / HTTP/1.1\r\nHost: localhost\r\n${'X-Flood: of words\r\n'.repeat(600)}\r\n`
    expectRefusal(await rawExchange(port, flood), 431, 'headers-too-large')
    const long = `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    expectRefusal(await rawExchange(port, long), 431, 'headers-too-large')
  })

  test('that expects what nobody promised is refused', async () => {
    const { port, door } = await listening()
    const bytes = postText('/api/code', aCode, ['Expect: the-unexpected', 'Connection: close'])
    expectRefusal(await rawExchange(port, bytes), 417, 'unmet-expectation')
    expect(door.codes).toEqual([])
  })

  test('to upgrade to another protocol is taken as if it had not asked for that', async () => {
    const { port } = await listening()
    const bytes = lastStateText.replace('close', 'close, upgrade\r\nUpgrade: websocket')
    expect(statuses(await rawExchange(port, bytes))).toEqual([200])
  })

  test('to be a tunnel is cut off', async () => {
    const { port } = await listening()
    const bytes = 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n'
    expect(await rawExchange(port, bytes)).toBe('')
  })

  test('in a method of its own is refused', async () => {
    const { port } = await listening()
    for (const method of ['PROPFIND', 'TRACE', 'QUERY', 'PURGE']) {
      const bytes = lastStateText.replace('GET', method)
      expectRefusal(await rawExchange(port, bytes), 405, 'wrong-method')
    }
  })

  test.each([
    '/../device/config.ts',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/package.json',
    '/\\..\\package.json',
    '//etc/passwd',
    '/keypad.ts%00.html',
    '/%zz',
    'http://evil.example/package.json',
  ])('for %s finds nothing', async (path) => {
    const { port } = await listening()
    const bytes = lastStateText.replace('/api/state', path)
    expectRefusal(await rawExchange(port, bytes), 404, 'not-found')
  })
})

describe('a body', () => {
  const chunked = (chunks: readonly string[]) =>
    postText('/api/code', '', ['Connection: close']).replace(
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
    ) + [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')

  test('in chunks is read', async () => {
    const { port, door } = await listening()
    const answer = await rawExchange(port, chunked(['{"co', 'de":"4815', '16"}']))
    expect(statuses(answer)).toEqual([403])
    expect(door.codes).toEqual(['481516'])
  })

  test('that grows beyond 1 kB in chunks is not read to its end', async () => {
    const { port, door } = await listening()
    const connection = rawConnection(port)
    const endless = chunked(Array(20).fill(' '.repeat(100))).slice(0, -'0\r\n\r\n'.length)
    connection.socket.write(endless)
    await connection.closed
    expectRefusal(connection.received(), 413, 'too-large')
    expect(door.codes).toEqual([])
  })

  test('that announces more than 1 kB is not waited for', async () => {
    const { port } = await listening()
    const bytes = postText('/api/code', '').replace('Length: 0', 'Length: 1000000000')
    expectRefusal(await rawExchange(port, bytes), 413, 'too-large')
  })

  test('of a foreign page is not waited for', async () => {
    const { port } = await listening()
    const bytes = postText('/api/code', '', ['Origin: http://evil.example'])
    const answer = await rawExchange(port, bytes.replace('Length: 0', 'Length: 1000'))
    expectRefusal(answer, 403, 'foreign-page')
  })

  test('that breaks off is never shown to the door', async () => {
    const { port, door, faults } = await listening()
    const connection = rawConnection(port)
    connection.socket.end(postText('/api/code', aCode).slice(0, -2))
    await connection.closed
    expect(door.codes).toEqual([])
    expect(faults).toEqual([])
  })
})

describe('requests in one go', () => {
  test('are answered in their order', async () => {
    const { port, door } = await listening()
    const answer = await rawExchange(
      port,
      stateText + postText('/api/code', aCode) + postText('/api/code', '{}') + lastStateText,
    )
    // A refused request ends the connection: what came behind it is not answered.
    expect(statuses(answer)).toEqual([200, 403, 400])
    expect(door.codes).toEqual(['481516'])
  })

  test('do not get past a body that is longer than it says', async () => {
    const { port, door } = await listening()
    const smuggled = postText('/api/code', aCode).replace(/Length: \d+/, 'Length: 2')
    await rawExchange(port, smuggled)
    expect(door.codes).toEqual([])
  })
})

describe('a slow sender', () => {
  const hurry = { headersWithinMs: 150, requestWithinMs: 250, lookForSlowEveryMs: 20 }

  test.each([
    ['nothing', ''],
    ['half a head', 'GET /api/state HTTP/1.1\r\nHost: loc'],
    ['half a body', postText('/api/code', aCode).slice(0, -3)],
  ])('of %s is sent away', async (_what, bytes) => {
    const { port, door } = await listening({ limits: hurry })
    const connection = rawConnection(port)
    connection.socket.write(bytes)
    await connection.closed
    expectRefusal(connection.received(), 408, 'too-slow')
    expect(door.codes).toEqual([])
  })

  test('that drips a header now and then is sent away too', async () => {
    const { port } = await listening({ limits: hurry })
    const connection = rawConnection(port)
    connection.socket.write('GET /api/state HTTP/1.1\r\n')
    const drip = setInterval(() => connection.socket.write('X-Drip: 1\r\n'), 10)
    await connection.closed
    clearInterval(drip)
    expect(statuses(connection.received())).toEqual([408])
  })

  test('holds a connection that it has done with only for a while', async () => {
    const { port } = await listening({ limits: { ...hurry, idleConnectionMs: 50 } })
    const answer = await rawExchange(port, stateText)
    expect(statuses(answer)).toEqual([200])
  })

  test('cannot keep the app from closing', async () => {
    const { app, port } = await listening({ limits: { closeWithinMs: 50 } })
    const connection = rawConnection(port)
    connection.socket.write('GET /api/state HTTP/1.1\r\n')
    await expect.poll(() => connectionsOf(app)).toBe(1)
    await app.close()
    await connection.closed
  })
})

const connectionsOf = (app: FastifyInstance) =>
  new Promise<number>((resolve, reject) => {
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })

describe('connections', () => {
  const patient = { closeWithinMs: 60_000 }

  test('beyond the limit are closed at once, and the others go on', async () => {
    const { port, app } = await listening({ limits: { connections: 2, closeWithinMs: 50 } })
    const held = [rawConnection(port), rawConnection(port)]
    for (const { socket } of held) socket.write(stateText)
    await expect.poll(() => held.map((one) => statuses(one.received()))).toEqual([[200], [200]])
    expect(await connectionsOf(app)).toBe(2)
    expect(await rawExchange(port, stateText)).toBe('')
    held[0]?.socket.write(lastStateText)
    await held[0]?.closed
    expect(statuses(held[0]?.received() ?? '')).toEqual([200, 200])
    expect(statuses(await rawExchange(port, lastStateText))).toEqual([200])
  })

  test('that say nothing make room for one that does', async () => {
    const { port } = await listening({ limits: { connections: 3 } })
    const silent = [rawConnection(port), rawConnection(port), rawConnection(port)]
    await Promise.all(silent.map(({ socket }) => once(socket, 'connect')))
    expect(statuses(await rawExchange(port, lastStateText))).toEqual([200])
    await silent[0]?.closed
    expect(silent.map(({ socket }) => socket.destroyed)).toEqual([true, false, false])
    for (const { socket } of silent) socket.destroy()
  })

  test('on which nothing was ever said do not keep the app from closing', async () => {
    const { app, port } = await listening({ limits: patient })
    const [silent, spoken] = [rawConnection(port), rawConnection(port)]
    spoken.socket.write(stateText)
    await expect.poll(() => connectionsOf(app)).toBe(2)
    const startedAtMs = performance.now()
    await app.close()
    await Promise.all([silent.closed, spoken.closed])
    expect(performance.now() - startedAtMs).toBeLessThan(30_000)
  })

  test('with a code under way are not cut while the app closes', async () => {
    const judged = Promise.withResolvers<typeof denied>()
    const door = stubDoor({ enterCode: () => judged.promise })
    const { app, port } = await listening({ door, limits: patient })
    const answer = rawExchange(port, postText('/api/code', aCode, ['Connection: close']))
    await expect.poll(() => door.codes).toHaveLength(1)
    const closed = app.close()
    judged.resolve(denied)
    expect(statuses(await answer)).toEqual([403])
    await closed
  })

  test('that finish their request while the app closes are answered like any other', async () => {
    const { app, port } = await listening({ limits: patient })
    const connection = rawConnection(port)
    connection.socket.write(stateText.slice(0, -2))
    await expect.poll(() => connectionsOf(app)).toBe(1)
    const closed = app.close()
    await expect.poll(() => app.server.listening).toBe(false)
    connection.socket.write('\r\n')
    await connection.closed
    expect(connection.received()).toMatch(/^HTTP\/1\.1 200 /)
    expect(connection.received()).toMatch(/content-security-policy/)
    await closed
  })
})
