/**
 * A whole home on one computer: the real daemon in a process of its own, the real functions of the
 * cloud against stand-ins for AWS, and everything around them that a person would see or do.
 */
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import type { CodeAnswer } from '../../protocol/keypad-api.ts'
import { parseCloudMessage } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import { clipOf } from '../cloud/clip.ts'
import {
  photosBucket,
  type SimulatedCloud,
  simulatedKeys,
  startSimulatedCloud,
} from '../cloud/cloud.ts'
import { type DoorMessageRelay, openDoorMessageRelay } from '../cloud/door-messages.ts'
import { type HttpGateway, startHttpGateway } from '../cloud/http-gateway.ts'
import { openPost, type Post } from '../cloud/inbox.ts'
import { type CloudWork, startCloudWork } from '../cloud/work.ts'
import type { ApiState, PageState, TimelineEntry } from '../control-room/state.ts'
import {
  cloudSentence,
  commandSentence,
  doorMoment,
  doorSentence,
  lockSentence,
  Timeline,
} from '../control-room/timeline.ts'
import { openVisitBook, type VisitBook } from '../control-room/visit-book.ts'
import { type DoorLines, startDoorLines } from '../door/connections.ts'
import { type DoorInternet, startDoorInternet } from '../door/internet.ts'
import { type KeypadWatch, postJson, watchKeypad } from '../door/keypad-watch.ts'
import { type DoorProcess, startDoorProcess } from '../door/process.ts'
import { drawnSize, openScene, type Picture, type Scene } from '../scenes/scene.ts'
import { framesPerSecond, type SceneRecorder, startRecording } from '../scenes/scene-recorder.ts'
import { openTroubles, type Troubles } from '../scenes/troubles.ts'
import type { DataFolder, DoorConfig } from './data-folder.ts'
import { apiStateOf, pageStateOf } from './home-state.ts'
import {
  doorId,
  doorName,
  household,
  maple,
  type OwnersSignIn,
  owner,
  ownersSignIn,
} from './household.ts'
import {
  leadingTo,
  openMemory,
  type Remembered,
  type RememberingFaces,
  rememberingFaces,
  restorePhotos,
} from './memory.ts'
import { type SteerableClock, steerableClock } from './steerable-clock.ts'

export interface HomeOptions {
  readonly folder: DataFolder
  readonly keypadPort: number
  readonly webPort: number
  /** Pages that may show the keypad in a frame. */
  readonly embeddedBy: readonly string[]
  /** Whether visits are filmed, which takes ffmpeg. */
  readonly recordings?: boolean
  readonly config?: Partial<DoorConfig>
  readonly changed?: () => void
  /** At once, so that nothing it says is missed. */
  readonly doorStarted?: (door: DoorProcess) => void
}

/** What everything in a home is made of. */
export interface HomeParts {
  readonly clock: SteerableClock
  readonly lines: DoorLines
  readonly internet: DoorInternet
  readonly door: DoorProcess
  readonly cloud: SimulatedCloud
  readonly gateway: HttpGateway
  readonly work: CloudWork
  readonly scene: Scene
  /** Null where nothing is filmed. */
  readonly sceneRecorder: SceneRecorder | null
  readonly post: Post
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
  /** Says what a person did, before its consequences. */
  note(sentence: string): void
  press(code: string): Promise<CodeAnswer | null>
  /** As a signed-in owner asks the cloud's API. Null when nobody could hear it. */
  unlock(): Promise<Response | null>
  /** The film of a visit, or why there is none, as the owner would get it. */
  recording(visitId: string): Promise<Response>
  /** The owner wants to look through the door, for so long. Null when nobody could hear it. */
  watch(forMs: number): Promise<Response | null>
  /** Where a player finds what the door films now. */
  live(): Promise<Response>
  /** Time passes, for everybody. */
  pass(ms: number): Promise<void>
  /** Nothing is on its way any more, as far as one can see from outside. */
  settled(): Promise<void>
  close(): Promise<void>
  kill(): void
}

/** Should this program be killed, no more than so much is forgotten of what surrounds the door. */
const saveEveryMs = 5_000

