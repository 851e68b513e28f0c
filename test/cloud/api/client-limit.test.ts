import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { clientBurst, frontKeyHeader, limitClients } from '../../../cloud/api/client-limit.ts'

const quiet = { info() {}, warn() {}, error() {} }

const webOrigin = 'https://door.example'

function appBehind(frontKey: string | null) {
  let nowMs = 1_790_000_000_000
  const deps = { webOrigin, frontKey, clock: { nowMs: () => nowMs }, newId: () => '', log: quiet }
  const app = new Hono()
  app.use(limitClients(deps))
  app.get('/', (context) => context.text('fine'))
  const ask = async (forwarded?: string, front = frontKey) => {
    const headers = {
      ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
      ...(front !== null && { [frontKeyHeader]: front }),
    }
    return (await app.request('/', { headers })).status
  }
  const flood = async (forwarded: (nth: number) => string) => {
    for (let nth = 0; nth < clientBurst; nth += 1) await ask(forwarded(nth))
  }
  return {
    ask,
    flood,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

const edge = '130.176.0.1'

test('One client that asks without end is refused, and no other', async () => {
  const { ask, flood } = appBehind('key')
  await flood(() => `203.0.113.7, ${edge}`)
  expect(await ask(`203.0.113.7, ${edge}`)).toBe(429)
  expect(await ask(`203.0.113.8, ${edge}`)).toBe(200)
})

test('It may ask again a little later', async () => {
  const { ask, flood, pass } = appBehind('key')
  await flood(() => `203.0.113.7, ${edge}`)
  pass(1_000)
  expect(await ask(`203.0.113.7, ${edge}`)).toBe(200)
})

test('A client cannot pass for others by writing the header itself', async () => {
  const { ask, flood } = appBehind('key')
  await flood((nth) => `198.51.100.${nth}, 203.0.113.7, ${edge}`)
  expect(await ask(`198.51.100.99, 203.0.113.7, ${edge}`)).toBe(429)
  const direct = appBehind(null)
  await direct.flood((nth) => `198.51.100.${nth}, 203.0.113.7`)
  expect(await direct.ask('198.51.100.99, 203.0.113.7')).toBe(429)
  expect(await direct.ask('203.0.113.8')).toBe(200)
})

test('A client has a whole network of IPv6 addresses, and its neighbours have their own', async () => {
  const { ask, flood } = appBehind('key')
  await flood((nth) => `2001:db8:0:1::${nth.toString(16)}, ${edge}`)
  expect(await ask(`2001:DB8::1:ffff:0:0:1, ${edge}`)).toBe(429)
  expect(await ask(`2001:db8:0:2::1, ${edge}`)).toBe(200)
})

test('Past CloudFront nothing is answered, whatever the client says of itself', async () => {
  const { ask } = appBehind('key')
  expect(await ask('203.0.113.7, 130.176.0.1', null)).toBe(403)
  expect(await ask('203.0.113.7, 130.176.0.1', 'guessed')).toBe(403)
})

test('Where no proxy says who asks, there is no limit', async () => {
  const { ask } = appBehind(null)
  for (let nth = 0; nth < 2 * clientBurst; nth += 1) expect(await ask()).toBe(200)
})
