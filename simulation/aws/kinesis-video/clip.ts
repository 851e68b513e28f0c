/**
 * GetClip: the fragments of a span of time as one MP4. The service puts the index first; here the
 * file is fragmented, as ffmpeg writes into a pipe.
 */
import * as z from 'zod/mini'
import { parsed } from '../json-services.ts'
import { type Answer, requestId } from '../wire.ts'
import { remuxToMp4 } from './remux.ts'
import { fragmentsWithin, notFound, type VideoStreams } from './streams.ts'

const clipShape = z.object({
  StreamName: z.string(),
  ClipFragmentSelector: z.object({
    FragmentSelectorType: z.enum(['PRODUCER_TIMESTAMP', 'SERVER_TIMESTAMP']),
    TimestampRange: z.object({ StartTimestamp: z.number(), EndTimestamp: z.number() }),
  }),
})

/** The service leaves out the rest without notice. */
const mostFragments = 200

export async function getClip(streams: VideoStreams, body: unknown): Promise<Answer> {
  const { ClipFragmentSelector, StreamName } = parsed(clipShape, body, 'InvalidArgumentException')
  const { FragmentSelectorType, TimestampRange } = ClipFragmentSelector
  const within = fragmentsWithin(streams.named(StreamName), FragmentSelectorType, TimestampRange)
  if (within.length === 0) throw notFound('There are no fragments in this range.')
  return {
    status: 200,
    headers: { 'content-type': 'video/mp4', 'x-amzn-requestid': requestId() },
    body: await remuxToMp4(within.slice(0, mostFragments)),
  }
}
