/**
 * Commands to doors, published over HTTPS with AWS IoT, never retained. What a door would refuse
 * is not sent.
 */
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

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: IoTDataPlaneClientConfig): IoTDataPlaneClient =>
  new IoTDataPlaneClient(settings)

/** Says which field, never what was in it. */
export class UnsendableMessage extends Error {
  override readonly name = 'UnsendableMessage'
  readonly code = 'UNSENDABLE_MESSAGE'
}

/** What a door would refuse after that time is not kept for one that is away. */
const soonStale: ReadonlySet<CloudMessage['type']> = new Set([
  ...(['unlock', 'lift-pause', 'watch-live', 'time'] as const),
])

export const doorsIot = ({ client }: { readonly client: IoTDataPlaneClient }): Doors => ({
  async send(message) {
    await client.send(
      new PublishCommand({
        topic: commandTopic(message.doorId, message.type),
        // The broker takes it or the call fails.
        qos: 1,
        payload: Buffer.from(checkedText(message)),
        ...(soonStale.has(message.type) && { messageExpiry: longestCommandLifeMs / 1_000 }),
      }),
    )
  },
})

/** A door's own reading of it, which looks at its size too. */
function checkedText(message: CloudMessage): string {
  const text = JSON.stringify(message)
  const read = parseCloudMessage(text)
  if (read.ok) return text
  throw new UnsendableMessage(`A ${message.type} message is ${read.reason}: ${read.detail}.`)
}
