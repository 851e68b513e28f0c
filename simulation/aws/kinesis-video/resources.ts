/** Video streams of a template. */
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import type { KinesisVideo } from './kinesis-video.ts'

export const kinesisVideoTypes = (video: KinesisVideo): ResourceTypes => ({
  'AWS::KinesisVideo::Stream': resourceType(
    z.strictObject({ Name: z.string(), DataRetentionInHours: z._default(z.number(), 0) }),
    { MediaType: 'The stand-in accepts H.264 only.' },
    ({ Name, DataRetentionInHours }) => {
      const { arn } = video.createStream(Name, DataRetentionInHours * 3_600_000)
      return { ref: Name, attributes: { Arn: arn }, remove: () => video.deleteStream(Name) }
    },
  ),
})
