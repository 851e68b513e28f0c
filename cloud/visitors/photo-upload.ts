/** A photo that a member uploaded: checked, made small, and only then shown to anybody. */
import { isHousehold } from '../doors/core/door-ref.ts'
import type { Log, Photos, Pictures } from '../ports.ts'

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
  const isKept = await keep(deps, `processed/${household}/${uploadId}`, raw)
  if (!isKept) deps.log.warn({ key }, 'upload is not a picture')
  await deps.photos.remove([key])
}

/** Made anew, so that nothing hidden in the file, such as where it was taken, is kept. */
async function keep(
  { photos, pictures, log }: UploadDeps,
  name: string,
  raw: { readonly bytes: Uint8Array },
): Promise<boolean> {
  const [large, small] = [longestPx, thumbnailPx].map((px) => pictures.shrink(raw.bytes, px))
  if (!large || !small) return false
  await photos.write(`${name}.jpg`, large)
  await photos.write(`${name}-thumb.jpg`, small)
  log.info({ name }, 'upload processed')
  return true
}
