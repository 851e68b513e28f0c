/** The door of a home: its daemon, what the daemon is connected to, and what it reports. */
import { randomBytes } from 'node:crypto'
import { type EventEmitter, once } from 'node:events'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { DeployedCloud } from '../cloud/cloud.ts'
import { openDoorMessageRelay } from '../cloud/door-messages.ts'
import { doorSentence, lockSentence, timeOf } from '../control-room/timeline.ts'
import { startDoorConnections } from '../door/connections.ts'
import { startDoorInternet } from '../door/internet.ts'
import { watchKeypad } from '../door/keypad-watch.ts'
import { DoorProcess } from '../door/process.ts'
import { drawnSize, type Picture } from '../scenes/scene.ts'
import { framesPerSecond } from '../scenes/scene-recorder.ts'
import type { AddEntry, HomeOptions, HomeParts } from './home.ts'
import { doorId, doorName } from './household.ts'
import type { SteerableClock } from './steerable-clock.ts'

export type DoorParts = Pick<
  HomeParts,
  'connections' | 'internet' | 'door' | 'keypad' | 'keypadUrl' | 'doorMessages'
>

interface DoorSurroundings {
  readonly clock: SteerableClock
  readonly cloud: DeployedCloud
  /** Where the pages of the cloud are. */
  readonly pagesOrigin: string
}

export async function startDoor(
  options: HomeOptions,
  { clock, cloud, pagesOrigin }: DoorSurroundings,
): Promise<DoorParts> {
  const { folder, keypadPort, recordings, changed = () => {} } = options
  const doorMessages = openDoorMessageRelay()
  const secret = randomBytes(16).toString('hex')
  const connections = await startDoorConnections({
    clock,
    secret,
    fromDoor: doorMessages.receive,
  })
  const internet = await startDoorInternet()
  const { hardwarePort, linkPort } = connections
  const { accessKeyId, secretAccessKey } = cloud.doorCredentials(doorId)
  const awsKeys = { accessKeyId, secretAccessKey }
  folder.storeDoorKey(cloud.doorKeyOf(doorId))
  const config = folder.writeConfig({
    doorId,
    doorName,
    hardware: 'simulated',
    link: 'simulated',
    clock: 'host',
    simulator: { hardwarePort, linkPort, secret, awsKeys },
    uploads: {
      region: cloud.aws.region,
      bucket: cloud.stack.ref('Photos'),
      endpoint: internet.origin,
    },
    keypad: { port: keypadPort, embeddedBy: [...options.embeddedBy], pagesOrigin },
    ...(recordings && { recording: { stream: true }, camera: { framesPerSecond } }),
    ...options.config,
  })
  const door = new DoorProcess(config, clock.aheadMs())
  options.doorStarted?.(door)
  const keypadUrl = `http://127.0.0.1:${keypadPort}`
  const keypad = watchKeypad(keypadUrl, clock.nowMs, changed)
  return { connections, internet, door, keypad, keypadUrl, doorMessages }
}

export async function closeDoor({ keypad, door, connections, internet }: DoorParts): Promise<void> {
  keypad.close()
  await door.stop()
  await Promise.all([connections.close(), internet.close()])
}

// ---------------------------------------------------------------- pictures

/** A picture that the door does not upload within this time is not a snapshot of a visit. */
const uploadWithinMs = 1_500

/** Shows each picture to the door, and keeps the home busy until the door has uploaded it. */
export function pictureSender(
  { connections, visits, doorMessages }: Pick<HomeParts, 'visits'> & DoorParts,
  uploads: EventEmitter,
  changed: () => void,
): (picture: Picture) => void {
  return ({ jpeg }) => {
    changed()
    connections.picture(jpeg, drawnSize)
    if (!visits.current() || !connections.linkUp()) return
    const signal = AbortSignal.timeout(uploadWithinMs)
    doorMessages.alsoBusyWith(once(uploads, 'one', { signal }).then(nothing, nothing))
  }
}

const nothing = () => {}

// ---------------------------------------------------------------- what the door reports

interface Reporting {
  readonly addEntry: AddEntry
  readonly refresh: () => Promise<void>
  readonly changed: () => void
}

export function followDoor(parts: HomeParts, { addEntry, refresh, changed }: Reporting): void {
  const { doorMessages, cloud, work, visits, scene, clock, connections } = parts
  const starts: number[] = []
  connections.events.on('daemon', (connected) => {
    if (connected) starts.push(clock.nowMs())
    changed()
  })
  connections.events.on('contact', changed)
  connections.events.on('lock', (change) => {
    addEntry('lock', lockSentence(change), { atMs: change.atMs })
  })
  connections.events.on('link', (up) => {
    // Pictures that could not be sent while the network was cut are taken again.
    if (up && visits.current()) scene.takeAgain()
    changed()
  })
  const received = (message: DoorMessage) => {
    const before = visits.current()?.visitId
    visits.fromDoor(message)
    const now = visits.current()?.visitId
    if (now !== undefined && now !== before) scene.visitBegan()
    const visitId = 'visitId' in message ? message.visitId : null
    const atMs = timeOf(message, clock.nowMs(), starts)
    addEntry('door', doorSentence(message, visits.nameOf), { atMs, visitId })
  }
  doorMessages.listen({
    received,
    unreadable: () => addEntry('cloud', 'The door sent a message that cannot be read.'),
    async publish(topic, text) {
      await cloud.fromDoor(topic, text)
      work.wake()
      await refresh()
    },
  })
}
