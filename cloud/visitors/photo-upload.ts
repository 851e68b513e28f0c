/** A photo that a member uploaded. It is encoded anew before anyone sees it, which removes metadata. */
import { isHousehold } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'

const longestPx = 1_600

export async function processUpload(
  { photos, pictures, log }: Uses<'photos' | 'pictures'>,
  key: string,
): Promise<void> {
  const [, household = '', uploadId] = /^raw\/([^/]+)\/([0-9a-f]{32})\.jpg$/.exec(key) ?? []
  if (!isHousehold(household) || uploadId === undefined) {
    log.warn({ key }, 'upload to an unknown place')
    return
  }
  const raw = await photos.read(key)
  // Null when the same event was handled before.
  if (!raw) return
  const jpeg = pictures.shrink(raw.bytes, longestPx)
  if (jpeg) {
    await photos.write(`processed/${household}/${uploadId}.jpg`, jpeg)
    log.info({ household, uploadId }, 'upload processed')
  } else log.warn({ key }, 'upload is not a picture')
  await photos.remove([key])
}
