import { createRequire } from 'node:module'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type jsqr from 'jsqr'
import { afterEach, describe, expect, test } from 'vitest'
import { DoorBusy } from '../../../device/daemon/ports.ts'
import type { KeypadAppDeps } from '../../../device/http/keypad-app.ts'
import { keypadStateSchema } from '../../../protocol/keypad-api.ts'
import { denied, idleState, stubDoor } from '../../support/door/stub-door.ts'
import { builtApp, listeningApp } from '../../support/network/listening-app.ts'
import { postText, rawExchange } from '../../support/network/raw-http.ts'

const opened: FastifyInstance[] = []
afterEach(() => Promise.all(opened.splice(0).map((app) => app.close())))

function appWith(deps: Partial<KeypadAppDeps> = {}) {
  const built = builtApp(deps)
  opened.push(built.app)
  return built
}

const post = (url: string, payload: string, headers: Record<string, string> = {}) =>
  ({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  }) satisfies InjectOptions

const aCode = '{"code":"481516"}'

const accepted = {
  outcome: 'accepted',
  visitorName: 'Ada',
  language: 'de',
  unlockedForMs: 5000,
} as const

describe('a code', () => {
  test('that opens the door is answered with the greeting', async () => {
    const door = stubDoor({ enterCode: async () => accepted })
    const answer = await appWith({ door }).app.inject(post('/api/code', aCode))
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual(accepted)
    expect(door.codes).toEqual(['481516'])
  })

  test('that does not is denied in the same bytes, whatever the door knows about it', async () => {
    const reasons = ['wrong', 'expired', 'used', 'unknown', 'clock-unknown']
    const answers = await Promise.all(
      reasons.map(async (reason) => {
        const answer = { ...denied, reason }
        const door = stubDoor({ enterCode: async () => answer })
        const { app, port } = await listeningApp({ door })
        opened.push(app)
        const request = postText('/api/code', aCode, ['Connection: close'])
        return (await rawExchange(port, request)).replace(/^date: .*$/im, '')
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^HTTP\/1\.1 403 /)
    expect(answers[0]).toMatch(/\r\n\r\n\{"outcome":"denied","pausedForMs":0\}$/)
    expect(answers[0]).not.toMatch(/^date/im)
  })

  test('that does not is denied after the same time, however soon the door knows', async () => {
    const door = stubDoor({ enterCode: async () => denied })
    const fromMs = performance.now()
    await appWith({ door, limits: { refuseCodeAfterMs: 80 } }).app.inject(post('/api/code', aCode))
    // A timer may fire up to a millisecond early.
    expect(performance.now() - fromMs).toBeGreaterThan(78)
  })

  test('that cannot be judged is answered no sooner than one that is refused', async () => {
    const door = stubDoor({ enterCode: () => Promise.reject(new DoorBusy('no room')) })
    const fromMs = performance.now()
    await appWith({ door, limits: { refuseCodeAfterMs: 80 } }).app.inject(post('/api/code', aCode))
    expect(performance.now() - fromMs).toBeGreaterThan(78)
  })

  test('that opens the door is answered at once', async () => {
    const door = stubDoor({ enterCode: async () => accepted })
    const { app } = appWith({ door, limits: { refuseCodeAfterMs: 10 * 60_000 } })
    expect((await app.inject(post('/api/code', aCode))).statusCode).toBe(200)
  })

  test('at a paused keypad is told when to come back', async () => {
    const door = stubDoor({
      enterCode: async () => ({ outcome: 'paused', pausedForMs: 59_001 }),
    })
    const answer = await appWith({ door }).app.inject(post('/api/code', aCode))
    expect(answer.statusCode).toBe(429)
    expect(answer.headers['retry-after']).toBe('60')
    expect(answer.json()).toEqual({ outcome: 'paused', pausedForMs: 59_001 })
  })

  test('that is good and does not open the door says so', async () => {
    const door = stubDoor({ enterCode: async () => ({ outcome: 'not-opened', language: 'fr' }) })
    const answer = await appWith({ door }).app.inject(post('/api/code', aCode))
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({ outcome: 'not-opened', language: 'fr' })
  })

  test('that cannot be judged gets a kind sentence, and the log the fault', async () => {
    const fault = new Error('the disk is full')
    const door = stubDoor({ enterCode: () => Promise.reject(fault) })
    const { app, faults } = appWith({ door })
    const answer = await app.inject(post('/api/code', aCode))
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({
      problem: 'door-busy',
      sentence: 'The door cannot answer just now. Please try again in a moment.',
    })
    expect(faults).toEqual([{ data: { err: fault }, text: 'a keypad request failed' }])
    expect(JSON.stringify(faults)).not.toContain('481516')
  })

  test.each([
    ['nothing', ''],
    ['no object', '"481516"'],
    ['null', 'null'],
    ['a list', '[{"code":"481516"}]'],
    ['a number', '{"code":481516}'],
    ['too short a code', '{"code":"481"}'],
    ['too long a code', '{"code":"48151623421084815"}'],
    ['a letter', '{"code":"48151a"}'],
    ['a line end', '{"code":"481516\\n"}'],
    ['digits of another script', '{"code":"٤٨١٥١٦"}'],
    ['one key too many', '{"code":"481516","door":"back"}'],
    ['a prototype', '{"code":"481516","__proto__":{"code":"1"}}'],
    ['a constructor', '{"code":"481516","constructor":{"prototype":{}}}'],
    ['broken JSON', '{"code":"481516"'],
    ['two values', '{"code":"481516"}{}'],
    ['a byte order mark and garbage', '\ufeff{"code":'],
  ])('in a body with %s is not understood', async (_what, body) => {
    const door = stubDoor()
    const answer = await appWith({ door }).app.inject(post('/api/code', body))
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ problem: 'not-understood' })
    expect(door.codes).toEqual([])
  })

  test('in a body of 1 kB is read, and in one byte more is not', async () => {
    const door = stubDoor()
    const { app } = appWith({ door })
    const ofLength = (length: number) => post('/api/code', aCode.padEnd(length))
    expect((await app.inject(ofLength(1024))).statusCode).toBe(403)
    const answer = await app.inject(ofLength(1025))
    expect(answer.statusCode).toBe(413)
    expect(answer.json()).toMatchObject({ problem: 'too-large' })
    expect(door.codes).toHaveLength(1)
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-patch+json',
    'text/plain, application/json',
    '',
  ])('sent as "%s" is refused', async (type) => {
    const door = stubDoor()
    const { app } = appWith({ door })
    const answer = await app.inject(post('/api/code', aCode, { 'content-type': type }))
    expect(answer.statusCode).toBe(415)
    expect(answer.json()).toMatchObject({ problem: 'not-json' })
    expect(door.codes).toEqual([])
  })
})

