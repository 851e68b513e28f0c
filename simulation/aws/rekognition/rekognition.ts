/**
 * Rekognition for drawn faces: collections, finding, searching and comparing, with its own errors.
 * How alike two faces are follows from how many squares differ and how well both can be seen.
 */
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { distance } from '../../scenes/face-code.ts'
import { bytes, parsed, targetService } from '../json-services.ts'
import { AwsError, type AwsService } from '../wire.ts'
import { type DrawnFace, findFaces } from './face-pixels.ts'

export interface RekognitionOptions {
  readonly region: string
  /** Reads images that are given as S3 objects. */
  object(bucket: string, key: string): Uint8Array | null
}

interface IndexedFace {
  readonly faceId: string
  readonly imageId: string
  readonly externalImageId: string | null
  readonly face: DrawnFace
}

type Collections = Map<string, Map<string, IndexedFace>>

const largestImageBytes = 5 * 1024 * 1024
const collectionId = z.string().check(z.regex(/^[\w.-]{1,255}$/, 'not a collection id'))
const percent = z.number().check(z.gte(0), z.lte(100))
const count = z.int().check(z.gte(1), z.lte(4096))
const image = z.object({
  Bytes: z.optional(bytes),
  S3Object: z.optional(z.object({ Bucket: z.string(), Name: z.string() })),
})
const qualityFilter = z.enum(['NONE', 'AUTO', 'LOW', 'MEDIUM', 'HIGH'])

const inCollection = z.object({ CollectionId: collectionId })
const detectInput = z.object({ Image: image, Attributes: z.optional(z.array(z.string())) })
const searchInput = z.object({
  CollectionId: collectionId,
  Image: image,
  MaxFaces: z._default(count, 80),
  FaceMatchThreshold: z._default(percent, 80),
  QualityFilter: z._default(qualityFilter, 'NONE'),
})
const compareInput = z.object({
  SourceImage: image,
  TargetImage: image,
  SimilarityThreshold: z._default(percent, 80),
  QualityFilter: z._default(qualityFilter, 'NONE'),
})
const indexInput = z.object({
  CollectionId: collectionId,
  Image: image,
  ExternalImageId: z.optional(z.string().check(z.regex(/^[\w.\-:]{1,255}$/, 'not an id'))),
  DetectionAttributes: z.optional(z.array(z.string())),
  MaxFaces: z.optional(count),
  QualityFilter: z._default(qualityFilter, 'AUTO'),
})
const listInput = z.object({
  CollectionId: collectionId,
  MaxResults: z._default(count, 1000),
  NextToken: z.optional(z.string()),
})
const deleteInput = z.object({
  CollectionId: collectionId,
  FaceIds: z
    .array(z.string().check(z.regex(/^[0-9a-f-]{36}$/, 'not a face id')))
    .check(z.minLength(1), z.maxLength(4096)),
})

const ask = <T>(schema: z.ZodMiniType<T>, input: unknown): T =>
  parsed(schema, input, 'InvalidParameterException')

export function rekognition(options: RekognitionOptions): AwsService {
  const collections: Collections = new Map()
  const facesOf = (of: z.infer<typeof image>) => findFaces(imageBytes(of, options))
  return targetService({
    name: 'rekognition',
    target: 'RekognitionService',
    version: '1.1',
    throttled: { status: 400, code: 'ThrottlingException' },
    operations: {
      ListCollections: () => ({ CollectionIds: [...collections.keys()] }),
      CreateCollection: (input) => createCollection(collections, input, options.region),
      DeleteCollection(input) {
        const { CollectionId } = ask(inCollection, input)
        if (collections.delete(CollectionId)) return { StatusCode: 200 }
        throw new AwsError(
          400,
          'ResourceNotFoundException',
          `The collection id: ${CollectionId} does not exist`,
        )
      },
      DetectFaces: (input) => ({
        FaceDetails: facesOf(ask(detectInput, input).Image).map(detailOf),
      }),
      SearchFacesByImage: (input) => searchByImage(collections, ask(searchInput, input), facesOf),
      CompareFaces: (input) => compareFaces(ask(compareInput, input), facesOf),
      IndexFaces: (input) => indexFaces(collections, ask(indexInput, input), facesOf),
      ListFaces: (input) => listFaces(collections, ask(listInput, input)),
      DeleteFaces: (input) => deleteFaces(collections, ask(deleteInput, input)),
    },
  })
}

