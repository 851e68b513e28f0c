/** The deployment's template for other doors, without a synthesis for each set of them. */
import { synthesized } from '../../../simulation/aws/cloudformation/synthesis.ts'
import {
  parseTemplate,
  pathOf,
  type Template,
} from '../../../simulation/aws/cloudformation/template.ts'

const settingsDoor = 'maple-street_front'

export async function templateFor(doors: readonly string[]): Promise<Template> {
  const template = await synthesized()
  if (doors.length === 1 && doors[0] === settingsDoor) return template
  const all = Object.entries(template.Resources)
  const isOfDoor = ([id, one]: (typeof all)[number]) =>
    pathOf(id, one).startsWith(`Doors/${settingsDoor}/`)
  const ofDoor = JSON.stringify(all.filter(isOfDoor))
  const forDoors = doors.flatMap((doorId, nth): typeof all => {
    const copied: typeof all = JSON.parse(ofDoor.replaceAll(settingsDoor, doorId))
    return copied.map(([id, one]) => [`${id}${nth}`, one])
  })
  const Resources = Object.fromEntries([...all.filter((one) => !isOfDoor(one)), ...forDoors])
  return parseTemplate({ ...template, Resources })
}
