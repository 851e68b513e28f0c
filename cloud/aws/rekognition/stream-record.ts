/** Records of a Rekognition stream processor: the faces in one frame of a door's video. */
import * as z from 'zod/mini'
import { doorRef } from '../../doors/core/door-ref.ts'
import type { FrameRecord } from '../../visits/core/sighting.ts'
import { detectedFace, faceMatch, foundFaceOf, matchesOf } from './notation.ts'

const recordSchema = z.object({
  InputInformation: z.object({
    KinesisVideo: z.object({
      StreamArn: z.string(),
      // Too large for a number.
      FragmentNumber: z.string().check(z.regex(/^[1-9]\d{0,127}$/)),
      ProducerTimestamp: z.number().check(z.positive(), z.maximum(8_640_000_000_000)),
      FrameOffsetInSeconds: z.number().check(z.minimum(0), z.maximum(3_600)),
    }),
  }),
  FaceSearchResponse: z.nullish(
    z.array(z.object({ DetectedFace: detectedFace, MatchedFaces: z.nullish(z.array(faceMatch)) })),
  ),
})

/** Null for a malformed record, which a retry would not change. */
export function parseFrameRecord(base64: string): FrameRecord | null {
  const { data } = z.safeParse(recordSchema, jsonIn(base64))
  if (!data) return null
  const video = data.InputInformation.KinesisVideo
  // A door's stream has the door's name.
  const [, name = ''] =
    /^arn:[^:]+:kinesisvideo:[^:]*:\d*:stream\/([^/]+)\/\d+$/.exec(video.StreamArn) ?? []
  const door = doorRef(name)
  if (!door) return null
  return {
    ...door,
    fragmentNumber: video.FragmentNumber,
    producerAtMs: Math.round(video.ProducerTimestamp * 1_000),
    offsetMs: video.FrameOffsetInSeconds * 1_000,
    faces: (data.FaceSearchResponse ?? []).map(({ DetectedFace, MatchedFaces }) => ({
      found: foundFaceOf(DetectedFace),
      matches: matchesOf(MatchedFaces ?? []),
    })),
  }
}

function jsonIn(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch {
    return null
  }
}
