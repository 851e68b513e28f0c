/** What is said to doors. */
import { awsSettings } from '../aws/settings.ts'
import type { Doors } from '../ports.ts'
import { onFirstCall } from './on-first-call.ts'

export function doors(): Doors {
  const load = async () => {
    const { doorsIot, newClient } = await import('../aws/iot/doors.ts')
    return doorsIot({ client: newClient(awsSettings) })
  }
  return onFirstCall<Doors>(load, (it) => ({
    send: async (message) => (await it()).send(message),
  }))
}
