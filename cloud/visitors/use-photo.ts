/** Makes an upload the photo of a visitor. The table's stream then indexes the face, with consent. */
import { StoreFault, type Uses } from '../ports.ts'
import { uploadState } from './photo-upload.ts'

const tries = 5

/** Null without such a visitor. May be repeated. */
export async function usePhoto(
  deps: Uses<'visitors' | 'photos'>,
  household: string,
  visitorId: string,
  uploadId: string,
): Promise<'used' | 'no-upload' | null> {
  const visitor = await deps.visitors.find(household, visitorId)
  if (!visitor) return null
  const result = await uploadState(deps, household, uploadId)
  const stored = result.state === 'ready' ? await deps.photos.read(result.key) : null
  if (!stored) return 'no-upload'
  const key = `visitors/${household}/${visitor.visitorId}/${uploadId}.jpg`
  const photo = await deps.photos.write(key, stored.bytes)
  for (let nth = 0; nth < tries; nth += 1) {
    const now = await deps.visitors.find(household, visitorId)
    if (!now) return null
    if (!(await deps.visitors.put({ ...now, photo }))) continue
    if (now.photo && now.photo.key !== key) await deps.photos.remove([now.photo.key])
    deps.log.info({ visitorId, uploadId }, 'photo replaced')
    return 'used'
  }
  throw new StoreFault('busy', 'A visitor changed too often to get a photo.')
}