describe('the bell', () => {
  test('rings', async () => {
    const door = stubDoor()
    const answer = await appWith({ door }).app.inject(post('/api/bell', '{}'))
    expect([answer.statusCode, answer.body, door.rings()]).toEqual([204, '', 1])
  })

  test('does not ring for a body that says more, or nothing', async () => {
    const door = stubDoor()
    const { app } = appWith({ door })
    expect((await app.inject(post('/api/bell', '{"loud":true}'))).statusCode).toBe(400)
    expect((await app.inject(post('/api/bell', ''))).statusCode).toBe(400)
    expect(door.rings()).toBe(0)
  })

  test('that the door cannot take now is answered with 503', async () => {
    const door = stubDoor({ ringBell: () => Promise.reject(new Error('too much to do')) })
    const answer = await appWith({ door }).app.inject(post('/api/bell', '{}'))
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ problem: 'door-busy' })
  })
})

describe('what can be read', () => {
  test('is the state', async () => {
    const answer = await appWith().app.inject('/api/state')
    expect(keypadStateSchema.parse(answer.json())).toEqual(idleState)
  })

  test('is the health, with sentences', async () => {
    const door = stubDoor({ health: () => ({ ok: false, problems: ['The disk is full.'] }) })
    expect((await appWith().app.inject('/healthz')).statusCode).toBe(200)
    const answer = await appWith({ door }).app.inject('/healthz')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toEqual({ ok: false, problems: ['The disk is full.'] })
  })

  test('are the metrics, escaped, each family under one heading', async () => {
    const entries = { name: 'entries_total', help: 'Codes\\typed\nhere.', kind: 'counter' } as const
    const door = stubDoor({
      metrics: () => [
        { ...entries, value: 3, labels: { outcome: 'accepted', door: 'the "back"\\\n' } },
        { name: 'queue_length', help: 'Events waiting.', kind: 'gauge', value: 0.5 },
        { ...entries, value: Number.POSITIVE_INFINITY, labels: { outcome: 'denied' } },
      ],
    })
    const answer = await appWith({ door }).app.inject('/metrics')
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.body).toBe(
      [
        '# HELP entries_total Codes\\\\typed\\nhere.',
        '# TYPE entries_total counter',
        'entries_total{outcome="accepted",door="the \\"back\\"\\\\\\n"} 3',
        'entries_total{outcome="denied"} +Inf',
        '# HELP queue_length Events waiting.',
        '# TYPE queue_length gauge',
        'queue_length 0.5',
        '',
      ].join('\n'),
    )
  })

  test('is told without details when it fails', async () => {
    const door = stubDoor({
      metrics: () => {
        throw new Error('inside')
      },
    })
    const { app, faults } = appWith({ door })
    const answer = await app.inject('/metrics')
    expect(answer.statusCode).toBe(503)
    expect(answer.body).not.toContain('inside')
    expect(faults).toHaveLength(1)
  })
})

