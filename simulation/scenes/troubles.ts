/** Everything that can be made to go wrong, and how to end it. */
import { execFileSync } from 'node:child_process'
import * as z from 'zod/mini'
import type { FaultHandle } from '../aws/faults.ts'
import type { SimulatedCloud } from '../cloud/cloud.ts'
import type { Inbox } from '../cloud/inbox.ts'
import type { TroubleState } from '../control-room/state.ts'
import type { DoorConnections } from '../door/connections.ts'
import type { DoorInternet } from '../door/internet.ts'
import type { DoorProcess } from '../door/process.ts'
import type { Scene } from './scene.ts'

const ms = z.int().check(z.nonnegative(), z.maximum(600_000))

/** Omitted fields stay as they are. */
export const troubleSchema = z.strictObject({
  network: z.optional(z.boolean()),
  /** Delay of every message between door and cloud. */
  slowMs: z.optional(ms.check(z.maximum(60_000))),
  /** Every message arrives twice, in any order. */
  doubles: z.optional(z.boolean()),
  /** How many of the next texts are lost. */
  loseTexts: z.optional(z.int().check(z.nonnegative(), z.maximum(100))),
  /** The next text only. */
  delayTextMs: z.optional(ms),
  /** The tables refuse the next few calls of each kind; `false` ends that. */
  throttle: z.optional(z.boolean()),
  diskFull: z.optional(z.boolean()),
  camera: z.optional(z.boolean()),
})
export type Trouble = z.infer<typeof troubleSchema>

export function troubleSentence(trouble: Trouble): string | null {
  const { network, slowMs, doubles, loseTexts, delayTextMs, throttle, diskFull, camera } = trouble
  const sentences = [
    either(network, 'You restored the network.', 'You cut the network.'),
    either(slowMs && slowMs > 0, 'You made the network slow.', 'You made the network fast again.'),
    either(doubles, 'Messages come twice and mixed up.', 'Messages come once and in order again.'),
    either(loseTexts && loseTexts > 0, 'The next text will be lost.', 'No text will be lost.'),
    either(delayTextMs && delayTextMs > 0, 'The next text will be late.', 'No text will be late.'),
    either(
      throttle,
      'The cloud’s tables refuse some calls.',
      'The cloud’s tables take every call.',
    ),
    either(diskFull, 'You filled the disk of the door.', 'There is room on the door’s disk again.'),
    either(camera, 'You plugged the camera in.', 'You unplugged the camera.'),
  ]
  return sentences.filter((sentence) => sentence !== null).join(' ') || null
}

const either = (is: boolean | 0 | undefined, yes: string, no: string): string | null =>
  is === undefined ? null : is ? yes : no

export type Troubles = ReturnType<typeof openTroubles>

interface TroublesDeps {
  readonly connections: DoorConnections
  readonly internet: DoorInternet
  readonly door: DoorProcess
  readonly cloud: Pick<SimulatedCloud, 'aws'>
  readonly inbox: Inbox
  readonly scene: Scene
}

const throttledOperations = ['PutItem', 'UpdateItem', 'GetItem', 'Query', 'TransactWriteItems']
/** More than the client's own retries. */
const throttledCalls = 5

export function openTroubles(deps: TroublesDeps) {
  const { connections, internet, door, cloud, inbox, scene } = deps
  let throttles: readonly FaultHandle[] = []
  let diskFull = false
  let doorClockOffMs = 0

  const throttle = (on: boolean) => {
    for (const throttle of throttles) throttle.lift()
    throttles = on ? throttled(cloud) : []
  }
  const fillDisk = (full: boolean): string | null => {
    const problem = limitFiles(door.pid(), full)
    if (problem === null) diskFull = full
    return problem
  }
  // The limit does not survive a restart of the daemon.
  door.events.on('ready', () => {
    if (diskFull) limitFiles(door.pid(), true)
  })

  return {
    /** A sentence if this is impossible on this machine, or null. */
    make(trouble: Trouble): string | null {
      const { network, slowMs, doubles, loseTexts, delayTextMs } = trouble
      connections.setNetwork({
        ...(network !== undefined && { up: network }),
        ...(slowMs !== undefined && { slowMs }),
        ...(doubles !== undefined && { doubles }),
      })
      if (network !== undefined) internet.cut(!network)
      inbox.trouble({ lose: loseTexts, delayMs: delayTextMs })
      if (trouble.throttle !== undefined) throttle(trouble.throttle)
      if (trouble.camera !== undefined) scene.plugCamera(trouble.camera)
      return trouble.diskFull === undefined ? null : fillDisk(trouble.diskFull)
    },
    /** Sets only the door's own clock wrong. */
    async moveDoorClock(ms: number): Promise<void> {
      doorClockOffMs += ms
      await door.steer({ wallMs: ms })
    },
    state(): TroubleState {
      const { up, slowMs, doubles } = connections.network()
      const { lose, delayMs } = inbox.planned()
      return {
        network: up,
        slowMs,
        doubles,
        loseTexts: lose,
        delayTextMs: delayMs,
        diskFull,
        doorClockOffMs,
        camera: scene.isCameraPlugged(),
      }
    },
  }
}

const throttled = ({ aws }: Pick<SimulatedCloud, 'aws'>) =>
  throttledOperations.flatMap((operation) =>
    Array.from({ length: throttledCalls }, (_, nth) =>
      aws.fault({ service: 'dynamodb', operation, kind: 'throttle', nth: nth + 1 }),
    ),
  )

/** Limits the size of files that the daemon may write, so that every write fails as on a full disk. */
function limitFiles(pid: number | undefined, full: boolean): string | null {
  try {
    const limit = full ? '1:' : 'unlimited:'
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${limit}`], { stdio: 'ignore' })
    return null
  } catch {
    return 'A full disk can be simulated only on Linux, with prlimit.'
  }
}
