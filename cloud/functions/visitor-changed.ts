/** A visitor on file changed, by the table's stream, in order for each visitor. */
import * as z from 'zod/mini'
import { mergedIntoOfImage, ownerOfImage, visitorOfImage } from '../aws/dynamodb/visitors.ts'
import {
  forgetVisitor,
  type VisitorDeps,
  visitorChanged,
  visitorMerged,
} from '../visitors/visitor-changed.ts'

const image = z.optional(z.unknown())
const eventSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z.object({ SequenceNumber: z.string(), OldImage: image, NewImage: image }),
    }),
  ),
})

/** Skips malformed rows: a retry would not help and holds up the others. */
async function handleChange(deps: VisitorDeps, id: string, before: unknown, after: unknown) {
  const [was, is] = [read(before), read(after)]
  const into = mergedIntoOfImage(after)
  if (was.ok && into) return was.visitor ? visitorMerged(deps, was.visitor, into) : undefined
  if (was.ok && is.ok) return visitorChanged(deps, was.visitor, is.visitor)
  deps.log.error({ id }, 'malformed change skipped')
  // A removed visitor is forgotten all the same.
  const gone = is.ok && is.visitor === null ? ownerOfImage(before) : null
  if (gone) await forgetVisitor(deps, { ...gone, faceIds: [] })
}

function read(image: unknown) {
  try {
    return { ok: true, visitor: visitorOfImage(image) } as const
  } catch {
    return { ok: false } as const
  }
}

export const parts = [
  'visitors',
  'visits',
  'approvalRequests',
  'photos',
  'faces',
  'passcodes',
  'credentials',
  'household',
  'doors',
  'introductions',
] as const

/** One after the other, and again from the first failure: a later change must not overtake. */
export const makeHandler = (deps: VisitorDeps) => async (event: unknown) => {
  for (const { dynamodb } of z.parse(eventSchema, event).Records) {
    const { SequenceNumber: id, OldImage, NewImage } = dynamodb
    try {
      await handleChange(deps, id, OldImage, NewImage)
    } catch (error) {
      deps.log.error({ id, error }, 'change failed, will be tried again')
      return { batchItemFailures: [{ itemIdentifier: id }] }
    }
  }
  return { batchItemFailures: [] }
}
