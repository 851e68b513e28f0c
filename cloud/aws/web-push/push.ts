/**
 * Pushes to browsers: encrypted for the browser (RFC 8291) and signed with the key of the deployment
 * (RFC 8292). The key pair is derived from a secret that AWS generates with the stack.
 */
import { createECDH, hkdfSync } from 'node:crypto'
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager'
import webPush from 'web-push'
import * as z from 'zod/mini'
import { isPushEndpoint } from '../../notices/core/endpoint.ts'
import { OutsideFault, type PushSender } from '../../ports.ts'

export interface PushOptions {
  readonly settings: SecretsManagerClientConfig
  /** The secret that the keys are made from. */
  readonly secret: string
  /** Whom a push service asks about our pushes, as in `mailto:owner@example.org`. */
  readonly contact: string
  readonly post?: (url: string, init: RequestInit) => Promise<Response>
}

const timeoutMs = 5_000

export function webPushSender({
  settings,
  secret,
  contact,
  post = fetch,
}: PushOptions): PushSender {
  const client = new SecretsManagerClient(settings)
  let found: Promise<KeyPair> | null = null
  const keys = () => {
    found ??= keysFrom(client, secret).catch((error: unknown) => {
      found = null
      throw new OutsideFault('The key of notices could not be read.', error)
    })
    return found
  }
  return {
    publicKey: async () => (await keys()).publicKey,
    async send({ endpoint, p256dh, auth }, payload, { ttlSeconds, topic }) {
      if (!isPushEndpoint(endpoint)) return 'gone'
      const subscription = { endpoint, keys: { p256dh, auth } }
      const request = webPush.generateRequestDetails(subscription, payload, {
        vapidDetails: { subject: contact, ...(await keys()) },
        ...{ TTL: ttlSeconds, topic, urgency: 'high', contentEncoding: 'aes128gcm' },
      })
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ])
      const body = new Uint8Array(request.body)
      const signal = AbortSignal.timeout(timeoutMs)
      // A redirect could lead to an address that is not a push service.
      const init = { method: 'POST', headers, body, signal, redirect: 'error' } as const
      const { status } = await post(endpoint, init).catch((error: unknown) => {
        throw new OutsideFault('A push service did not answer.', error)
      })
      if (status === 404 || status === 410) return 'gone'
      return status >= 200 && status < 300 ? 'delivered' : 'failed'
    },
  }
}

interface KeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

const storedSchema = z.object({ SecretString: z.string().check(z.minLength(64)) })

async function keysFrom(client: SecretsManagerClient, SecretId: string): Promise<KeyPair> {
  const { SecretString } = z.parse(
    storedSchema,
    await client.send(new GetSecretValueCommand({ SecretId })),
  )
  const ecdh = createECDH('prime256v1')
  // Once in 2^32 tries the bytes are no key of this curve.
  for (let nth = 0; ; nth += 1) {
    const bytes = hkdfSync('sha256', SecretString, '', `smart-door web push ${nth}`, 32)
    try {
      ecdh.setPrivateKey(Buffer.from(bytes))
      break
    } catch (error) {
      if (nth === 9) throw error
    }
  }
  return {
    publicKey: ecdh.getPublicKey('base64url'),
    privateKey: ecdh.getPrivateKey().toString('base64url').padStart(43, 'A'),
  }
}
