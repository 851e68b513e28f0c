/** The real daemon, on a real broker, with a cloud at the other end that keeps what it hears. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { saveIdentity } from '../../../device/identity/identity-folder.ts'
import type { CloudBody } from '../../../protocol/messages/cloud.ts'
import { type DoorMessage, parseDoorMessage } from '../../../protocol/messages/door.ts'
import { protocolVersion } from '../../../protocol/messages/shared.ts'
import { commandTopic, eventFilter } from '../../../protocol/topics.ts'
import { type Broker, cloudName, startBroker } from '../network/broker.ts'
import { type BrokerClient, brokerClient } from '../network/broker-client.ts'
import { makeCa, type TestCa } from '../network/test-ca.ts'
import { type RunningDoor, type RunningDoorOptions, runDoor } from './running-door.ts'

export interface IotHome {
  readonly broker: Broker
  readonly door: RunningDoor
  readonly ca: TestCa
  readonly cloud: BrokerClient
  /** In the order they came, repetitions included. */
  readonly heard: DoorMessage[]
  tell(body: CloudBody): Promise<string>
  /** Anything at all, to the door. */
  say(text: string, type?: string): Promise<void>
  close(): Promise<void>
}

const thingName = 'test-door'

export const newId = (): string => randomBytes(16).toString('hex')

export async function iotHome(
  options: {
    readonly rules?: readonly string[]
    readonly config?: RunningDoorOptions['config']
  } = {},
): Promise<IotHome> {
  const { rules, config } = options
  const ca = makeCa()
  const broker = await startBroker({ ca, ...(rules && { rules }) })
  const heard: DoorMessage[] = []
  const cloud = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    keepsSession: true,
    hear({ text }) {
      const parsed = parseDoorMessage(text)
      if (parsed.ok) heard.push(parsed.message)
    },
  })
  let seq = Date.now()
  const say = (text: string, type = 'grant') =>
    cloud.say({ topic: commandTopic(thingName, type), text })
  const door = await runDoor({ startNow: false, config: { ...iotConfig(ca, broker), ...config } })
  return {
    ...{ broker, door, ca, cloud, heard, say },
    async tell(body) {
      seq += 1
      const id = newId()
      const envelope = { v: protocolVersion, id, doorId: thingName, seq, atMs: Date.now() }
      await say(JSON.stringify({ ...envelope, ...body }), body.type)
      return id
    },
    async close() {
      await door.close()
      await cloud.close()
      await broker.close()
      ca.remove()
    },
  }
}

/** The door's papers, kept as `smart-door provision` keeps them, and a config that names them. */
export function iotConfig(ca: TestCa, { host, port }: Pick<Broker, 'host' | 'port'>) {
  const { certificate, key } = ca.issue(thingName)
  const identityDir = join(ca.folder, 'identity')
  saveIdentity(identityDir, {
    certificate: readFileSync(certificate, 'utf8'),
    key: readFileSync(key, 'utf8'),
    certificateId: 'made-by-the-test',
  })
  return {
    link: 'iot',
    iot: { endpoint: host, port, identityDir, authorityFile: ca.certificate },
  }
}
