import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { iotCredentials } from '../../../device/aws/credentials.ts'
import { portOf } from '../../support/network/port-of.ts'
import { makeCa, type Papers, type TestCa } from '../../support/network/test-ca.ts'

const startMs = Date.UTC(2026, 0, 1)
const hourMs = 3_600_000

let ca: TestCa
let doorPapers: Papers
let server: Server
let nowMs: number
let asked: { readonly url: string; readonly thing: string; readonly shown: string }[]
let answer: (nth: number) => { readonly status?: number; readonly text: string }

const keys = (nth: number, forMs = hourMs) => ({
  text: JSON.stringify({
    credentials: {
      accessKeyId: `id-${nth}`,
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expiration: new Date(nowMs + forMs).toISOString(),
    },
  }),
})

beforeAll(() => {
  ca = makeCa()
  doorPapers = ca.issue('front-door')
})
afterAll(() => ca.remove())

beforeEach(async () => {
  const own = ca.issue('provider', { host: '127.0.0.1' })
  nowMs = startMs
  asked = []
  answer = keys
  server = createServer({
    cert: readFileSync(own.certificate),
    key: readFileSync(own.key),
    ca: readFileSync(ca.certificate),
    requestCert: true,
    rejectUnauthorized: true,
  })
  server.on('request', ({ url = '', headers, socket }, response) => {
    const shown = socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : ''
    asked.push({ url, thing: String(headers['x-amzn-iot-thingname']), shown: String(shown) })
    const { status = 200, text } = answer(asked.length)
    response.writeHead(status).end(text)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterEach(() => new Promise((closed) => server.close(closed)))

const source = (papers = doorPapers, port = portOf(server)) =>
  iotCredentials({
    host: '127.0.0.1',
    port,
    roleAlias: 'smart-door',
    thingName: 'front-door',
    identity: () => ({
      certificate: readFileSync(papers.certificate, 'utf8'),
      key: readFileSync(papers.key, 'utf8'),
      authority: readFileSync(ca.certificate, 'utf8'),
    }),
    clock: { wallMs: () => nowMs, monotonicMs: () => nowMs - startMs },
  })

const waitMs = (ms: number) => {
  nowMs += ms
}

test('are fetched with the certificate and the name of the door', async () => {
  expect(await source()()).toEqual({
    accessKeyId: 'id-1',
    secretAccessKey: 'secret',
    sessionToken: 'token',
    expiresAtMs: startMs + hourMs,
  })
  const url = '/role-aliases/smart-door/credentials'
  expect(asked).toEqual([{ url, thing: 'front-door', shown: 'front-door' }])
})

test('are fetched once for all callers, and cached', async () => {
  const credentials = source()
  const all = await Promise.all([credentials(), credentials(), credentials()])
  waitMs(hourMs - 11 * 60_000)
  all.push(await credentials())
  expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['id-1', 'id-1', 'id-1', 'id-1'])
})

test('are renewed before they expire, and when a service refused them', async () => {
  const credentials = source()
  await credentials()
  waitMs(hourMs - 9 * 60_000)
  expect((await credentials()).accessKeyId).toBe('id-2')
  expect((await credentials(true)).accessKeyId).toBe('id-3')
})

test('are used while renewal fails, until they expire', async () => {
  const credentials = source()
  await credentials()
  answer = () => ({ status: 503, text: 'unavailable' })
  waitMs(hourMs - 60_000)
  expect((await credentials()).accessKeyId).toBe('id-1')
  waitMs(60_000)
  await expect(credentials()).rejects.toMatchObject({ code: 'REFUSED' })
})

test('are not fetched again right after a failure', async () => {
  const credentials = source()
  answer = () => ({ status: 403, text: '{"message":"Access Denied"}' })
  await expect(credentials()).rejects.toThrow('role alias')
  await expect(credentials()).rejects.toThrow('role alias')
  expect(asked).toHaveLength(1)
  waitMs(5_000)
  answer = keys
  expect((await credentials()).accessKeyId).toBe('id-2')
})

test.each([
  ['no content', ''],
  ['no JSON', '<html>'],
  ['other content', '{"credentials":{}}'],
])('are refused from an answer with %s', async (_, text) => {
  answer = () => ({ text })
  await expect(source()()).rejects.toMatchObject({ code: 'NOT_UNDERSTOOD' })
})

test('cannot be fetched with a foreign certificate, or from a closed port', async () => {
  const other = makeCa('Another')
  const stranger = other.issue('front-door')
  await expect(source(stranger)()).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await expect(source(doorPapers, 1)()).rejects.toMatchObject({ code: 'UNREACHABLE' })
  other.remove()
})
