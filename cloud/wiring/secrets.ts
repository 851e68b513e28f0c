/** The keys of doors. */
import { awsSettings } from '../aws/settings.ts'
import type { Secrets } from '../ports.ts'
import { clock } from './basics.ts'
import { onFirstCall } from './on-first-call.ts'

export function secrets(): Secrets {
  const load = async () => {
    const { newClient, secretsManager } = await import('../aws/secrets-manager/secrets.ts')
    return secretsManager({ client: newClient(awsSettings), clock })
  }
  return onFirstCall<Secrets>(load, (it) => ({
    doorKey: async (doorId) => (await it()).doorKey(doorId),
  }))
}