describe('methods', () => {
  const paths = ['/', '/api/code', '/api/bell', '/api/state', '/healthz', '/metrics', '/nowhere']
  const safe = ['GET', 'HEAD', 'OPTIONS'] as const

  test.each(safe)('%s moves nothing', async (method) => {
    const door = stubDoor()
    const { app } = appWith({ door })
    for (const url of paths) await app.inject({ ...post(url, aCode), method })
    expect([door.codes, door.rings()]).toEqual([[], 0])
  })

  test.each([
    ['/api/code', 'POST', ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']],
    ['/api/state', 'GET, HEAD', ['POST', 'PUT', 'DELETE', 'OPTIONS']],
    ['/api/events', 'GET', ['HEAD', 'POST', 'OPTIONS']],
  ] as const)('%s allows %s and says so', async (url, allowed, others) => {
    const { app } = appWith()
    for (const method of others) {
      const answer = await app.inject({ ...post(url, '{}'), method })
      expect([method, answer.statusCode]).toEqual([method, 405])
      expect(answer.headers['allow']).toBe(allowed)
      if (method !== 'HEAD') expect(answer.json()).toMatchObject({ problem: 'wrong-method' })
    }
  })

  test('of any kind find nothing where nothing is', async () => {
    const { app } = appWith()
    for (const method of ['GET', 'POST', 'PUT', 'OPTIONS'] as const) {
      const answer = await app.inject({ ...post('/nowhere', '{}'), method })
      expect(answer.statusCode).toBe(404)
      expect(answer.json()).toMatchObject({ problem: 'not-found' })
    }
  })
})

describe('the guard', () => {
  test.each([
    'localhost',
    'LOCALHOST:8080',
    '127.0.0.1',
    '127.0.0.1:65000',
    '[::1]:8080',
    'door.example',
    'Door.Example:443',
    '192.0.2.7:8080',
  ])('knows the door as %s', async (host) => {
    const { app } = appWith({ listenHost: '192.0.2.7', hostNames: ['door.example'] })
    expect((await app.inject({ url: '/api/state', headers: { host } })).statusCode).toBe(200)
  })

  test.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost:8080@evil.example',
    'evil.example#localhost',
    'localhost:port',
    '192.0.2.8',
    '0.0.0.0',
    '[::]',
    'localhost, evil.example',
  ])('knows nobody called "%s"', async (host) => {
    const door = stubDoor()
    const { app } = appWith({ door, hostNames: ['door.example'] })
    for (const request of [
      { url: '/api/state', headers: { host } },
      post('/api/code', aCode, { host }),
    ]) {
      const answer = await app.inject(request)
      expect(answer.statusCode).toBe(421)
      expect(answer.json()).toMatchObject({ problem: 'foreign-host' })
    }
    expect(door.codes).toEqual([])
  })

  test.each([
    { origin: 'http://localhost:8080' },
    { origin: 'https://localhost:8080' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    {},
  ])('lets %o type a code', async (headers) => {
    const door = stubDoor()
    const request = post('/api/code', aCode, { host: 'localhost:8080', ...headers })
    expect((await appWith({ door }).app.inject(request)).json()).toEqual(denied)
    expect(door.codes).toEqual(['481516'])
  })

  test.each([
    { origin: 'http://evil.example' },
    { origin: 'http://localhost:9090' },
    { origin: 'http://localhost' },
    { origin: 'http://127.0.0.1:8080' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:8080', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('does not let %o type a code or ring', async (headers) => {
    const door = stubDoor()
    const { app } = appWith({ door })
    for (const request of [post('/api/code', aCode), post('/api/bell', '{}')]) {
      const foreign = { ...request.headers, host: 'localhost:8080', ...headers }
      const answer = await app.inject({ ...request, headers: foreign })
      expect(answer.statusCode).toBe(403)
      expect(answer.json()).toMatchObject({ problem: 'foreign-page' })
    }
    expect([door.codes, door.rings()]).toEqual([[], 0])
  })
})

describe('every answer', () => {
  const requests: readonly InjectOptions[] = [
    { url: '/api/state' },
    { url: '/healthz' },
    { url: '/metrics' },
    { url: '/nowhere' },
    { url: '/%zz' },
    { url: '/api/state', headers: { host: 'evil.example' } },
    { url: '/%zz', headers: { host: 'evil.example' } },
    { url: '/api/code' },
    { method: 'HEAD', url: '/api/state' },
    post('/api/code', aCode),
    post('/api/code', 'x'),
    post('/api/code', 'x'.repeat(2000)),
    post('/api/code', aCode, { 'content-type': 'text/plain' }),
    post('/api/code', aCode, { origin: 'http://evil.example' }),
    post('/api/bell', '{}'),
  ]

  test.each(requests)('to %o bears the security headers', async (request) => {
    const answer = await appWith().app.inject(request)
    expect(answer.headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; font-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
  })

  test('names who may frame the page, when somebody may', async () => {
    const { app } = appWith({ frameAncestors: ['http://localhost:8090', 'http://127.0.0.1:8090'] })
    const policy = (await app.inject('/api/state')).headers['content-security-policy']
    expect(policy).toContain('frame-ancestors http://localhost:8090 http://127.0.0.1:8090;')
  })
})

describe('the QR code', () => {
  const jsQr: typeof jsqr.default = createRequire(import.meta.url)('jsqr')

  test('says what the state says, so that a phone can read it', async () => {
    const door = stubDoor()
    const { app } = appWith({ door })
    expect((await app.inject('/api/scan.svg')).statusCode).toBe(404)
    const scan =
      'https://door.example/ring?a_b.ABEiM0RVZneImaq7zN3u_w.42.ziv3e.97VMSNXMfy9p-HCNgtEiiQ'
    door.say({ scan })
    const picture = await app.inject('/api/scan.svg')
    expect(picture.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'cache-control': 'no-store',
    })
    const { data, width } = pixelsOf(picture.body)
    expect(jsQr(data, width, width)?.data).toBe(scan)
  })
})

/** Of a picture in which each dark module is a square of its own. */
function pixelsOf(svg: string) {
  const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1])
  const data = new Uint8ClampedArray(width * width * 4).fill(255)
  for (const [, left, top, side] of svg.matchAll(/M(\d+),(\d+)h(\d+)/g)) {
    for (let y = Number(top); y < Number(top) + Number(side); y += 1) {
      const from = (y * width + Number(left)) * 4
      for (let at = from; at < from + Number(side) * 4; at += 1) data[at] = at % 4 === 3 ? 255 : 0
    }
  }
  return { data, width }
}
