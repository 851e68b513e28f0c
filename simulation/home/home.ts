/**
 * A whole home on one computer: the real daemon in its own process, the real cloud functions beside
 * stand-ins for AWS, and everything around them that a person would see or do.
 */
import { EventEmitter } from 'node:events'
import type { CodeAnswer } from '../../protocol/keypad-api.ts'
import type { SimulatedCloud } from '../cloud/cloud.ts'
import type { DoorMessageRelay } from '../cloud/door-messages.ts'
import { type HttpGateway, startHttpGateway } from '../cloud/http-gateway.ts'
import { type Inbox, openInbox } from '../cloud/inbox.ts'
import { type CloudWork, startCloudWork } from '../cloud/work.ts'
import type { ApiState, PageState, TimelineEntry } from '../control-room/state.ts'
import { Timeline } from '../control-room/timeline.ts'
import { VisitBook } from '../control-room/visit-book.ts'
import type { DoorConnections } from '../door/connections.ts'
import type { DoorInternet } from '../door/internet.ts'
import type { KeypadWatch } from '../door/keypad-watch.ts'
import type { DoorProcess } from '../door/process.ts'
import { Scene } from '../scenes/scene.ts'
import { type SceneRecorder, startRecording } from '../scenes/scene-recorder.ts'
import { openTroubles, type Troubles } from '../scenes/troubles.ts'
import { homeActions } from './actions.ts'
import type { DataFolder, DoorConfig } from './data-folder.ts'
import { closeDoor, type DoorParts, followDoor, pictureSender, startDoor } from './door.ts'
import { connectCloud, type HomeCloudOptions, startHomeCloud } from './home-cloud.ts'
import { household } from './household.ts'
import { keepSaving, leadingTo, openMemory } from './memory.ts'
import { OwnersBrowser } from './owners-browser.ts'
import type { OwnersSettings } from './owners-settings.ts'
import { type SteerableClock, steerableClock } from './steerable-clock.ts'
import type { VisitorsPhone } from './visitors-phone.ts'

export interface HomeOptions {
  readonly folder: DataFolder
  readonly keypadPort: number
  readonly webPort: number
  /** Pages that may show the keypad in a frame. */
  readonly embeddedBy: readonly string[]
  /** Whether visits are recorded, which takes ffmpeg. */
  readonly recordings?: boolean
  readonly config?: Partial<DoorConfig>
  readonly changed?: () => void
  /** Called before a start that takes longer than others. */
  readonly preparing?: () => void
  /** Called at once, so that no output of the door is missed. */
  readonly doorStarted?: (door: DoorProcess) => void
}

export interface HomeParts {
  readonly clock: SteerableClock
  readonly connections: DoorConnections
  readonly internet: DoorInternet
  readonly door: DoorProcess
  readonly cloud: SimulatedCloud
  readonly gateway: HttpGateway
  readonly work: CloudWork
  readonly scene: Scene
  /** Null without recordings. */
  readonly sceneRecorder: SceneRecorder | null
  readonly inbox: Inbox
  readonly keypad: KeypadWatch
  readonly keypadUrl: string
  readonly visits: VisitBook
  readonly troubles: Troubles
  readonly timeline: Timeline
  readonly doorMessages: DoorMessageRelay
}

export interface Home extends HomeParts {
  state(): Promise<ApiState>
  pageState(): PageState
  /** Adds what a person does to the timeline, before its consequences. */
  note(sentence: string): void
  press(code: string): Promise<CodeAnswer | null>
  /** For visitors who scan the code on the keypad. */
  readonly settings: OwnersSettings
  readonly phone: VisitorsPhone
  /** Through the cloud's API, as the signed-in owner. Null if the door is offline. */
  unlock(): Promise<Response | null>
  /** Where the console is. The owner has answered the invitation, so a person can sign in as they do. */
  ownersConsole(): Promise<string>
  /** The recording of a visit, or the refusal, as the owner would get it. */
  recording(visitId: string): Promise<Response>
  /** Starts the live view for the owner. Null if the door is offline. */
  watch(forMs: number): Promise<Response | null>
  /** Where a player finds the live view. */
  live(): Promise<Response>
  /** Skips time for the door and the cloud. */
  pass(ms: number): Promise<void>
  /** Resolves when no message is on its way and no work is due. */
  settled(): Promise<void>
  close(): Promise<void>
  kill(): void
}

