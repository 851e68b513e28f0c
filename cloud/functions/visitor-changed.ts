/** Who is on file changed, by the table's stream, in order for each visitor. */
import * as z from 'zod/mini'
import { visitorOfImage } from '../visitor-lines.ts'
import { type VisitorDeps, visitorChanged } from '../visitors.ts'
import * as parts from '../wiring.ts'

const image = z.optional(z.unknown())
const eventSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ SequenceNumber: z.string(), OldImage: image, NewImage: image }),
    }),
  ),
})

/** One after the other, and from the first that fails on again: a later change must not overtake. */
export const makeHandler = (deps: VisitorDeps) => async (event: unknown) => {
  for (const { dynamodb } of z.parse(eventSchema, event).Records) {
    const { SequenceNumber: id, OldImage, NewImage } = dynamodb
    try {
      await visitorChanged(deps, visitorOfImage(OldImage), visitorOfImage(NewImage))
    } catch (error) {
      deps.log.error({ id, error }, 'change failed, will be tried again')
      return { batchItemFailures: [{ itemIdentifier: id }] }
    }
  }
  return { batchItemFailures: [] }
}

export const handler = makeHandler({
  visitors: parts.visitors(),
  photos: parts.photos(),
  faces: parts.faces(),
  passcodes: parts.passcodes(),
  household: parts.household(),
  doors: parts.doors(),
  clock: parts.clock,
  newId: parts.newId,
  log: parts.log,
})
