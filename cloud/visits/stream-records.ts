/**
 * What a stream processor of Rekognition says about a frame of a door's video, and the sighting that
 * it is. The faces are searched already; only the picture has to be cut out of the video.
 */
import * as z from 'zod/mini'
import { type DoorRef, doorRef } from '../doors/core/door-ref.ts'
import type { Clock, Frames, Log, Photos, Pictures } from '../ports.ts'
import {
  bestMatch,
  cropOf,
  type FaceMatch,
  faceFlaw,
  faceOwner,
  isTimely,
  type Recognition,
  type SeenFace,
  type Sighting,
  type Size,
} from './core/sighting.ts'

export interface StreamDeps {
  readonly frames: Frames
  readonly photos: Photos
  readonly pictures: Pictures
  readonly recognition: Recognition
  readonly clock: Clock
  readonly log: Log
}

const percent = z.number().check(z.minimum(0), z.maximum(100))
const box = z.object({ Left: z.number(), Top: z.number(), Width: z.number(), Height: z.number() })
const foundFace = z.object({
  DetectedFace: z.object({
    BoundingBox: box,
    Confidence: percent,
    Quality: z.object({ Brightness: percent, Sharpness: percent }),
  }),
  MatchedFaces: z.nullish(
    z.array(
      z.object({
        Similarity: percent,
        Face: z.object({ ExternalImageId: z.optional(z.nullable(z.string())) }),
      }),
    ),
  ),
})
const recordSchema = z.object({
  InputInformation: z.object({
    KinesisVideo: z.object({
      StreamArn: z.string(),
      // Far too large for a number.
      FragmentNumber: z.string().check(z.regex(/^[1-9]\d{0,127}$/)),
      ProducerTimestamp: z.number().check(z.positive(), z.maximum(8_640_000_000_000)),
      FrameOffsetInSeconds: z.number().check(z.minimum(0), z.maximum(3_600)),
    }),
  }),
  FaceSearchResponse: z.nullish(z.array(foundFace)),
})

type FoundFaceRecord = z.infer<typeof foundFace>

export interface FrameRecord extends DoorRef {
  readonly fragmentNumber: string
  readonly producerAtMs: number
  readonly offsetMs: number
  readonly faces: readonly FoundFaceRecord[]
}

/** Null for what no stream processor of ours says: to try it again would change nothing. */
export function parseFrameRecord(base64: string): FrameRecord | null {
  const { data } = z.safeParse(recordSchema, jsonIn(base64))
  if (!data) return null
  const { StreamArn, FragmentNumber, ProducerTimestamp, FrameOffsetInSeconds } =
    data.InputInformation.KinesisVideo
  const [, name = ''] =
    /^arn:[^:]+:kinesisvideo:[^:]*:\d*:stream\/([^/]+)\/\d+$/.exec(StreamArn) ?? []
  const door = doorRef(name)
  return (
    door && {
      ...door,
      fragmentNumber: FragmentNumber,
      producerAtMs: Math.round(ProducerTimestamp * 1_000),
      offsetMs: FrameOffsetInSeconds * 1_000,
      faces: data.FaceSearchResponse ?? [],
    }
  )
}

function jsonIn(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch {
    return null
  }
}

/** Null when nobody can be seen, or not whose visit it is. */
export async function sightingIn(deps: StreamDeps, record: FrameRecord): Promise<Sighting | null> {
  const { household, doorId, fragmentNumber, producerAtMs, offsetMs } = record
  const takenAtMs = Math.round(producerAtMs + offsetMs)
  const isNow = isTimely(takenAtMs, deps.clock.nowMs())
  if (record.faces.length === 0 || !isNow) return null
  // A door's stream is named after it.
  const frame = await deps.frames.frame({
    ...{ streamName: doorId, fragmentNumber, producerAtMs, offsetMs },
  })
  if (frame.outcome === 'no-frame') {
    deps.log.warn({ doorId, fragmentNumber, why: frame.why }, 'frame not usable')
    return null
  }
  const { jpeg, visitId, visitNumber } = frame
  const size = deps.pictures.size(jpeg)
  if (!size || visitId === null || !/^[0-9a-f]{32}$/.test(visitId)) {
    deps.log.warn({ doorId, fragmentNumber }, 'frame of no visit, or no picture')
    return null
  }
  const name = { household, doorId, visitId, takenAtMs }
  const faces = await facesOf(deps, name, record.faces, { jpeg, size })
  return { ...name, visitNumber, snapshot: `${snapshotOf(name)}.jpg`, faces }
}

type Name = Pick<Sighting, 'doorId' | 'visitId' | 'takenAtMs'>

const snapshotOf = ({ doorId, visitId, takenAtMs }: Name): string =>
  `faces/${doorId}/${visitId}/${takenAtMs}`

async function facesOf(
  deps: StreamDeps,
  name: Name,
  records: readonly FoundFaceRecord[],
  { jpeg, size }: { readonly jpeg: Uint8Array; readonly size: Size },
): Promise<SeenFace[]> {
  const seen: SeenFace[] = []
  for (const [at, record] of records.entries()) {
    const found = faceIn(record)
    const flaw = faceFlaw(found, size)
    if (flaw) {
      deps.log.info({ ...name, flaw }, 'face not looked at')
      continue
    }
    const cut = deps.pictures.crop(jpeg, cropOf(found, size))
    if (!cut) return []
    const face = await deps.photos.write(`${snapshotOf(name)}-${at + 1}.jpg`, cut)
    seen.push({ face, jpeg: cut, best: bestMatch(matchesIn(record), deps.recognition) })
  }
  return seen
}

function faceIn({ DetectedFace: { BoundingBox: box, Confidence, Quality } }: FoundFaceRecord) {
  return {
    box: { left: box.Left, top: box.Top, width: box.Width, height: box.Height },
    ...{ confidence: Confidence, sharpness: Quality.Sharpness, brightness: Quality.Brightness },
  }
}

/** Faces that somebody else put into the collection are nobody. */
const matchesIn = ({ MatchedFaces }: FoundFaceRecord): FaceMatch[] =>
  (MatchedFaces ?? []).flatMap(({ Similarity: similarity, Face }) => {
    const owner = faceOwner(Face.ExternalImageId ?? '')
    return owner ? [{ owner, similarity }] : []
  })
