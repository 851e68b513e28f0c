/** Faces and matches in Rekognition's notation, as in its answers and its stream records. */
import * as z from 'zod/mini'
import { type FaceMatch, type FoundFace, faceOwner } from '../../visits/core/sighting.ts'

export const percent = z.number().check(z.minimum(0), z.maximum(100))

export const detectedFace = z.object({
  BoundingBox: z.object({
    Left: z.number(),
    Top: z.number(),
    Width: z.number(),
    Height: z.number(),
  }),
  Confidence: percent,
  Quality: z.object({ Brightness: percent, Sharpness: percent }),
})

export const foundFaceOf = ({
  BoundingBox: { Left: left, Top: top, Width: width, Height: height },
  Confidence: confidence,
  Quality: { Sharpness: sharpness, Brightness: brightness },
}: z.infer<typeof detectedFace>): FoundFace => ({
  box: { left, top, width, height },
  confidence,
  sharpness,
  brightness,
})

export const faceMatch = z.object({
  Similarity: percent,
  Face: z.object({ ExternalImageId: z.nullish(z.string()) }),
})

/** Ignores faces that another program added to the collection. */
export const matchesOf = (matches: readonly z.infer<typeof faceMatch>[]): FaceMatch[] =>
  matches.flatMap(({ Similarity: similarity, Face }) => {
    const owner = faceOwner(Face.ExternalImageId ?? '')
    return owner ? [{ owner, similarity }] : []
  })
