/** Makes one visitor of two who are the same person. */
import type { Uses } from '../ports.ts'
import { mergedVisitor } from './core/merged-visitor.ts'
import type { Visitor } from './core/visitor.ts'

export type MergeOutcome =
  | { readonly outcome: 'merged'; readonly visitor: Visitor }
  /** One of them was changed at the same time. */
  | { readonly outcome: 'conflict' }

/**
 * Null when one of them is not on file. The table's stream then moves the faces. The photo is copied
 * first, so that no visitor names a photo that does not exist.
 */
export async function mergeVisitors(
  deps: Uses<'visitors' | 'photos'>,
  household: string,
  keptId: string,
  goneId: string,
): Promise<MergeOutcome | null> {
  const [kept, gone] = await Promise.all(
    [keptId, goneId].map((id) => deps.visitors.find(household, id)),
  )
  if (!kept || !gone) return null
  // They are one already.
  if (kept.visitorId === gone.visitorId) return { outcome: 'merged', visitor: kept }
  const jpeg = kept.photo ? null : gone.photo && (await deps.photos.read(gone.photo.key))
  const key = `visitors/${household}/${kept.visitorId}/${gone.visitorId}.jpg`
  const photo = jpeg ? await deps.photos.write(key, jpeg.bytes) : kept.photo
  const visitor = { ...mergedVisitor(kept, gone), photo }
  const isMerged = await deps.visitors.merge(visitor, gone)
  deps.log.info({ visitorId: keptId, gone: goneId, isMerged }, 'visitors merged')
  return isMerged ? { outcome: 'merged', visitor } : { outcome: 'conflict' }
}