type Tell = (who: TimelineEntry['who'], sentence: string | null, more?: Told) => void

interface Told {
  readonly atMs?: number
  readonly visitId?: string | null
}

export async function startHome(options: HomeOptions): Promise<Home> {
  const { folder, changed = () => {} } = options
  const memory = folder.isTemporary ? null : openMemory(folder.path)
  const { remembered = null } = memory ?? {}
  const clock = steerableClock(remembered?.aheadMs)
  const timeline = new Timeline(remembered?.timeline)
  const visits = openVisitBook()
  const tell: Tell = (who, sentence, { atMs = clock.nowMs(), visitId } = {}) => {
    const visit = visits.numberOf(visitId ?? visits.current()?.visitId ?? null)
    if (sentence !== null) timeline.add({ atMs, who, visit, sentence })
    changed()
  }

  const doorMessages = openDoorMessageRelay()
  const keypadUrl = `http://127.0.0.1:${options.keypadPort}`
  const gateway = await startHttpGateway(options.webPort)
  const secret = randomBytes(16).toString('hex')
  const lines = await startDoorLines({
    clock,
    secret,
    fromDoor: (_topic, text) => doorMessages.hear(text),
  })
  const internet = await startDoorInternet()
  const config = doorConfig(options, { ...lines, secret }, internet)
  const door = startDoorProcess(folder.writeConfig(config), clock.aheadMs())
  options.doorStarted?.(door)
  const keypad = watchKeypad(keypadUrl, clock.nowMs, changed)
  const uploads = new EventEmitter()
  const signIns = ownersSignIn()
  const { cloud, faces } = await startCloud({
    ...{ folder, clock, gateway, lines, visits, signIns, tell, remembered },
    uploaded: () => uploads.emit('one'),
  }).catch(async (fault: unknown) => {
    keypad.close()
    await Promise.all([door.stop(), lines.close(), internet.close(), gateway.close()])
    throw fault
  })
  const post = openPost({
    ...{ aws: cloud.aws, clock, happened: (sentence) => tell('phone', sentence) },
    ...(remembered && { before: leadingTo(gateway.origin, remembered) }),
  })
  const save = () => {
    memory?.save({
      ...{
        aheadMs: clock.aheadMs(),
        webOrigin: gateway.origin,
        mails: post.mails(),
        texts: post.texts(),
      },
      ...{ timeline: [...timeline.entries], faces: faces.known() },
      photos: cloud.aws.bucket(photosBucket),
    })
  }
  const saving = setInterval(save, saveEveryMs).unref()
  const look = async () => {
    post.look()
    await visits.look(cloud.deps.visits, household).catch(() => {})
    changed()
  }
  const work = startCloudWork({
    ...{ cloud, clock, worked: () => void look() },
    failed: () => tell('cloud', 'Something failed in the cloud and is tried again.'),
  })
  gateway.connect(async (event) => {
    const answer = await cloud.functions.web(event)
    work.wake()
    return answer
  })
  internet.leadTo(cloud.aws.url)
  uploads.on('one', work.wake)
  const took = (picture: Picture) => {
    changed()
    lines.picture(picture.jpeg, drawnSize)
    if (visits.current() && lines.linkUp()) doorMessages.alsoBusyWith(nextUpload(uploads))
  }
  const scene = openScene({ clock, motion: lines.motion, took })
  const troubles = openTroubles({ lines, internet, door, cloud, post, scene })
  const parts: HomeParts = {
    ...{ clock, lines, internet, door, cloud, gateway, work, scene, post, keypad, keypadUrl },
    ...{ visits, troubles, timeline, doorMessages },
    sceneRecorder: options.recordings ? startRecording(scene, lines) : null,
  }
  listenToDoor(parts, tell, look)
  followLines(parts, tell, changed)
  return {
    ...parts,
    ...deedsIn(parts, {
      tell,
      look,
      signIns,
      save: () => {
        clearInterval(saving)
        save()
      },
    }),
  }
}

// ---------------------------------------------------------------- the cloud

