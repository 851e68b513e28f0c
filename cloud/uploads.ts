/** A photo that a member uploaded: checked, made small, and only then shown to anybody. */
import { isHousehold } from './core/door-ref.ts'
import type { Log, Photos, Pictures } from './ports.ts'

export interface UploadDeps {
  readonly photos: Photos
  readonly pictures: Pictures
  readonly log: Log
}

const longestPx = 1_600
const thumbnailPx = 240

export async function takeUpload(deps: UploadDeps, key: string): Promise<void> {
  const [, household = '', uploadId] = /^raw\/([^/]+)\/([0-9a-f]{32})\.jpg$/.exec(key) ?? []
  if (!isHousehold(household) || uploadId === undefined) {
    deps.log.warn({ key }, 'upload in an unknown place')
    return
  }
  const raw = await deps.photos.read(key)
  // Somebody else's delivery of the same event was faster.
  if (!raw) return
  if (deps.pictures.size(raw.bytes)) await keep(deps, `processed/${household}/${uploadId}`, raw)
  else deps.log.warn({ key }, 'upload is not a picture')
  await deps.photos.remove([key])
}

/** Made anew, so that nothing hidden in the file, such as where it was taken, is kept. */
async function keep(
  { photos, pictures, log }: UploadDeps,
  name: string,
  raw: { readonly bytes: Uint8Array },
): Promise<void> {
  await photos.write(`${name}.jpg`, pictures.shrink(raw.bytes, longestPx))
  await photos.write(`${name}-thumb.jpg`, pictures.shrink(raw.bytes, thumbnailPx))
  log.info({ name }, 'upload processed')
}
