/**
 * A photo that a member uploaded. It is encoded anew before anyone sees it, which removes metadata.
 * The result is a photo under `processed/`, or a mark that says why there is none.
 */
import { isHousehold } from '../doors/core/door-ref.ts'
import type { Uses } from '../ports.ts'
import { flawOf, type UploadFlaw, uploadFlaws } from './core/upload-flaw.ts'

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
  const place = processedPlace(household, uploadId)
  const flaw = flawOf(raw.bytes)
  const jpeg = flaw ? null : pictures.shrink(raw.bytes, longestPx)
  if (jpeg) await photos.write(`${place}.jpg`, jpeg)
  else await photos.write(`${place}.${flaw ?? 'unreadable'}`, new Uint8Array(1))
  log.info({ household, uploadId, flaw: jpeg ? null : (flaw ?? 'unreadable') }, 'upload processed')
  await photos.remove([key])
}

const processedPlace = (household: string, uploadId: string): string =>
  `processed/${household}/${uploadId}`

export type UploadState =
  | { readonly state: 'none' }
  | { readonly state: 'ready'; readonly key: string }
  | { readonly state: 'flawed'; readonly flaw: UploadFlaw }

/** What became of an upload. `none` also while it is being processed. */
export async function uploadState(
  { photos }: Uses<'photos'>,
  household: string,
  uploadId: string,
): Promise<UploadState> {
  const place = processedPlace(household, uploadId)
  const [found] = await photos.list(`${place}.`)
  const ending = found?.key.slice(place.length + 1)
  const flaw = uploadFlaws.find((one) => one === ending)
  if (flaw) return { state: 'flawed', flaw }
  return found ? { state: 'ready', key: found.key } : { state: 'none' }
}