type FacesOf = (of: z.infer<typeof image>) => readonly DrawnFace[]

function imageBytes(of: z.infer<typeof image>, { object }: RekognitionOptions): Uint8Array {
  const found = of.Bytes ?? (of.S3Object && object(of.S3Object.Bucket, of.S3Object.Name))
  if (!found) {
    const said = 'Unable to get object metadata from S3. Check object key, region and permissions.'
    throw new AwsError(
      400,
      of.S3Object ? 'InvalidS3ObjectException' : 'InvalidParameterException',
      said,
    )
  }
  if (of.Bytes && found.length > largestImageBytes) {
    throw new AwsError(400, 'ImageTooLargeException', 'The image is larger than 5 MB.')
  }
  return found
}

// ---------------------------------------------------------------- how alike

/** Another person gets below 80; only clear pictures of the same person get 99 or more. */
function similarity(one: DrawnFace, other: DrawnFace): number {
  const different = distance(one.code, other.code)
  if (different > mostDifferent) return Math.max(1, 40 - different)
  return Math.max(1, 99.98 - different * 3.5 - Math.max(doubt(one), doubt(other)))
}

const mostDifferent = 4

function doubt({ sharpness, brightness, yaw }: DrawnFace): number {
  const blur = Math.max(0, 50 - sharpness) * 0.25
  const dark = Math.max(0, 35 - brightness) * 0.5
  const turn = Math.max(0, yaw - 8) * 0.35
  return blur + dark + turn
}

const isClear = ({ sharpness, brightness }: DrawnFace): boolean =>
  sharpness >= 20 && brightness >= 20

// ---------------------------------------------------------------- operations

function createCollection(collections: Collections, input: unknown, region: string) {
  const { CollectionId: id } = ask(inCollection, input)
  if (collections.has(id)) {
    const said = `The collection id: ${id} already exists`
    throw new AwsError(400, 'ResourceAlreadyExistsException', said)
  }
  collections.set(id, new Map())
  return {
    StatusCode: 200,
    CollectionArn: `aws:rekognition:${region}:000000000000:collection/${id}`,
    FaceModelVersion: faceModel,
  }
}

const faceModel = '7.0'

function collection(collections: Collections, id: string): Map<string, IndexedFace> {
  const found = collections.get(id)
  if (found) return found
  const said = `The collection id: ${id} does not exist`
  throw new AwsError(400, 'ResourceNotFoundException', said)
}

function largestOf(faces: readonly DrawnFace[], filter: z.infer<typeof qualityFilter>): DrawnFace {
  const [largest] = filter === 'NONE' ? faces : faces.filter(isClear)
  if (largest) return largest
  const said = 'There are no faces in the image. Should be at least 1.'
  throw new AwsError(400, 'InvalidParameterException', said)
}

function searchByImage(
  collections: Collections,
  asked: z.infer<typeof searchInput>,
  facesOf: FacesOf,
) {
  const indexed = collection(collections, asked.CollectionId)
  const searched = largestOf(facesOf(asked.Image), asked.QualityFilter)
  const matches = [...indexed.values()]
    .map((one) => ({ Similarity: similarity(searched, one.face), Face: faceOf(one) }))
    .filter(({ Similarity }) => Similarity >= asked.FaceMatchThreshold)
    .sort((a, b) => b.Similarity - a.Similarity)
  return {
    SearchedFaceBoundingBox: boxOf(searched),
    SearchedFaceConfidence: searched.confidence,
    FaceMatches: matches.slice(0, asked.MaxFaces),
    FaceModelVersion: faceModel,
  }
}