interface CloudParts extends Pick<HomeParts, 'clock' | 'gateway' | 'lines' | 'visits'> {
  readonly folder: DataFolder
  readonly signIns: OwnersSignIn
  readonly tell: Tell
  readonly remembered: Remembered | null
  /** A picture of the door's has arrived. */
  readonly uploaded: () => void
}

interface StartedCloud {
  readonly cloud: SimulatedCloud
  readonly faces: RememberingFaces
}

async function startCloud(parts: CloudParts): Promise<StartedCloud> {
  const { folder, clock, gateway, lines, visits, signIns, tell, remembered, uploaded } = parts
  let faces: RememberingFaces | null = null
  const cloud = await startSimulatedCloud({
    ...{ clock, households: [maple], webOrigin: gateway.origin, uploaded },
    ...(!folder.isTemporary && { folder: join(folder.path, 'tables') }),
    doorKeys: { [doorId]: folder.doorKey.toString('hex') },
    toDoor: (topic, text) => {
      const parsed = parseCloudMessage(text)
      if (parsed.ok) {
        visits.toDoor(parsed.message)
        tell('cloud', commandSentence(parsed.message))
      }
      lines.sendText(topic, text)
    },
    log: logTo((text, data, visitId) => tell('cloud', cloudSentence(text, data), { visitId })),
    between(deps) {
      faces = rememberingFaces(deps.faces)
      return { ...deps, signIns, faces }
    },
  })
  await cloud.deps.households.addMember({
    ...{ ...owner, email: 'owner@example.org', role: 'owner', joinedAtMs: clock.nowMs() },
  })
  const known = faces ?? rememberingFaces(cloud.deps.faces)
  if (remembered) await recall(folder, remembered, cloud, known)
  for (const { visitorId, name } of await cloud.deps.visitors.list(household)) {
    visits.name(visitorId, name)
  }
  return { cloud, faces: known }
}

async function recall(
  folder: DataFolder,
  { faces }: Remembered,
  { aws, deps }: SimulatedCloud,
  known: RememberingFaces,
): Promise<void> {
  restorePhotos(folder.path, aws.bucket(photosBucket))
  for (const { household, jpeg, owner } of faces) {
    const faceIds = await known.remember(household, jpeg, owner)
    // The collection names its faces anew.
    if (owner.kind === 'visitor')
      await deps.visitors.setFaceIds(household, owner.visitorId, faceIds)
  }
}

function logTo(tell: (text: string, data: object, visitId: string | null) => void) {
  const line = (data: object, text: string) => {
    const visitId = 'visitId' in data && typeof data.visitId === 'string' ? data.visitId : null
    tell(text, data, visitId)
  }
  return { info: line, warn: line, error: line }
}

// ---------------------------------------------------------------- the door

function listenToDoor(parts: HomeParts, tell: Tell, look: () => Promise<void>): void {
  const { doorMessages, cloud, work, visits, scene, clock, lines } = parts
  const starts: number[] = []
  lines.events.on('daemon', (there) => {
    if (there) starts.push(clock.nowMs())
  })
  const heard = (message: DoorMessage) => {
    const before = visits.current()?.visitId
    visits.fromDoor(message)
    const now = visits.current()?.visitId
    if (now !== undefined && now !== before) scene.lookAgain()
    const visitId = 'visitId' in message ? message.visitId : null
    const atMs = doorMoment(message, clock.nowMs(), starts)
    tell('door', doorSentence(message, visits.nameOf), { atMs, visitId })
  }
  doorMessages.listen({
    heard,
    unreadable: () => tell('cloud', 'The door said something that nobody understands.'),
    async take(message) {
      await cloud.fromDoor(message)
      work.wake()
      await look()
    },
  })
}

/** What the door takes a picture of is on its way until it is there, or something keeps it. */
const uploadWithinMs = 1_500

const nextUpload = (uploads: EventEmitter): Promise<void> =>
  once(uploads, 'one', { signal: AbortSignal.timeout(uploadWithinMs) }).then(
    () => {},
    () => {},
  )

