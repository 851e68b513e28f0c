/**
 * A computer at a door, in this process: the real `smart-door provision`, certificate, credentials,
 * uploads and codes. Only the MQTT connection is played, by what the certificate's policy allows.
 */
import { X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { main } from '../../../device/cli/main.ts'
import { readConfig } from '../../../device/config/config.ts'
import type { Config } from '../../../device/config/settings.ts'
import { readKeys } from '../../../device/identity/door-key-file.ts'
import { readIdentity } from '../../../device/identity/identity-folder.ts'
import {
  type Credential,
  cloudBodies,
  parseCloudMessage,
} from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { derivePasscode } from '../../../protocol/passcode.ts'
import { commandFilter, commandTopic, eventTopic } from '../../../protocol/topics.ts'
import type { Device } from '../../../simulation/aws/iot/devices.ts'
import type { IotAction } from '../../../simulation/aws/iot/policy.ts'
import { doorLog } from '../../support/cloud/cloud-home.ts'
import type { TestCa } from '../../support/network/test-ca.ts'
import type { Account } from '../account.ts'
import { wordsOf } from '../document.ts'
import { uploadSnapshots } from '../snapshots.ts'
import { type Door, RehearsalFailed } from '../stage.ts'
import { captured } from './output.ts'

export interface LocalDoor extends Door {
  /** A message of the cloud, to any door. */
  receive(topic: string, payload: string): void
}

interface LocalDoorOptions {
  readonly doorId: string
  readonly folder: string
  readonly ca: TestCa
  readonly account: Account
  nowMs(): number
  settle(): Promise<void>
}

export function localDoor(options: LocalDoorOptions): LocalDoor {
  const { doorId, account } = options
  const configPath = newConfig(options)
  const config = () => readConfig(configPath)
  const grants: Credential[] = []
  let device: Device | null = null
  const log = doorLog(doorId)
  let visits = 0
  const publish = (body: DoorBody) => {
    const topic = eventTopic(doorId, body.type)
    demand(device, 'Publish', topic)
    account.fromDoor(topic, log.next(body, options.nowMs()))
  }
  return {
    doorId,
    run: (line) => runCommand(line, configPath),
    async start() {
      device = connected(config(), account)
      demand(device, 'Connect', doorId)
      demand(device, 'Subscribe', commandFilter(doorId))
      demand(device, 'Receive', commandTopic(doorId, 'grant'))
      const capabilities = [
        ...Object.keys(cloudBodies),
        'credential:one-time',
        'credential:standing',
      ]
      publish({ type: 'door-introduced', protocol: 1, software: '0.2.0', capabilities })
      await options.settle()
    },
    receive(topic, payload) {
      const isMeant = topic.startsWith(commandTopic(doorId, ''))
      const parsed = isMeant ? parseCloudMessage(payload) : null
      if (!parsed?.ok || parsed.message.type !== 'grant') return
      const { credential } = parsed.message
      grants.push(credential)
      const { grantId, visitId, holder } = credential
      publish({ type: 'grant-stored', grantId, visitId, visitorId: holder.visitorId })
    },
    async sees(face) {
      visits += 1
      await uploadSnapshots(face, visits, { ...options, config: config() })
    },
    async enter(code) {
      const key = Buffer.from(readKeys(config().doorKeyFile ?? '')?.own ?? '', 'hex')
      const grant = grants.find(
        ({ grantId, digits }) => derivePasscode(key, grantId, digits) === code,
      )
      if (!grant) return 'wrong'
      const { grantId, visitId, holder } = grant
      const used = { grantId, visitId, visitorId: holder.visitorId }
      publish({ type: 'entry-accepted', origin: 'keypad', holdMs: 5_000, ...used })
      await options.settle()
      return 'accepted'
    },
    passesAs: async (other) => device?.may('Publish', eventTopic(other, 'door-opened')) ?? false,
  }
}

function newConfig({ doorId, folder, ca, account }: LocalDoorOptions): string {
  const home = join(folder, doorId)
  mkdirSync(join(home, 'data'), { recursive: true })
  const path = join(home, 'config.json')
  const config = {
    ...{ doorId, doorName: 'Front door', dataDir: join(home, 'data') },
    ...{ doorKeyFile: join(home, 'door-key'), hardware: 'gpio', link: 'none', clock: 'host' },
    iot: {
      port: account.credentialsEndpoint.port,
      identityDir: join(home, 'identity'),
      authorityFile: ca.certificate,
    },
  }
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** `sudo -E smart-door …`, with the config of this door. */
async function runCommand(line: string, configPath: string): Promise<string> {
  const [, , program, ...args] = wordsOf(line)
  if (program !== 'smart-door') throw new Error(`Not known here: ${line}`)
  const { io, text } = captured()
  const code = await main([...args, '--config', configPath], io)
  if (code === 0) return text()
  throw new RehearsalFailed(`It ended with ${code}: ${text().trim()}`)
}

const identityOf = ({ iot }: Config) => readIdentity(iot.identityDir, iot.authorityFile)

function connected(config: Config, account: Account): Device {
  const certificate = new X509Certificate(identityOf(config).certificate)
  const device = account.deployment().devices.byCertificate(certificate, config.doorId)
  if (device) return device
  throw new RehearsalFailed(`AWS IoT does not know the certificate of ${config.doorId}.`)
}

function demand(device: Device | null, action: IotAction, what: string): void {
  if (device?.may(action, what)) return
  const by = device?.policies.join(', ') || 'No policy'
  throw new RehearsalFailed(`${by} does not allow iot:${action} on ${what}.`)
}
