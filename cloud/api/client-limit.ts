/**
 * A limit for each client, so that one cannot use up what the gateway allows to all together. It is
 * counted in the memory of one running function: a client that reaches several gets a little more.
 */
import { isIPv6 } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import type { Uses } from '../ports.ts'

/** At once, and then per second. A page with its parts and pictures needs about twenty requests. */
export const clientBurst = 60
const clientRate = 10
const mostClients = 10_000

interface Allowance {
  readonly left: number
  readonly atMs: number
}

/** CloudFront sets it, whatever a client wrote there. */
export const frontKeyHeader = 'x-smart-door-front'

export function limitClients({
  clock,
  webOrigin,
  frontKey,
}: Uses<'webOrigin' | 'frontKey'>): MiddlewareHandler {
  const clients = new Map<string, Allowance>()
  return async (context, next) => {
    // Past CloudFront a client could write any address into x-forwarded-for.
    if (frontKey !== null && context.req.header(frontKeyHeader) !== frontKey) {
      return context.json({ problem: 'wrong-address', sentence: `Please use ${webOrigin}.` }, 403)
    }
    const client = clientOf(context.req.header('x-forwarded-for'), frontKey === null)
    if (client === null) return next()
    const nowMs = clock.nowMs()
    const left = leftOf(clients.get(client), nowMs)
    // The client that was quiet for longest is forgotten: its allowance is full again anyway.
    clients.delete(client)
    clients.set(client, { left: Math.max(0, left - 1), atMs: nowMs })
    if (clients.size > mostClients) clients.delete(clients.keys().next().value ?? '')
    if (left >= 1) return next()
    const sentence = 'Too many requests. Please wait a moment.'
    return context.json({ problem: 'too-many-requests', sentence }, 429, { 'retry-after': '1' })
  }
}

function leftOf(known: Allowance | undefined, nowMs: number): number {
  if (!known) return clientBurst
  const more = (Math.max(0, nowMs - known.atMs) / 1_000) * clientRate
  return Math.min(clientBurst, known.left + more)
}

/**
 * Each proxy appends the address that it was called from, and a client may have written anything
 * before that. CloudFront appends the client and the gateway CloudFront; a direct call has one less.
 */
function clientOf(forwarded: string | undefined, isDirect: boolean): string | null {
  const addresses = (forwarded ?? '').split(',').map((one) => one.trim())
  const address = addresses.at(isDirect ? -1 : -2) || null
  return address !== null && isIPv6(address) ? networkOf(address) : address
}

/** One client has a whole network of IPv6 addresses, at least the last 64 bits. */
function networkOf(address: string): string {
  const [first = '', second = ''] = address.split('::')
  const groups = (text: string) => text.split(':').filter((group) => group !== '')
  const [left, right] = [groups(first), groups(second)]
  const zeros = address.includes('::') ? Array(8 - left.length - right.length).fill('0') : []
  const all = [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''))
  return all.slice(0, 4).join(':').toLowerCase()
}