function followLines({ lines, visits, scene }: HomeParts, tell: Tell, changed: () => void): void {
  lines.events.on('lock', (change) => tell('lock', lockSentence(change), { atMs: change.atMs }))
  for (const what of ['daemon', 'contact'] as const) lines.events.on(what, () => changed())
  lines.events.on('link', (up) => {
    // What was not sent while the network was cut is seen again.
    if (up && visits.current()) scene.lookAgain()
    changed()
  })
}

function doorConfig(
  options: HomeOptions,
  { hardwarePort, linkPort, secret }: DoorLines & { readonly secret: string },
  internet: DoorInternet,
): DoorConfig {
  return {
    ...{ doorId, doorName, hardware: 'simulated', link: 'simulated', clock: 'host' },
    simulator: { hardwarePort, linkPort, secret, awsKeys: simulatedKeys },
    uploads: { region: 'eu-central-1', bucket: photosBucket, endpoint: internet.origin },
    keypad: { port: options.keypadPort, embeddedBy: [...options.embeddedBy] },
    ...(options.recordings && { recording: { stream: true }, camera: { framesPerSecond } }),
    ...options.config,
  }
}

// ---------------------------------------------------------------- what can be done

interface Doing {
  readonly tell: Tell
  readonly look: () => Promise<void>
  readonly signIns: OwnersSignIn
  readonly save: () => void
}

/** Of what the door refuses to look at, its own log says nothing. */
const notJudged = {
  silent: 'Nobody judged the code: the door is not running, or cannot write anything down.',
  paused: 'The keypad is paused, so nobody looked at the code.',
}

/** What was published a moment ago needs a moment to come back as an answer. */
const answersWithinMs = 15
const shortestStepMs = 2_000
const mostSteps = 40

function deedsIn(
  parts: HomeParts,
  { tell, look, signIns, save }: Doing,
): Omit<Home, keyof HomeParts> {
  const { doorMessages, work, clock, door, lines, gateway, keypad, sceneRecorder } = parts
  const api = `${gateway.origin}/v1`
  const asOwner = { authorization: `Bearer ${signIns.token}` }
  const command = async (name: string, wish: object) =>
    lines.linkUp() ? postJson(`${api}/doors/${doorId}/${name}`, wish, asOwner) : null
  const settled = async () => {
    do {
      await doorMessages.idle()
      await work.idle()
      await new Promise((passed) => setTimeout(passed, answersWithinMs))
    } while (doorMessages.isBusy())
  }
  return {
    settled,
    async state() {
      await look()
      return apiStateOf(parts)
    },
    pageState: () => pageStateOf(parts),
    note: (sentence) => tell('you', sentence),
    async press(code) {
      const answer = await keypad.press(code)
      if (answer === null) tell('you', notJudged.silent)
      if (answer?.outcome === 'paused') tell('you', notJudged.paused)
      return answer
    },
    unlock: () => command('unlock', {}),
    recording: (visitId) => clipOf(`${api}/visits/${visitId}`, asOwner),
    watch: (forMs) => command('watch', { forMs }),
    live: () => fetch(`${api}/doors/${doorId}/live`, { headers: asOwner }),
    async pass(ms) {
      await sceneRecorder?.rest()
      const stepMs = Math.max(shortestStepMs, ms / mostSteps)
      for (let left = ms; left > 0; left -= stepMs) {
        await settled()
        const skipMs = Math.round(Math.min(left, stepMs))
        clock.skip(skipMs)
        await door.steer({ skipMs })
        work.wake()
      }
      await settled()
      sceneRecorder?.goOn()
    },
    close: () => closeAll(parts, save),
    kill: door.kill,
  }
}

async function closeAll(parts: HomeParts, save: () => void): Promise<void> {
  const { keypad, scene, post, door, gateway, lines, internet, work, doorMessages, cloud } = parts
  parts.sceneRecorder?.close()
  keypad.close()
  scene.close()
  post.close()
  await door.stop()
  await gateway.close()
  await Promise.all([lines.close(), internet.close()])
  await work.close()
  doorMessages.stop()
  await doorMessages.idle()
  save()
  await cloud.close()
}
