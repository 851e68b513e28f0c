/** A photo that a member uploaded, by S3 and a queue. */
import { loadNow } from '../aws/lazy.ts'
import { wire } from '../aws/wiring.ts'
import { eachMessage, keysIn } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { processUpload } from '../visitors/photo-upload.ts'

export const makeHandler = (deps: Parameters<typeof processUpload>[0]) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) await processUpload(deps, key)
  })

const deps = wire(['photos'])
await loadNow(deps.photos)

export const handler = makeHandler({ ...deps, pictures: picturesJpeg })