function compareFaces(asked: z.infer<typeof compareInput>, facesOf: FacesOf) {
  const source = largestOf(facesOf(asked.SourceImage), asked.QualityFilter)
  const targets = facesOf(asked.TargetImage)
  largestOf(targets, asked.QualityFilter)
  const all = targets
    .map((face) => ({ face, Similarity: similarity(source, face) }))
    .sort((a, b) => b.Similarity - a.Similarity)
  const matches = all.filter((one) => one.Similarity >= asked.SimilarityThreshold)
  return {
    SourceImageFace: { BoundingBox: boxOf(source), Confidence: source.confidence },
    FaceMatches: matches.map(({ face, Similarity }) => ({ Similarity, Face: detailOf(face) })),
    UnmatchedFaces: all.filter((one) => !matches.includes(one)).map(({ face }) => detailOf(face)),
  }
}

function indexFaces(collections: Collections, asked: z.infer<typeof indexInput>, facesOf: FacesOf) {
  const indexed = collection(collections, asked.CollectionId)
  const imageId = randomUUID()
  const records: unknown[] = []
  const left: unknown[] = []
  for (const face of facesOf(asked.Image)) {
    const reasons = whyNot(face, records.length, asked)
    if (reasons.length > 0) {
      left.push({ FaceDetail: detailOf(face), Reasons: reasons })
      continue
    }
    const externalImageId = asked.ExternalImageId ?? null
    const one = { faceId: randomUUID(), imageId, externalImageId, face }
    indexed.set(one.faceId, one)
    records.push({ Face: faceOf(one), FaceDetail: detailOf(face) })
  }
  return { FaceRecords: records, UnindexedFaces: left, FaceModelVersion: faceModel }
}

function whyNot(face: DrawnFace, taken: number, asked: z.infer<typeof indexInput>): string[] {
  if (taken >= (asked.MaxFaces ?? 100)) return ['EXCEEDS_MAX_FACES']
  if (asked.QualityFilter === 'NONE') return []
  const dark = face.brightness < 20 ? ['LOW_BRIGHTNESS'] : []
  return face.sharpness < 20 ? [...dark, 'LOW_SHARPNESS'] : dark
}

function listFaces(collections: Collections, asked: z.infer<typeof listInput>) {
  const all = [...collection(collections, asked.CollectionId).values()]
  const start = asked.NextToken ? all.findIndex(({ faceId }) => faceId === asked.NextToken) : 0
  if (start < 0) {
    throw new AwsError(400, 'InvalidPaginationTokenException', 'The token is not valid.')
  }
  const next = all[start + asked.MaxResults]
  return {
    Faces: all.slice(start, start + asked.MaxResults).map(faceOf),
    FaceModelVersion: faceModel,
    ...(next && { NextToken: next.faceId }),
  }
}

function deleteFaces(collections: Collections, asked: z.infer<typeof deleteInput>) {
  const indexed = collection(collections, asked.CollectionId)
  const known = asked.FaceIds.filter((id) => indexed.delete(id))
  const unknown = asked.FaceIds.filter((id) => !known.includes(id))
  return {
    DeletedFaces: known,
    UnsuccessfulFaceDeletions: unknown.map((FaceId) => ({ FaceId, Reasons: ['FACE_NOT_FOUND'] })),
  }
}

// ---------------------------------------------------------------- as Rekognition writes it

const boxOf = ({ box }: DrawnFace) => ({
  Left: box.left,
  Top: box.top,
  Width: box.width,
  Height: box.height,
})

const faceOf = ({ faceId, imageId, externalImageId, face }: IndexedFace) => ({
  FaceId: faceId,
  ImageId: imageId,
  BoundingBox: boxOf(face),
  Confidence: face.confidence,
  ...(externalImageId !== null && { ExternalImageId: externalImageId }),
})

const detailOf = (face: DrawnFace) => ({
  BoundingBox: boxOf(face),
  Confidence: face.confidence,
  Pose: { Roll: 0, Yaw: face.yaw, Pitch: 0 },
  Quality: { Brightness: face.brightness, Sharpness: face.sharpness },
  Landmarks: [],
})
