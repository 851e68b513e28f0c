/** A photo that a member uploaded, by S3 and a queue. */
import { eachMessage, keysIn } from '../batches.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import type { Uses } from '../ports.ts'
import { processUpload } from '../visitors/photo-upload.ts'

export const parts = ['photos'] as const
export const loadedAtStart = ['photos'] as const

export const makeHandler = (deps: Uses<'photos'>) => (event: unknown) =>
  eachMessage(deps.log, event, async (body) => {
    for (const key of keysIn(body)) await processUpload({ ...deps, pictures: picturesJpeg }, key)
  })
