import {
  CompareFacesCommand,
  CreateCollectionCommand,
  DeleteFacesCommand,
  DetectFacesCommand,
  DetectLabelsCommand,
  IndexFacesCommand,
  ListFacesCommand,
  SearchFacesByImageCommand,
} from '@aws-sdk/client-rekognition'
import jpeg from 'jpeg-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { type Person, person } from '../../../simulation/scenes/drawn-faces.ts'
import { lookAlike, snapshots } from '../../support/drawn-snapshots.ts'
import { awsClients, failureOf, settingsFor } from './aws-clients.ts'

const CollectionId = 'smart-door-maple-street'
const [ada, ben, cleo] = [person('Ada'), person('Ben'), person('Cleo')]
let aws: AwsServer
let clients: ReturnType<typeof awsClients>

beforeAll(async () => {
  aws = await startAws({ buckets: ['photos'] })
  clients = awsClients(settingsFor(aws.url))
  await clients.rekognition.send(new CreateCollectionCommand({ CollectionId }))
  for (const who of [ada, ben]) await index(snapshots.front(who), who.name)
})
afterAll(async () => {
  clients.destroy()
  await aws.close()
})

const index = (Bytes: Uint8Array, ExternalImageId: string) =>
  clients.rekognition.send(
    new IndexFacesCommand({ CollectionId, Image: { Bytes }, ExternalImageId, MaxFaces: 1 }),
  )

async function search(Bytes: Uint8Array, FaceMatchThreshold = 80) {
  const answer = await clients.rekognition.send(
    new SearchFacesByImageCommand({ CollectionId, Image: { Bytes }, FaceMatchThreshold }),
  )
  return (answer.FaceMatches ?? []).map(({ Face, Similarity = 0 }) => ({
    name: Face?.ExternalImageId,
    similarity: Similarity,
  }))
}

const detect = async (Bytes: Uint8Array) =>
  (await clients.rekognition.send(new DetectFacesCommand({ Image: { Bytes } }))).FaceDetails ?? []

/** Cut out with a quarter around it and written anew, as the cloud half does with each face. */
async function crops(snapshot: Uint8Array): Promise<Uint8Array[]> {
  const { width, height, data } = jpeg.decode(snapshot, { useTArray: true })
  return (await detect(snapshot)).map(({ BoundingBox: box }) => {
    const [w, h] = [(box?.Width ?? 0) * width, (box?.Height ?? 0) * height]
    const left = Math.max(0, Math.floor((box?.Left ?? 0) * width - w / 4))
    const top = Math.max(0, Math.floor((box?.Top ?? 0) * height - h / 4))
    const size = { width: Math.min(width - left, Math.ceil(w * 1.5)), height: Math.ceil(h * 1.5) }
    const rows = Array.from({ length: size.height }, (_, y) => {
      const start = ((top + y) * width + left) * 4
      return data.subarray(start, start + size.width * 4)
    })
    return jpeg.encode({ ...size, data: Buffer.concat(rows) }, 80).data
  })
}

test('Everybody in a still is found, and nobody where there is nobody', async () => {
  expect(await detect(snapshots.together([ada, ben, cleo]))).toHaveLength(3)
  const [face] = await detect(snapshots.front(ada))
  expect(face?.Confidence).toBeGreaterThan(99)
  expect(face?.Quality?.Brightness).toBeGreaterThan(60)
  expect(face?.Quality?.Sharpness).toBeGreaterThan(80)
  expect(await detect(snapshots.empty())).toEqual([])
})

test('A bad still shows in its quality', async () => {
  expect((await detect(snapshots.dim(ada)))[0]?.Quality?.Brightness).toBeLessThan(20)
  expect((await detect(snapshots.blurred(ada)))[0]?.Quality?.Sharpness).toBeLessThan(20)
  expect((await detect(snapshots.turned(ada)))[0]?.Pose?.Yaw).toBeGreaterThan(20)
})

test('Whoever is on file is surely known from the front, whole still or crop', async () => {
  for (const seed of [2, 3, 4]) {
    const snapshot = snapshots.front(ada, seed)
    expect(await search(snapshot, 99)).toMatchObject([{ name: 'Ada' }])
    const [crop = new Uint8Array()] = await crops(snapshot)
    expect(await search(crop, 99)).toMatchObject([{ name: 'Ada' }])
  }
})

