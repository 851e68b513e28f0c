/** Publishes commands to doors over HTTPS, never retained. Sends nothing that a door would refuse. */
import {
  IoTDataPlaneClient,
  type IoTDataPlaneClientConfig,
  PublishCommand,
} from '@aws-sdk/client-iot-data-plane'
import {
  type CloudMessage,
  longestCommandLifeMs,
  parseCloudMessage,
} from '../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import type { Doors } from '../../ports.ts'

/** Names the field, not its value. */
export class UnsendableMessage extends Error {
  override readonly name = 'UnsendableMessage'
  readonly code = 'UNSENDABLE_MESSAGE'
}

/** The broker does not store these for a door that is offline, which would refuse them later. */
const shortLived: ReadonlySet<CloudMessage['type']> = new Set<CloudMessage['type']>([
  'unlock',
  'lift-pause',
  'watch-live',
  'new-sheet',
  'set-mode',
  'time',
])

export function doorsIot(options: IoTDataPlaneClientConfig): Doors {
  const client = new IoTDataPlaneClient(options)
  return {
    async send(message) {
      await client.send(
        new PublishCommand({
          topic: commandTopic(message.doorId, message.type),
          // The broker confirms it or the call fails.
          qos: 1,
          payload: Buffer.from(checked(message)),
          ...(shortLived.has(message.type) && { messageExpiry: longestCommandLifeMs / 1_000 }),
        }),
      )
    },
  }
}

/** Parses it as a door would, which also checks its size. */
function checked(message: CloudMessage): string {
  const text = JSON.stringify(message)
  const read = parseCloudMessage(text)
  if (read.ok) return text
  throw new UnsendableMessage(`A ${message.type} message is ${read.reason}: ${read.detail}.`)
}
