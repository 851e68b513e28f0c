/**
 * Faces by Rekognition's image calls, with one collection for each household. A picture that is
 * refused and a missing collection are answers, not faults.
 */
import {
  CompareFacesCommand,
  CreateCollectionCommand,
  DeleteFacesCommand,
  DetectFacesCommand,
  ImageTooLargeException,
  IndexFacesCommand,
  InvalidImageFormatException,
  InvalidParameterException,
  paginateListFaces,
  RekognitionClient,
  type RekognitionClientConfig,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  SearchFacesByImageCommand,
} from '@aws-sdk/client-rekognition'
import * as z from 'zod/mini'
import type { Faces } from '../../ports.ts'
import { type FaceMatch, type FaceOwner, faceName } from '../../visits/core/sighting.ts'
import { detectedFace, faceMatch, foundFaceOf, matchesOf, percent } from './notation.ts'

export function facesRekognition(options: RekognitionClientConfig): Faces {
  const client = new RekognitionClient(options)
  return {
    find: (jpeg) => find(client, jpeg),
    search: (household, jpeg, leastSimilarity) => search(client, household, jpeg, leastSimilarity),
    compare: (one, other) => compare(client, one, other),
    remember: (household, jpeg, owner) => remember(client, household, jpeg, owner),
    forget: (household, faceIds) => forget(client, household, faceIds),
    list: (household) => list(client, household),
  }
}

export class FacesNotForgotten extends Error {
  override readonly name = 'FacesNotForgotten'
  readonly code = 'FACES_NOT_FORGOTTEN'
}

export const collectionOf = (household: string): string => `smart-door-${household}`

const faceId = z.string().check(z.regex(/^[0-9a-f-]{36}$/))

// ---------------------------------------------------------------- finding

/**
 * Rekognition has one error for a picture that is too small and for one in which it finds no face,
 * so the caller learns only that there is no answer about this picture.
 */
const refusals = [InvalidParameterException, InvalidImageFormatException, ImageTooLargeException]

const detected = z.object({ FaceDetails: z.array(detectedFace) })

async function find(client: RekognitionClient, jpeg: Uint8Array) {
  const asked = new DetectFacesCommand({ Image: { Bytes: jpeg }, Attributes: ['DEFAULT'] })
  const answer = await orNull(client.send(asked), refusals)
  return answer && z.parse(detected, answer).FaceDetails.map(foundFaceOf)
}

// ---------------------------------------------------------------- searching

const searched = z.object({ FaceMatches: z.array(faceMatch) })

/** So many that a blocked face is found even behind many faces of one visitor. */
const matchesAsked = 100

async function search(
  client: RekognitionClient,
  household: string,
  jpeg: Uint8Array,
  leastSimilarity: number,
): Promise<readonly FaceMatch[] | null> {
  const asked = new SearchFacesByImageCommand({
    CollectionId: collectionOf(household),
    Image: { Bytes: jpeg },
    FaceMatchThreshold: leastSimilarity,
    MaxFaces: matchesAsked,
    // `faceFlaw` has checked the quality before.
    QualityFilter: 'NONE',
  })
  const sent = unlessMissing(client.send(asked), () => ({ FaceMatches: [] }))
  const answer = await orNull(sent, refusals)
  if (!answer) return null
  return matchesOf(z.parse(searched, answer).FaceMatches)
    .filter(({ similarity }) => similarity >= leastSimilarity)
    .sort((one, other) => other.similarity - one.similarity)
}

const compared = z.object({ FaceMatches: z.array(z.object({ Similarity: percent })) })

async function compare(client: RekognitionClient, one: Uint8Array, other: Uint8Array) {
  const asked = new CompareFacesCommand({
    SourceImage: { Bytes: one },
    TargetImage: { Bytes: other },
    SimilarityThreshold: 0,
    QualityFilter: 'NONE',
  })
  const answer = await orNull(client.send(asked), refusals)
  if (!answer) return null
  const matches = z.parse(compared, answer).FaceMatches
  return Math.max(0, ...matches.map(({ Similarity }) => Similarity))
}

// ---------------------------------------------------------------- the collection

const indexed = z.object({ FaceRecords: z.array(z.object({ Face: z.object({ FaceId: faceId }) })) })

/** Repeating it adds nothing: Rekognition stores the same picture under the same name once. */
async function remember(
  client: RekognitionClient,
  household: string,
  jpeg: Uint8Array,
  owner: FaceOwner,
): Promise<readonly string[]> {
  const index = () =>
    client.send(
      new IndexFacesCommand({
        CollectionId: collectionOf(household),
        Image: { Bytes: jpeg },
        ExternalImageId: faceName(owner),
        MaxFaces: 1,
        QualityFilter: 'AUTO',
      }),
    )
  const sent = unlessMissing(index(), async () => {
    await createCollection(client, household)
    return index()
  })
  const answer = await orNull(sent, refusals)
  return answer ? z.parse(indexed, answer).FaceRecords.map(({ Face }) => Face.FaceId) : []
}

async function createCollection(client: RekognitionClient, household: string): Promise<void> {
  const asked = new CreateCollectionCommand({ CollectionId: collectionOf(household) })
  await orNull(client.send(asked), [ResourceAlreadyExistsException])
}

const forgotten = z.object({
  UnsuccessfulFaceDeletions: z.optional(
    z.array(z.object({ Reasons: z.optional(z.array(z.string())) })),
  ),
})

/** Rekognition's limit for one call. */
const facesAtOnce = 4_096

async function forget(
  client: RekognitionClient,
  household: string,
  faceIds: readonly string[],
): Promise<void> {
  for (let at = 0; at < faceIds.length; at += facesAtOnce) {
    const FaceIds = faceIds.slice(at, at + facesAtOnce)
    const asked = new DeleteFacesCommand({ CollectionId: collectionOf(household), FaceIds })
    const answer = await orNull(client.send(asked), [ResourceNotFoundException])
    const { UnsuccessfulFaceDeletions: failures = [] } = z.parse(forgotten, answer ?? {})
    const left = failures.filter(({ Reasons = [] }) => !Reasons.includes('FACE_NOT_FOUND'))
    if (left.length > 0) throw new FacesNotForgotten(`${left.length} faces were not deleted.`)
  }
}

const listed = z.object({
  Faces: z.array(z.object({ FaceId: faceId, ExternalImageId: z.optional(z.string()) })),
})

async function list(client: RekognitionClient, household: string) {
  const found: { faceId: string; name: string }[] = []
  const pages = paginateListFaces({ client }, { CollectionId: collectionOf(household) })
  try {
    for await (const page of pages) {
      const { Faces: faces } = z.parse(listed, page)
      found.push(...faces.map((one) => ({ faceId: one.FaceId, name: one.ExternalImageId ?? '' })))
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error
  }
  return found
}

/** Does the other thing when the household has no collection yet. */
async function unlessMissing<T, U>(asked: Promise<T>, other: () => U | Promise<U>): Promise<T | U> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return other()
    throw error
  }
}

type ErrorClass = abstract new (...args: never) => Error

/** Null for errors of these classes, which mean that there is nothing. */
async function orNull<T>(asked: Promise<T>, nothing: readonly ErrorClass[]): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (nothing.some((one) => error instanceof one)) return null
    throw error
  }
}
