/**
 * Memory of an idle door at work: connected to its cloud (a broker on this machine, with mutual TLS),
 * camera on, one page open, no visitor.
 */
import { setTimeout as passing } from 'node:timers/promises'
import { eventFilter } from '../../../protocol/topics.ts'
import { iotConfig } from '../../support/door/iot-home.ts'
import { type Broker, cloudName, startBroker } from '../../support/network/broker.ts'
import { brokerClient } from '../../support/network/broker-client.ts'
import { makeCa, type TestCa } from '../../support/network/test-ca.ts'
import { type SceneCamera, startSceneCamera } from '../../support/video/scene-camera.ts'
import { benchDoor } from '../support/bench-door.ts'
import { median } from '../support/figures.ts'
import { memoryOf } from '../support/process-figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import type { StartedServer } from '../support/started-server.ts'
import type { Workshop } from '../support/workshop.ts'

const full = { watchMs: 180_000, everyMs: 5_000 }
const quick = { watchMs: 1_000, everyMs: 200 }

/** What a small Pi can spare. */
const largestMb = 100

interface Surroundings {
  readonly ca: TestCa
  readonly broker: Broker
  readonly scene: SceneCamera
}

export async function benchIdleAtWork(workshop: Workshop): Promise<Row> {
  const ca = makeCa()
  const [broker, scene] = await Promise.all([startBroker({ ca }), startSceneCamera()])
  try {
    return await atWork(workshop, { ca, broker, scene })
  } finally {
    await Promise.all([broker.close(), scene.close()])
    ca.remove()
  }
}

async function atWork(workshop: Workshop, { ca, broker, scene }: Surroundings): Promise<Row> {
  const { everyMs, ...usual } = workshop.quick ? quick : full
  const watchMs = workshop.minutes === null ? usual.watchMs : workshop.minutes * 60_000
  workshop.say(`idle: one door on the line, at its camera, for ${watchMs / 1_000} s`)
  const online = Promise.withResolvers<void>()
  const cloud = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    hear: () => online.resolve(),
  })
  const camera = { driver: 'ffmpeg', device: scene.url }
  const config = { ...iotConfig(ca, broker), doorId: 'test-door', camera }
  const door = await benchDoor(workshop, { known: [{ codes: 10 }], config })
  // The first start compiles the sources; later ones use the cache.
  const first = door.start()
  ;(await first.connected()).close()
  await first.stop()
  const started = door.start()
  ;(await started.connected()).listen('/api/events')
  await online.promise
  while (scene.watchers() === 0) await passing(everyMs)
  const seen = await samples(started, watchMs, everyMs)
  const pictures = scene.sent()
  await started.stop()
  await door.close()
  await cloud.close()
  return rowOf({
    row: 'idle, resident memory on the line and at the camera',
    unit: 'MB',
    ours: Math.max(...seen.map(({ residentMb }) => residentMb)),
    peer: largestMb,
    peerIs: 'limit',
    figures: {
      seconds: watchMs / 1_000,
      pictures,
      medianMb: median(seen.map(({ residentMb }) => residentMb)),
      anonymousMb: median(seen.map(({ anonymousMb }) => anonymousMb)),
    },
  })
}

async function samples({ pid }: StartedServer, watchMs: number, everyMs: number) {
  const seen: ReturnType<typeof memoryOf>[] = []
  for (let passedMs = 0; passedMs < watchMs; passedMs += everyMs) {
    await passing(everyMs)
    seen.push(memoryOf(pid))
  }
  return seen
}
