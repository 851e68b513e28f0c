/** Deletes everyone on file of a household. Photos, faces and codes follow from each deletion. */
import type { Uses } from '../ports.ts'

const atOnce = 25

export async function deletePeople(
  { visitors, clock, log }: Uses<'visitors'>,
  household: string,
): Promise<void> {
  const people = await visitors.list(household)
  for (let from = 0; from < people.length; from += atOnce) {
    const some = people.slice(from, from + atOnce)
    await Promise.all(
      some.map(({ visitorId }) => visitors.remove(household, visitorId, clock.nowMs())),
    )
  }
  log.info({ household, count: people.length }, 'everyone on file was deleted')
}
