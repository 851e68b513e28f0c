/** Fetching a calendar from a server that may be hostile. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPublicAddress } from '../../../cloud/aws/calendar-feed/addresses.ts'
import { calendarFeedsHttps } from '../../../cloud/aws/calendar-feed/feed.ts'
import { isCalendarUrl } from '../../../cloud/calendars/calendar-url.ts'
import { portOf } from '../../support/network/port-of.ts'
import { makeCa, type TestCa } from '../../support/network/test-ca.ts'

const host = 'bookings.example'
let ca: TestCa
let server: Server
let answer: (request: IncomingMessage, response: ServerResponse) => void
const asked: string[] = []
beforeAll(async () => {
  ca = makeCa()
  const papers = ca.issue('server', { host })
  const [key, cert] = [readFileSync(papers.key), readFileSync(papers.certificate)]
  server = createServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  ca.remove()
})

/** Every name leads to the server of this test. */
const resolve = ((_name: string, _options: object, done: (...found: unknown[]) => void) =>
  done(null, [{ address: '127.0.0.1', family: 4 }])) as never
const isOurs = (url: string) => isCalendarUrl(url.replace(`:${portOf(server)}`, ''))
const feeds = (more: object = {}) =>
  calendarFeedsHttps({
    ...{ resolve, isUrl: isOurs, isAllowed: () => true },
    connection: { ca: readFileSync(ca.certificate) },
    ...more,
  })
const url = (path = '/a.ics', of = host) => `https://${of}:${portOf(server)}${path}`
const respond =
  (status: number, headers: Record<string, string> = {}, text = 'BEGIN:VCALENDAR') =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, headers).end(text)

test('gives the text, and asks only for what is new', async () => {
  answer = respond(200, { etag: '"7"' })
  const fetched = { outcome: 'fetched', text: 'BEGIN:VCALENDAR', etag: '"7"' }
  expect(await feeds().fetch(url(), null)).toEqual(fetched)
  answer = (request, response) =>
    respond(request.headers['if-none-match'] === '"7"' ? 304 : 200)(request, response)
  expect(await feeds().fetch(url(), '"7"')).toEqual({ outcome: 'not-modified' })
})

test('follows a few redirects, each checked like the first', async () => {
  answer = (request, response) =>
    request.url === '/b'
      ? respond(200)(request, response)
      : respond(302, { location: '/b' })(request, response)
  expect(await feeds().fetch(url(), null)).toMatchObject({ outcome: 'fetched' })
  answer = respond(302, { location: '/again' })
  const before = asked.length
  expect(await feeds().fetch(url(), null)).toEqual({ outcome: 'failed', why: 'status' })
  expect(asked.length - before).toBe(4)
  for (const location of [
    'http://bookings.example/',
    'https://169.254.169.254/',
    'file:///etc/passwd',
    '',
  ]) {
    answer = respond(302, { location })
    const fetched = await feeds().fetch(url('/c'), null)
    expect([location, fetched]).toEqual([location, expect.objectContaining({ outcome: 'failed' })])
  }
})

test('reads no more than a megabyte', async () => {
  answer = (_, response) => {
    response.writeHead(200)
    for (let nth = 0; nth < 10; nth += 1) response.write('x'.repeat(1024 * 1024))
    response.end()
  }
  expect(await feeds().fetch(url(), null)).toEqual({ outcome: 'failed', why: 'too-large' })
})

test.each([
  [403, 'status'],
  [500, 'status'],
])('is failed by %d', async (status, why) => {
  answer = respond(status)
  expect(await feeds().fetch(url(), null)).toEqual({ outcome: 'failed', why })
})

test('connects to no address that is not public, whatever its name', async () => {
  const before = asked.length
  const refused = { outcome: 'failed', why: 'address' }
  expect(await feeds({ isAllowed: isPublicAddress }).fetch(url(), null)).toEqual(refused)
  // One of several is enough to refuse a name.
  const both = ((_name: string, _options: object, done: (...found: unknown[]) => void) =>
    done(null, [
      { address: '93.184.215.14', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ])) as never
  const mixed = { isAllowed: isPublicAddress, resolve: both }
  expect(await feeds(mixed).fetch(url(), null)).toEqual(refused)
  expect(await feeds().fetch('https://127.0.0.1/a.ics', null)).toEqual(refused)
  expect(asked).toHaveLength(before)
})

test('believes no server without a certificate for its name', async () => {
  const failed = { outcome: 'failed', why: 'unreachable' }
  expect(await feeds({ connection: {} }).fetch(url(), null)).toEqual(failed)
  expect(await feeds().fetch(url('/', 'elsewhere.example'), null)).toEqual(failed)
})

test.each([
  ...['8.8.8.8', '172.15.255.255', '172.32.0.1', '100.63.0.1', '2a00:1450:4001::1'].map(
    (address) => [address, true] as const,
  ),
  ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'].map(
    (address) => [address, false] as const,
  ),
  ...['0.0.0.0', '255.255.255.255', '224.0.0.1', '::1', '::', 'fe80::1', 'fd00:ec2::254'].map(
    (address) => [address, false] as const,
  ),
  ...['::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'localhost', ''].map(
    (address) => [address, false] as const,
  ),
])('%s is public: %s', (address, is) => expect(isPublicAddress(address)).toBe(is))
