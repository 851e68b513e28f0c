/**
 * The push service of the members' browsers, and the browsers behind it. Others' code judges what it
 * gets: `http_ece` decrypts with the browser's private key, `jose` checks who signed it.
 */
import { createECDH, type ECDH, randomBytes } from 'node:crypto'
import { decrypt } from 'http_ece'
import { importJWK, jwtVerify } from 'jose'
import type { Clock } from '../../cloud/ports.ts'

interface Subscription {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

interface ReceivedPush {
  readonly endpoint: string
  readonly atMs: number
  readonly text: string
  readonly headers: Headers
}

export interface PushService {
  readonly received: readonly ReceivedPush[]
  /** A browser that accepts pushes from one sender only, as its public key says. */
  subscribe(senderKey: string): Subscription
  /** The browser was removed or forbade notices. */
  forget(endpoint: string): void
  readonly post: (url: string, init: RequestInit) => Promise<Response>
}

const origin = 'https://updates.push.services.mozilla.com'

interface Browser extends Subscription {
  readonly senderKey: string
  readonly ecdh: ECDH
}

export function startPushService(clock: Clock): PushService {
  const browsers = new Map<string, Browser>()
  const received: ReceivedPush[] = []
  return {
    received,
    subscribe(senderKey) {
      const ecdh = createECDH('prime256v1')
      const p256dh = ecdh.generateKeys('base64url')
      const endpoint = `${origin}/wpush/v2/${randomBytes(24).toString('base64url')}`
      const browser = { endpoint, p256dh, auth: randomBytes(16).toString('base64url') }
      browsers.set(endpoint, { ...browser, senderKey, ecdh })
      return browser
    },
    forget: (endpoint) => void browsers.delete(endpoint),
    async post(url, init) {
      const browser = browsers.get(url)
      if (!browser) return new Response(null, { status: 410 })
      const headers = new Headers(init.headers)
      const body = Buffer.from(await new Response(init.body ?? null).arrayBuffer())
      const status = await refusalOf(browser, headers, body)
      if (status !== null) return new Response(null, { status })
      const text = decrypt(body, {
        ...{ version: 'aes128gcm', privateKey: browser.ecdh, authSecret: browser.auth },
      }).toString('utf8')
      received.push({ endpoint: url, atMs: clock.nowMs(), text, headers })
      return new Response(null, { status: 201 })
    },
  }
}

/** What push services refuse (RFC 8030, 8188 and 8292); null for a push that is as it should be. */
async function refusalOf(
  { senderKey }: Browser,
  headers: Headers,
  body: Buffer,
): Promise<number | null> {
  if (!/^\d+$/.test(headers.get('ttl') ?? '')) return 400
  if (!/^[\w-]{1,32}$/.test(headers.get('topic') ?? 'none')) return 400
  if (headers.get('content-encoding') !== 'aes128gcm') return 415
  if (body.length > 4_096) return 413
  const [, token = '', key = ''] =
    /^vapid t=([\w-]+\.[\w-]+\.[\w-]+), k=([\w-]+)$/.exec(headers.get('authorization') ?? '') ?? []
  if (key !== senderKey) return 403
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)]
  const jwk = { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') }
  try {
    const options = { audience: origin, requiredClaims: ['exp', 'sub'] }
    const { payload } = await jwtVerify(token, await importJWK(jwk, 'ES256'), options)
    return /^(mailto:|https:)/.test(payload.sub ?? '') ? null : 403
  } catch {
    return 403
  }
}
