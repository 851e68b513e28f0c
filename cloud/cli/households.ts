/** `household add | list | remove`. */
import type { Io } from '../../terminal/command-line.ts'
import { addHousehold, removeHousehold } from '../members/households.ts'
import { countries, email, householdId, householdName, language, timeZone } from './arguments.ts'
import { CannotDo, deployment } from './deployment.ts'
import { householdData } from './household-data.ts'
import { saidAbout } from './members.ts'

interface Typed {
  readonly name: string
  readonly id: string | undefined
  readonly timeZone: string | undefined
  readonly countries: string | undefined
  readonly owner: string | undefined
  readonly language: string | undefined
}

export async function addOne(typed: Typed, { stdout }: Io): Promise<number> {
  const name = householdName(typed.name)
  const household = householdId(typed.id, name)
  const asked = {
    ...{ household, name, timeZone: timeZone(typed.timeZone) },
    countries: countries(typed.countries),
    owner: { email: email(typed.owner, '--owner'), language: language(typed.language) },
  }
  const { outputs, ...deps } = await deployment()
  const isNew = (await deps.households.find(household)) === null
  const doorIds = outputs.doorIds.filter((doorId) => doorId.startsWith(`${household}_`))
  const invited = await addHousehold(deps, { ...asked, doorIds })
  const about = saidAbout(invited, { household, email: asked.owner.email })
  const doors = (await deps.households.find(household))?.doors ?? []
  stdout.write(
    [
      `${isNew ? 'Added' : 'Changed'} the household ${household}: ${name}, ${timesDoors(doors.length)}.`,
      about,
      `Sign in at ${outputs.WebOrigin}/`,
      ...(doors.length === 0 ? [`Next: npm run cloud -- door add ${household}_front`] : []),
      '',
    ].join('\n'),
  )
  return 0
}

const timesDoors = (count: number): string => (count === 1 ? '1 door' : `${count} doors`)

export async function listAll({ stdout }: Io): Promise<number> {
  const { households, accounts, outputs } = await deployment()
  const ids = await households.list()
  if (ids.length === 0) stdout.write('There is no household yet: npm run cloud -- household add\n')
  for (const id of [...ids].sort()) {
    const home = await households.find(id)
    if (!home) continue
    stdout.write(`${id}  ${home.name}  (${home.timeZone}; texts to ${home.countries.join(', ')})\n`)
    for (const { doorId, name } of home.doors) {
      const state = outputs.doorIds.includes(doorId) ? '' : ', not deployed'
      stdout.write(`  door    ${doorId}  (${name}${state})\n`)
    }
    const owners = home.owners.map((owner) => owner.email)
    for (const { email: address, isUsed } of await accounts.list(id)) {
      const role = owners.includes(address) ? 'owner ' : 'member'
      stdout.write(`  ${role}  ${address}${isUsed ? '' : '  (invited)'}\n`)
    }
  }
  return 0
}

export async function removeOne(typed: string, { stdout }: Io): Promise<number> {
  const household = householdId(typed, '')
  const { outputs, photos, ...deps } = await deployment()
  const deployed = outputs.doorIds.filter((doorId) => doorId.startsWith(`${household}_`))
  const home = await deps.households.find(household)
  if (home?.doors.length === 0 && deployed.length > 0) {
    throw new CannotDo(
      `${deployed.join(', ')} is still deployed. After "door remove", run: npm run deploy`,
    )
  }
  const data = householdData(outputs, photos)
  const removed = await removeHousehold({ ...deps, data }, household)
  if (removed.outcome === 'refused') {
    throw new CannotDo(
      removed.reason === 'has-doors'
        ? `${household} has doors. Remove them first: npm run cloud -- door remove DOOR`
        : `There is no household ${household}. See: npm run cloud -- household list`,
    )
  }
  stdout.write(
    `Removed the household ${household} with its members, visits, visitors, photos and faces.\n`,
  )
  return 0
}
