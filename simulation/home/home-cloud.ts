/** The cloud of a home: the product's functions for its one household, and what is restored into it. */
import { join } from 'node:path'
import { parseCloudMessage } from '../../protocol/messages/cloud.ts'
import { photosBucket, type SimulatedCloud, startSimulatedCloud } from '../cloud/cloud.ts'
import { cloudSentence, commandSentence } from '../control-room/timeline.ts'
import type { DataFolder } from './data-folder.ts'
import type { AddEntry, HomeParts } from './home.ts'
import { doorId, household, maple } from './household.ts'
import {
  type Remembered,
  type RememberingFaces,
  rememberingFaces,
  restorePhotos,
} from './memory.ts'
import { ownersPassword } from './owners-browser.ts'

interface HomeCloudOptions {
  readonly folder: DataFolder
  readonly addEntry: AddEntry
  readonly remembered: Remembered | null
  /** A snapshot by the door has arrived. */
  readonly uploaded: () => void
}

export async function startHomeCloud(
  parts: Pick<HomeParts, 'clock' | 'gateway' | 'connections' | 'visits'>,
  { folder, addEntry, remembered, uploaded }: HomeCloudOptions,
): Promise<{ readonly cloud: SimulatedCloud; readonly faces: RememberingFaces }> {
  const { clock, gateway, connections, visits } = parts
  let faces: RememberingFaces | null = null
  const log = (data: object, text: string) => {
    const visitId = 'visitId' in data && typeof data.visitId === 'string' ? data.visitId : null
    addEntry('cloud', cloudSentence(text, data), { visitId })
  }
  const cloud = await startSimulatedCloud({
    clock,
    households: [maple],
    signInHint: `In this simulation: ${maple.owners[0]?.email}, ${ownersPassword}`,
    webOrigin: gateway.origin,
    uploaded,
    ...(!folder.isTemporary && { folder: join(folder.path, 'tables') }),
    doorKeys: { [doorId]: folder.doorKey.toString('hex') },
    toDoor: (topic, text) => {
      const parsed = parseCloudMessage(text)
      if (parsed.ok) {
        visits.toDoor(parsed.message)
        addEntry('cloud', commandSentence(parsed.message))
      }
      connections.sendText(topic, text)
    },
    log: { info: log, warn: log, error: log },
    between(deps) {
      faces = rememberingFaces(deps.faces)
      return { ...deps, faces }
    },
  })
  const known = faces ?? rememberingFaces(cloud.deps.faces)
  if (remembered) await restore(folder, remembered, cloud, known)
  for (const { visitorId, name } of await cloud.deps.visitors.list(household)) {
    visits.name(visitorId, name)
  }
  return { cloud, faces: known }
}

async function restore(
  folder: DataFolder,
  { faces }: Remembered,
  { aws, deps }: SimulatedCloud,
  known: RememberingFaces,
): Promise<void> {
  restorePhotos(folder.path, aws.bucket(photosBucket))
  for (const { household, jpeg, owner } of faces) {
    const faceIds = await known.remember(household, jpeg, owner)
    // The new collection gives its faces new ids.
    if (owner.kind === 'visitor') {
      await deps.visitors.setFaceIds(household, owner.visitorId, faceIds)
    }
  }
}

/** From now on the cloud's pages answer, and the door reaches AWS. */
export function connectCloud({ gateway, cloud, work, internet }: HomeParts): void {
  gateway.connect(async (event) => {
    const answer = await cloud.functions.web(event)
    work.wake()
    return answer
  })
  internet.leadTo(cloud.aws.url)
}
