/** `door add | remove`. Thing, key and video stream belong to the template: npm run deploy. */
import { IoT } from '@aws-sdk/client-iot'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import type { Io } from '../../terminal/command-line.ts'
import { doorRef } from '../doors/core/door-ref.ts'
import { exampleDoors } from '../infra/settings.ts'
import { addDoor, removeDoor } from '../members/households.ts'
import { doorName, householdName } from './arguments.ts'
import { CannotDo, clientOptions, deployment, findOutputs } from './deployment.ts'
import { ifMissing } from './missing.ts'
import { changeDoors, checkDoors } from './settings-file.ts'

interface Addition {
  readonly doorId: string
  readonly name: string | undefined
  readonly settings: string
}

export async function addOne(typed: Addition, { stdout }: Io): Promise<number> {
  const doorId = doorName(typed.doorId)
  const name = typed.name === undefined ? null : householdName(typed.name)
  checkDoors(typed.settings)
  const outputs = await findOutputs()
  if (outputs) {
    const { household = '' } = doorRef(doorId) ?? {}
    const home = await addDoor(await deployment(), doorId, name)
    if (!home) {
      throw new CannotDo(
        `There is no household ${household}. Run: npm run cloud -- household add NAME --id ${household}`,
      )
    }
    const added = home.doors.find((door) => door.doorId === doorId)
    stdout.write(`${home.name} has the door ${doorId}, called "${added?.name}".\n`)
  }
  const isChanged = changeDoors(typed.settings, (doors) => [
    ...new Set([...doors.filter((one) => !exampleDoors.includes(one)), doorId]),
  ])
  if (isChanged) stdout.write(`Added it to ${typed.settings}.\n`)
  const isDeployed = outputs?.doorIds.includes(doorId) ?? false
  if (!isDeployed) await deleteOldKey(doorId)
  stdout.write(
    isDeployed
      ? 'It is deployed. On the door, run: sudo -E smart-door provision\n'
      : 'Next: npm run deploy, and on the door: sudo -E smart-door provision\n',
  )
  return 0
}

/** Keys outlive their doors. A new door of the same name gets a new one. */
async function deleteOldKey(doorId: string): Promise<void> {
  const SecretId = `smart-door/door-key/${doorId}`
  await new SecretsManager(clientOptions())
    .deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })
    .catch(ifMissing)
}

interface Removal {
  readonly doorId: string
  readonly settings: string
}

export async function removeOne(typed: Removal, { stdout }: Io): Promise<number> {
  const doorId = doorName(typed.doorId)
  checkDoors(typed.settings)
  const outputs = await findOutputs()
  const ended = await deleteCertificates(doorId)
  const isListed = outputs ? (await removeDoor(await deployment(), doorId)) !== null : false
  const isChanged = changeDoors(typed.settings, (doors) => doors.filter((one) => one !== doorId))
  const isDeployed = outputs?.doorIds.includes(doorId) ?? false
  if (!ended && !isListed && !isChanged && !isDeployed) {
    throw new CannotDo(`There is no door ${doorId}. See: npm run cloud -- household list`)
  }
  stdout.write(
    `Removed the door ${doorId}: AWS accepts nothing from it any more.\n${isDeployed ? 'Next: npm run deploy\n' : ''}`,
  )
  return 0
}

/** A thing with a certificate cannot be deleted. Returns whether there was one. */
async function deleteCertificates(thingName: string): Promise<boolean> {
  const iot = new IoT(clientOptions())
  const { principals = [] } = (await iot.listThingPrincipals({ thingName }).catch(ifMissing)) ?? {}
  for (const principal of principals) {
    const certificateId = principal.split('/').at(-1) ?? ''
    await iot.updateCertificate({ certificateId, newStatus: 'INACTIVE' })
    await iot.detachThingPrincipal({ thingName, principal })
    await iot.deleteCertificate({ certificateId, forceDelete: true })
  }
  return principals.length > 0
}
