/** The cloud of a home: the product's functions for its one household, and what is restored into it. */
import { join } from 'node:path'
import { parseCloudMessage } from '../../protocol/messages/cloud.ts'
import { type DeployedCloud, type SimulatedCloud, startSimulatedCloud } from '../cloud/cloud.ts'
import { cloudSentence, commandSentence } from '../control-room/timeline.ts'
import type { DataFolder } from './data-folder.ts'
import type { AddEntry, HomeParts } from './home.ts'
import { doorId, household, maple } from './household.ts'
import { type FaceMemory, faceMemory, type Remembered, restorePhotos } from './memory.ts'
import { ownersPassword } from './owners-browser.ts'

export interface HomeCloudOptions {
  readonly folder: DataFolder
  readonly addEntry: AddEntry
  readonly remembered: Remembered | null
  /** A snapshot by the door has arrived. */
  readonly uploaded: () => void
  readonly toDoor: (topic: string, text: string) => void
  readonly deployed: (cloud: DeployedCloud) => void
  readonly preparing: () => void
}

export async function startHomeCloud(
  parts: Pick<HomeParts, 'clock' | 'gateway' | 'visits'>,
  { folder, addEntry, remembered, ...options }: HomeCloudOptions,
): Promise<{ readonly cloud: SimulatedCloud; readonly faces: FaceMemory }> {
  const { clock, gateway, visits } = parts
  const faces = faceMemory()
  const log = (data: object, text: string) => {
    const visitId = 'visitId' in data && typeof data.visitId === 'string' ? data.visitId : null
    addEntry('cloud', cloudSentence(text, data), { visitId })
  }
  const cloud = await startSimulatedCloud({
    clock,
    households: [maple],
    signInHint: `In this simulation: ${maple.owners[0]?.email}, ${ownersPassword}`,
    webOrigin: gateway.origin,
    uploaded: options.uploaded,
    preparing: options.preparing,
    deployed: options.deployed,
    ...(!folder.isTemporary && { folder: join(folder.path, 'tables') }),
    ...(folder.doorKey !== null && { doorKeys: { [doorId]: folder.doorKey } }),
    toDoor: (topic, text) => {
      const parsed = parseCloudMessage(text)
      if (parsed.ok) {
        visits.toDoor(parsed.message)
        addEntry('cloud', commandSentence(parsed.message))
      }
      options.toDoor(topic, text)
    },
    log: { info: log, warn: log, error: log },
    between: (deps) => ({ ...deps, faces: faces.around(deps.faces) }),
  })
  if (remembered) await restore(folder, remembered, cloud)
  for (const { visitorId, name } of await cloud.deps.visitors.list(household)) {
    visits.name(visitorId, name)
  }
  return { cloud, faces }
}

async function restore(
  folder: DataFolder,
  { faces }: Remembered,
  { aws, deps, stack }: SimulatedCloud,
): Promise<void> {
  restorePhotos(folder.path, aws.bucket(stack.ref('Photos')))
  for (const { household, jpeg, owner } of faces) {
    const faceIds = await deps.faces.remember(household, jpeg, owner)
    // The new collection gives its faces new ids.
    if (owner.kind === 'visitor') {
      await deps.visitors.setFaceIds(household, owner.visitorId, faceIds)
    }
  }
}

/** From now on the cloud's pages answer, and the door reaches AWS. */
export function connectCloud({ gateway, cloud, work, internet }: HomeParts): void {
  gateway.connect({
    api: cloud.httpApi,
    front: cloud.front,
    async invoke(arn, event) {
      const answer = await cloud.invokeArn(arn, event)
      work.wake()
      return answer
    },
  })
  internet.leadTo(cloud.aws.url)
}