export type AddEntry = (
  who: TimelineEntry['who'],
  sentence: string | null,
  more?: { readonly atMs?: number; readonly visitId?: string | null },
) => void

export async function startHome(options: HomeOptions): Promise<Home> {
  const { folder, changed = () => {} } = options
  const memory = folder.isTemporary ? null : openMemory(folder.path)
  const remembered = memory?.remembered ?? null
  const clock = steerableClock(remembered?.aheadMs)
  const timeline = new Timeline(remembered?.timeline)
  const visits = new VisitBook()
  const addEntry: AddEntry = (who, sentence, { atMs = clock.nowMs(), visitId } = {}) => {
    const visit = visits.numberOf(visitId ?? visits.current()?.visitId ?? null)
    if (sentence !== null) timeline.add({ atMs, who, visit, sentence })
    changed()
  }
  const gateway = await startHttpGateway(options.webPort)
  const uploads = new EventEmitter()
  const around = { clock, gateway, visits }
  const { cloud, faces, door } = await startCloudAndDoor(around, options, {
    ...{ folder, addEntry, remembered, preparing: options.preparing ?? (() => {}) },
    uploaded: () => uploads.emit('one'),
  })
  const base = { ...door, ...around, timeline }
  const inbox = openInbox({
    aws: cloud.aws,
    clock,
    happened: (sentence) => addEntry('phone', sentence),
    ...(remembered && { before: leadingTo(gateway.origin, remembered) }),
  })
  const refresh = async () => {
    inbox.refresh()
    await visits.refresh(cloud.deps.visits, household).catch(() => {})
    changed()
  }
  const work = startCloudWork({
    cloud,
    clock,
    worked: () => void refresh(),
    failed: () => addEntry('cloud', 'Something failed in the cloud and is tried again.'),
  })
  uploads.on('one', work.wake)
  const scene = new Scene({
    clock,
    motion: door.connections.motion,
    visitExpected: () => door.connections.linkUp() && visits.current() === null,
    took: pictureSender(base, uploads, changed),
  })
  const sceneRecorder = options.recordings ? startRecording(scene, door.connections) : null
  const troubles = openTroubles({ ...door, cloud, inbox, scene })
  const parts: HomeParts = { ...base, cloud, inbox, work, scene, sceneRecorder, troubles }
  connectCloud(parts)
  const owner = new OwnersBrowser({
    origin: gateway.origin,
    invitations: () => cloud.aws.cognito.invitations,
  })
  followDoor(parts, { addEntry, refresh, changed })
  const saving = keepSaving(memory, parts, faces)
  return { ...parts, ...homeActions(parts, { addEntry, refresh, owner, saving }) }
}

/** The door starts as soon as the stack is there, while the cloud is still filled. */
async function startCloudAndDoor(
  around: Pick<HomeParts, 'clock' | 'gateway' | 'visits'>,
  options: HomeOptions,
  more: Omit<HomeCloudOptions, 'toDoor' | 'deployed'>,
) {
  const { clock, gateway } = around
  const started = Promise.withResolvers<DoorParts>()
  let connections: DoorConnections | null = null
  const starting = startHomeCloud(around, {
    ...more,
    toDoor: (topic, text) => connections?.sendText(topic, text),
    deployed: (cloud) =>
      started.resolve(startDoor(options, { clock, cloud, pagesOrigin: gateway.origin })),
  }).catch(async (fault: unknown) => {
    void started.promise.then(closeDoor)
    await gateway.close()
    throw fault
  })
  const [filled, door] = await Promise.all([starting, started.promise])
  connections = door.connections
  return { ...filled, door }
}
