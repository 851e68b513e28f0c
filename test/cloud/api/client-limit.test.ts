import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { clientBurst, limitClients } from '../../../cloud/api/client-limit.ts'

const quiet = { info() {}, warn() {}, error() {} }

function appAt(webOrigin: string) {
  let nowMs = 1_790_000_000_000
  const deps = { webOrigin, clock: { nowMs: () => nowMs }, newId: () => '', log: quiet }
  const app = new Hono()
  app.use(limitClients(deps))
  app.get('/', (context) => context.text('fine'))
  const ask = async (forwarded?: string) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
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
  const { ask, flood } = appAt('https://d111.cloudfront.net')
  await flood(() => `203.0.113.7, ${edge}`)
  expect(await ask(`203.0.113.7, ${edge}`)).toBe(429)
  expect(await ask(`203.0.113.8, ${edge}`)).toBe(200)
})

test('It may ask again a little later', async () => {
  const { ask, flood, pass } = appAt('https://d111.cloudfront.net')
  await flood(() => `203.0.113.7, ${edge}`)
  pass(1_000)
  expect(await ask(`203.0.113.7, ${edge}`)).toBe(200)
})

test('A client cannot pass for others by writing the header itself', async () => {
  const { ask, flood } = appAt('https://d111.cloudfront.net')
  await flood((nth) => `198.51.100.${nth}, 203.0.113.7, ${edge}`)
  expect(await ask(`198.51.100.99, 203.0.113.7, ${edge}`)).toBe(429)
  const direct = appAt('https://abc123.execute-api.eu-central-1.amazonaws.com')
  await direct.flood((nth) => `198.51.100.${nth}, 203.0.113.7`)
  expect(await direct.ask('198.51.100.99, 203.0.113.7')).toBe(429)
  expect(await direct.ask('203.0.113.8')).toBe(200)
})

test('Where no proxy says who asks, there is no limit', async () => {
  const { ask } = appAt('http://localhost:4200')
  for (let nth = 0; nth < 2 * clientBurst; nth += 1) expect(await ask()).toBe(200)
})
