/** What strangers on the network get, and what paired tablets get. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureCertificate } from '../../../../device/tablets/certificate.ts'
import { stubDoor } from '../../../support/door/stub-door.ts'
import { rawExchange } from '../../../support/network/raw-http.ts'
import { listeningTabletApp } from '../../../support/tablets/listening-tablet-app.ts'
import { ask, cookieIn, open } from '../../../support/tablets/tablet-client.ts'

// The server is in this process, which must not wait for a program.
const run = promisify(execFile)

let tablets: Awaited<ReturnType<typeof listeningTabletApp>>
beforeEach(async () => {
  tablets = await listeningTabletApp()
})
afterEach(() => tablets.close())

const aCode = '{"code":"13579024"}'
const aSecret = 'A'.repeat(43)

describe('a stranger', () => {
  const strangers = [
    {},
    { cookie: `__Host-keypad=${aSecret}` },
    { cookie: '__Host-keypad=' },
    { cookie: '__Host-keypad=../../etc/passwd' },
    { cookie: `keypad=${aSecret}` },
  ]

  test.each(strangers)('with %o gets nothing of the keypad', async (stranger) => {
    const paths = ['/api/state', '/api/events', '/keypad.ts', '/keypad.css', '/index.html']
    for (const path of [
      ...paths,
      '/metrics',
      '/healthz',
      '/nowhere',
      '/pairing/../keypad.ts',
      '/%zz',
    ]) {
      const { status, body } = await ask(tablets.port, path, stranger)
      expect([path, status, JSON.parse(body).problem]).toEqual([path, 401, 'not-paired'])
    }
    for (const path of ['/api/code', '/api/bell']) {
      const { status } = await ask(tablets.port, path, { ...stranger, body: aCode })
      expect([path, status]).toEqual([path, 401])
    }
    expect([tablets.door.codes, tablets.door.rings()]).toEqual([[], 0])
  })

  test('is led to the page for pairing, which is all there', async () => {
    const first = await ask(tablets.port, '/')
    expect([first.status, first.headers.location]).toEqual([303, '/pairing/'])
    const page = await ask(tablets.port, '/pairing/')
    expect(page.status).toBe(200)
    const files = [...page.body.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path ?? '')
    expect(files).toHaveLength(3)
    for (const file of files) expect((await ask(tablets.port, file)).status).toBe(200)
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  test('becomes a tablet with the code, by a cookie that no script and no plain HTTP gets', async () => {
    const wrong = await ask(tablets.port, '/pairing/code', { body: '{"code":"WRONGONE"}' })
    expect([wrong.status, wrong.headers['set-cookie']]).toEqual([403, undefined])
    const right = await ask(tablets.port, '/pairing/code', { body: '{"code":"GOODCODE"}' })
    expect(right.status).toBe(204)
    expect(right.headers['set-cookie']?.[0]).toMatch(
      /^__Host-keypad=[\w-]{43}; Path=\/; Max-Age=34560000; Secure; HttpOnly; SameSite=Strict$/,
    )
    const { status } = await ask(tablets.port, '/api/state', { cookie: cookieIn(right) })
    expect(status).toBe(200)
  })

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'content-type': 'text/plain' },
    { host: 'evil.example' },
  ])('on another page (%o) cannot pair', async (headers) => {
    const asked = { body: '{"code":"GOODCODE"}', headers }
    const { status, headers: got } = await ask(tablets.port, '/pairing/code', asked)
    expect([403, 415, 421]).toContain(status)
    expect(got['set-cookie']).toBeUndefined()
  })

  test('gets no answer in plain HTTP, and no old TLS', async () => {
    const plain = 'GET /pairing/ HTTP/1.1\r\nHost: door.local\r\n\r\n'
    expect(await rawExchange(tablets.port, plain)).not.toContain('HTTP/1.1 2')
    const handshake = async (version: string) => {
      const args = ['s_client', '-connect', `127.0.0.1:${tablets.port}`, version]
      const openssl = run('openssl', args)
      openssl.child.stdin?.end()
      return openssl
        .catch((error: unknown) => error)
        .then((result) => String(Object(result).stdout))
    }
    expect(await handshake('-tls1_3')).toContain('Cipher is TLS_')
    expect(await handshake('-tls1_2')).toContain('Cipher is ECDHE')
    expect(await handshake('-tls1_1')).toContain('Cipher is (NONE)')
  })
})

describe('a paired tablet', () => {
  test('gets the page, the state and its events, and enters codes', async () => {
    const { hall, port, door } = tablets
    const page = await ask(port, '/', hall)
    expect([page.status, cookieIn(page)]).toEqual([200, hall.cookie])
    expect((await ask(port, '/keypad.ts', hall)).status).toBe(200)
    expect(JSON.parse((await ask(port, '/api/state', hall)).body)).toMatchObject({
      keypad: 'ready',
    })
    const events = await open(port, '/api/events', hall)
    const [first]: Buffer[] = await once(events, 'data')
    expect(String(first)).toContain('event: state')
    events.destroy()
    const answer = await ask(port, '/api/code', { ...hall, body: aCode })
    expect([answer.status, JSON.parse(answer.body).outcome]).toEqual([403, 'denied'])
    expect(door.codes).toEqual(['13579024'])
  })

  test('gets no metrics', async () => {
    for (const path of ['/metrics', '/healthz']) {
      expect((await ask(tablets.port, path, tablets.hall)).status).toBe(404)
    }
  })

  test.each(['evil.example', 'door.local.evil.example', 'localhost', '127.0.0.2', '[::1]'])(
    'is not used by a page that calls the door %s (DNS rebinding)',
    async (host) => {
      const { hall, port, door } = tablets
      for (const asked of [{ headers: { host } }, { headers: { host }, body: aCode }]) {
        const path = 'body' in asked ? '/api/code' : '/api/state'
        expect((await ask(port, path, { ...hall, ...asked })).status).toBe(421)
      }
      expect(door.codes).toEqual([])
    },
  )

  test.each(['door.local', 'DOOR.local:4143', '127.0.0.1:4143'])(
    'reaches it as %s',
    async (host) => {
      const { status } = await ask(tablets.port, '/api/state', {
        ...tablets.hall,
        headers: { host },
      })
      expect(status).toBe(200)
    },
  )

  test('that is removed is out at once, with its open stream, and no other is', async () => {
    const { hall, garden, port, paired } = tablets
    const [gone, stays] = [
      await open(port, '/api/events', hall),
      await open(port, '/api/events', garden),
    ]
    const end = new Promise((closed) =>
      gone
        .resume()
        .on('error', () => {})
        .once('close', closed),
    )
    const removed = paired.all().find(({ id }) => id === hall.id)
    if (removed) paired.remove(removed)
    tablets.closeRemoved()
    await end
    expect((await ask(port, '/api/state', hall)).status).toBe(401)
    expect((await ask(port, '/api/state', garden)).status).toBe(200)
    expect(stays.closed).toBe(false)
    stays.destroy()
  })

  test('sees the new certificate once it is renewed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tablets-'))
    const { certificate } = ensureCertificate(folder, ['door.local'], Date.now())
    const path = join(folder, 'new.pem')
    writeFileSync(path, certificate.cert)
    const curl = async () => {
      const { stdout } = await run('curl', [
        ...['-sS', '--cacert', path, '-o', '/dev/null', '-w', '%{http_code}'],
        ...['--resolve', `door.local:${tablets.port}:127.0.0.1`],
        `https://door.local:${tablets.port}/pairing/`,
      ])
      return stdout
    }
    await expect(curl()).rejects.toThrow(/certificate/)
    tablets.renew(certificate)
    expect(await curl()).toBe('200')
    rmSync(folder, { recursive: true })
  })
})

test('a code of a tablet reaches the door as any other, and the log says which tablet', async () => {
  const door = stubDoor({
    enterCode: async () => ({
      outcome: 'accepted',
      visitorName: 'Ada',
      language: 'de',
      unlockedForMs: 5000,
    }),
  })
  const logged: object[] = []
  const log = { error: () => {}, info: (data: object) => void logged.push(data) }
  const own = await listeningTabletApp({ door, log })
  const { status, body } = await ask(own.port, '/api/code', { ...own.hall, body: aCode })
  expect([status, JSON.parse(body).visitorName]).toEqual([200, 'Ada'])
  expect(logged).toEqual([{ tablet: own.hall.id, outcome: 'accepted' }])
  await own.close()
})
