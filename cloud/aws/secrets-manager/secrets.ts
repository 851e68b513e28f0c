/**
 * The keys that doors' codes are derived from. They are in this process's memory for minutes and
 * nowhere else; no error here says anything of what was read.
 */
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { type Clock, OutsideFault, type Secrets } from '../../ports.ts'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: SecretsManagerClientConfig): SecretsManagerClient =>
  new SecretsManagerClient(settings)

interface Deps {
  readonly client: SecretsManagerClient
  readonly clock: Clock
}

/** After a key was replaced, codes derived from the old one are made for at most this long. */
const cachedForMs = 5 * 60_000

export function secretsManager({ client, clock }: Deps): Secrets {
  const cache = new Map<string, { readonly key: Promise<Uint8Array>; readonly untilMs: number }>()
  return {
    doorKey(doorId) {
      const nowMs = clock.nowMs()
      const known = cache.get(doorId)
      if (known && nowMs < known.untilMs) return known.key
      const key = fetchKey(client, doorId)
      cache.set(doorId, { key, untilMs: nowMs + cachedForMs })
      // A failure is not kept: whoever asks next asks again.
      key.catch(() => cache.delete(doorId))
      return key
    },
  }
}

const stored = z.object({ SecretString: z.string().check(z.regex(/^[0-9a-f]{64}$/)) })

async function fetchKey(client: SecretsManagerClient, doorId: string): Promise<Uint8Array> {
  const asked = new GetSecretValueCommand({ SecretId: `smart-door/door-key/${doorId}` })
  try {
    const { SecretString: digits } = z.parse(stored, await client.send(asked))
    return Buffer.from(digits, 'hex')
  } catch (error) {
    throw new OutsideFault(`The key of door ${doorId} could not be read.`, error)
  }
}
