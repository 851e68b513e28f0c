/** The keys that doors' codes are derived from, cached for some minutes. No error quotes a key. */
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { type Clock, OutsideFault, type Secrets } from '../../ports.ts'

/** A replaced key is used for this much longer at most. */
const cachedForMs = 5 * 60_000

export function secretsManager(options: SecretsManagerClientConfig, clock: Clock): Secrets {
  const client = new SecretsManagerClient(options)
  const cache = new Map<string, { readonly key: Promise<Uint8Array>; readonly untilMs: number }>()
  return {
    doorKey(doorId) {
      const nowMs = clock.nowMs()
      const cached = cache.get(doorId)
      if (cached && nowMs < cached.untilMs) return cached.key
      const key = fetchKey(client, doorId)
      cache.set(doorId, { key, untilMs: nowMs + cachedForMs })
      // A failure is not cached.
      key.catch(() => cache.delete(doorId))
      return key
    },
  }
}

const stored = z.object({ SecretString: z.string().check(z.regex(/^[0-9a-f]{64}$/)) })

async function fetchKey(client: SecretsManagerClient, doorId: string): Promise<Uint8Array> {
  const command = new GetSecretValueCommand({ SecretId: `smart-door/door-key/${doorId}` })
  try {
    const { SecretString: digits } = z.parse(stored, await client.send(command))
    return Buffer.from(digits, 'hex')
  } catch (error) {
    throw new OutsideFault(`The key of door ${doorId} could not be read.`, error)
  }
}
