/**
 * GetClip: what was stored in a span of time, as one MP4. The service's has its index in front; here
 * it is in fragments, as ffmpeg writes into a pipe.
 */
import * as z from 'zod/mini'
import { parsed } from '../json-services.ts'
import { type Answer, AwsError, requestId } from '../wire.ts'
import { mp4Options, remuxed } from './hls.ts'
import type { VideoStreams } from './streams.ts'

const clipShape = z.object({
  StreamName: z.optional(z.string()),
  StreamARN: z.optional(z.string()),
  ClipFragmentSelector: z.object({
    FragmentSelectorType: z.enum(['PRODUCER_TIMESTAMP', 'SERVER_TIMESTAMP']),
    /** Seconds. */
    TimestampRange: z.object({ StartTimestamp: z.number(), EndTimestamp: z.number() }),
  }),
})

/** What is beyond is left out, and nothing says so. */
const mostFragments = 200

export async function clipOf(
  streams: VideoStreams,
  ffmpeg: string,
  body: unknown,
): Promise<Answer> {
  const { ClipFragmentSelector, ...given } = parsed(clipShape, body, 'InvalidArgumentException')
  const { FragmentSelectorType, TimestampRange } = ClipFragmentSelector
  const { StartTimestamp, EndTimestamp } = TimestampRange
  if (EndTimestamp <= StartTimestamp) {
    throw new AwsError(400, 'InvalidArgumentException', 'The end is not after the start.')
  }
  const field = FragmentSelectorType === 'PRODUCER_TIMESTAMP' ? 'producerMs' : 'serverMs'
  const within = streams
    .named(given)
    .fragments.filter((one) => one[field] >= StartTimestamp * 1_000)
    .filter((one) => one[field] <= EndTimestamp * 1_000)
    .toSorted((one, other) => one.producerMs - other.producerMs)
  if (within.length === 0) {
    throw new AwsError(404, 'ResourceNotFoundException', 'There are no fragments in this span.')
  }
  const mp4 = await remuxed(ffmpeg, within.slice(0, mostFragments), mp4Options)
  return {
    status: 200,
    headers: { 'content-type': 'video/mp4', 'x-amzn-requestid': requestId() },
    body: mp4,
  }
}
