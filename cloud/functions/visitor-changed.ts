/** Who is on file changed, by the table's stream, in order for each visitor. */
import * as z from 'zod/mini'
import { visitorOfImage, whoseImage } from '../aws/dynamodb/visitor-row.ts'
import { forgetVisitor, type VisitorDeps, visitorChanged } from '../visitors/visitors.ts'
import { clock, log, newId } from '../wiring/basics.ts'
import { doors } from '../wiring/doors.ts'
import { faces } from '../wiring/faces.ts'
import { photos } from '../wiring/photos.ts'
import { dynamodb, household, passcodes, visitors, visits } from '../wiring/tables.ts'

const image = z.optional(z.unknown())
const eventSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ SequenceNumber: z.string(), OldImage: image, NewImage: image }),
    }),
  ),
})

/** A line that nobody can read will be no better the next time, and others wait behind it. */
async function takeChange(deps: VisitorDeps, id: string, before: unknown, after: unknown) {
  const [was, is] = [readable(before), readable(after)]
  if (was.isRead && is.isRead) return visitorChanged(deps, was.visitor, is.visitor)
  deps.log.error({ id }, 'change not understood, passed over')
  const gone = is.isRead && is.visitor === null ? whoseImage(before) : null
  // To be forgotten, nobody has to be read.
  if (gone) await forgetVisitor(deps, { ...gone, faceIds: [] })
}

/** Nothing is asked of anybody for it, so whatever goes wrong is the line's own fault. */
function readable(image: unknown) {
  try {
    return { isRead: true, visitor: visitorOfImage(image) } as const
  } catch {
    return { isRead: false } as const
  }
}

/** One after the other, and from the first that fails on again: a later change must not overtake. */
export const makeHandler = (deps: VisitorDeps) => async (event: unknown) => {
  for (const { dynamodb } of z.parse(eventSchema, event).Records) {
    const { SequenceNumber: id, OldImage, NewImage } = dynamodb
    try {
      await takeChange(deps, id, OldImage, NewImage)
    } catch (error) {
      deps.log.error({ id, error }, 'change failed, will be tried again')
      return { batchItemFailures: [{ itemIdentifier: id }] }
    }
  }
  return { batchItemFailures: [] }
}

const tables = dynamodb()

export const handler = makeHandler({
  visitors: visitors(tables),
  visits: visits(tables),
  photos: photos(),
  faces: faces(),
  passcodes: passcodes(tables),
  household: household(tables),
  doors: doors(),
  clock,
  newId,
  log,
})
