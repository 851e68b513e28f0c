/** A photo that a member uploaded, by S3 and a queue. */

import { eachMessage, keysIn } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { takeUpload, type UploadDeps } from '../visitors/photo-upload.ts'
import { log } from '../wiring/basics.ts'
import { loadedNow } from '../wiring/on-first-call.ts'
import { photos } from '../wiring/photos.ts'

export const makeHandler = (deps: UploadDeps) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) await takeUpload(deps, key)
  })

const uploads = photos()
await loadedNow(uploads)

export const handler = makeHandler({
  photos: uploads,
  pictures: picturesJpeg(),
  log,
})
