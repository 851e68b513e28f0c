/** A photo that a member uploaded, by S3 and a queue. */
import { eachMessage, keysIn } from '../batches.ts'
import { takeUpload, type UploadDeps } from '../uploads.ts'
import * as parts from '../wiring.ts'

export const makeHandler = (deps: UploadDeps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) await takeUpload(deps, key)
  })

export const handler = makeHandler({
  photos: parts.photos(),
  pictures: parts.pictures(),
  log: parts.log,
})