test('Each of several people is told apart by their crop', async () => {
  const found = await Promise.all(
    (await crops(snapshots.together([ben, cleo, ada], 5))).map((c) => search(c)),
  )
  expect(
    found
      .flat()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Ada', 'Ben'])
})

test.each(['turned', 'dim', 'blurred'] as const)('%s, they are only likely', async (pose) => {
  const [match] = await search(snapshots[pose](ben, 9))
  expect(match?.name).toBe('Ben')
  expect(match?.similarity).toBeGreaterThan(80)
  expect(match?.similarity).toBeLessThan(99)
})

test('Somebody who looks alike is likely, a stranger is nobody', async () => {
  const [match] = await search(snapshots.front(lookAlike(ada, 'Ada’s sister')))
  expect(match?.name).toBe('Ada')
  expect(match?.similarity).toBeLessThan(99)
  expect(await search(snapshots.front(cleo))).toEqual([])
})

test('Two pictures are compared whether or not anybody is on file', async () => {
  const compare = async (one: Person, other: Person) => {
    const answer = await clients.rekognition.send(
      new CompareFacesCommand({
        SourceImage: { Bytes: snapshots.front(one, 6) },
        TargetImage: { Bytes: snapshots.front(other, 7) },
        SimilarityThreshold: 0,
      }),
    )
    return answer.FaceMatches?.[0]?.Similarity
  }
  expect(await compare(cleo, cleo)).toBeGreaterThan(99)
  expect(await compare(cleo, ada)).toBeLessThan(50)
})

test('A picture without a face is refused where one is needed, and indexes nothing', async () => {
  const Bytes = snapshots.empty()
  const refused = { name: 'InvalidParameterException', status: 400 }
  expect(await failureOf(search(Bytes))).toEqual(refused)
  const target = { SourceImage: { Bytes: snapshots.front(ada) }, TargetImage: { Bytes } }
  expect(await failureOf(clients.rekognition.send(new CompareFacesCommand(target)))).toEqual(
    refused,
  )
  expect((await index(Bytes, 'Nobody')).FaceRecords).toEqual([])
})

test('What is too dark or blurred is not indexed, and why is said', async () => {
  const answer = await index(snapshots.dim(cleo), 'Cleo')
  expect(answer.FaceRecords).toEqual([])
  expect(answer.UnindexedFaces?.[0]?.Reasons).toEqual(['LOW_BRIGHTNESS'])
  expect((await index(snapshots.blurred(cleo), 'Cleo')).UnindexedFaces?.[0]?.Reasons).toEqual([
    'LOW_SHARPNESS',
  ])
})

test('Faces are listed page by page, and who is deleted is known no more', async () => {
  const indexed = await index(snapshots.front(cleo), 'Cleo')
  const FaceIds = (indexed.FaceRecords ?? []).map(({ Face }) => Face?.FaceId ?? '')
  expect(await search(snapshots.front(cleo, 8))).toMatchObject([{ name: 'Cleo' }])

  const first = await clients.rekognition.send(
    new ListFacesCommand({ CollectionId, MaxResults: 2 }),
  )
  const second = await clients.rekognition.send(
    new ListFacesCommand({ CollectionId, MaxResults: 2, NextToken: first.NextToken ?? '' }),
  )
  const names = [...(first.Faces ?? []), ...(second.Faces ?? [])].map((one) => one.ExternalImageId)
  expect(names).toEqual(['Ada', 'Ben', 'Cleo'])
  expect(second.NextToken).toBeUndefined()

  const gone = await clients.rekognition.send(new DeleteFacesCommand({ CollectionId, FaceIds }))
  expect(gone.DeletedFaces).toEqual(FaceIds)
  expect(await search(snapshots.front(cleo, 8))).toEqual([])
})

test('A picture can be named by where it lies', async () => {
  const snapshot = {
    key: 'a.jpg',
    bytes: Buffer.from(snapshots.front(ada)),
    contentType: 'image/jpeg',
  }
  aws.bucket('photos').put({ ...snapshot, metadata: {}, headers: {} }, 'Put')
  const S3Object = { Bucket: 'photos', Name: 'a.jpg' }
  const found = await clients.rekognition.send(new DetectFacesCommand({ Image: { S3Object } }))
  expect(found.FaceDetails).toHaveLength(1)
})

test('What is wrong has the name that Rekognition gives it', async () => {
  const again = clients.rekognition.send(new CreateCollectionCommand({ CollectionId }))
  expect((await failureOf(again)).name).toBe('ResourceAlreadyExistsException')
  const other = clients.rekognition.send(new ListFacesCommand({ CollectionId: 'other' }))
  expect((await failureOf(other)).name).toBe('ResourceNotFoundException')
  const noJpeg = detect(new Uint8Array([1, 2, 3]))
  expect((await failureOf(noJpeg)).name).toBe('InvalidImageFormatException')
  const tooLarge = detect(new Uint8Array(5 * 1024 * 1024 + 1))
  expect((await failureOf(tooLarge)).name).toBe('ImageTooLargeException')
  const labels = new DetectLabelsCommand({ Image: { Bytes: snapshots.empty() } })
  expect((await failureOf(clients.rekognition.send(labels))).status).toBe(501)
})
