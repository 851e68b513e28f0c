/** What everything that knows faces must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { picturesJpeg } from '../../../cloud/jpeg/pictures.ts'
import type { Faces } from '../../../cloud/ports.ts'
import { cropOf, type FaceOwner, faceFlaw, faceName } from '../../../cloud/visits/core/sighting.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import { drawSnapshot, person } from '../../../simulation/scenes/drawn-faces.ts'
import { lookAlike, snapshots } from '../../support/drawn-snapshots.ts'
import { testProof } from '../../support/effort.ts'
import {
  type ClientSettings,
  clientSettings,
  type Reply,
  startScriptedService,
  thrownBy,
} from '../../support/network/scripted-service.ts'

export interface FacesBench {
  make(settings: ClientSettings): Faces
  readonly service: ServiceName
  /** Lets a face into a household's collection that is not ours. */
  rememberAs(
    settings: ClientSettings,
    household: string,
    name: string,
    jpeg: Uint8Array,
  ): Promise<void>
  /** A success as a whole, in which one face was not forgotten. */
  readonly notForgotten: Reply
  /** A match below what was asked for. */
  readonly weakMatch: Reply
}

const robin = person('Robin Example')
const sam = person('Sam Sample')
const visitor: FaceOwner = { kind: 'visitor', visitorId: '0123456789abcdef'.repeat(2) }
const blocked: FaceOwner = { kind: 'blocked', blockId: 'fedcba9876543210'.repeat(2) }
const house = 'maple-street'
const noFace = drawSnapshot({ people: [] })
const small = drawSnapshot({
  people: [{ person: robin, facePx: 60 }],
  ...{ widthPx: 79, heightPx: 120 },
})

export function facesContract(name: string, bench: FacesBench): void {
  describe(`${name} finds faces`, () => {
    const { faces } = started(bench)
    const pictures = picturesJpeg

    test('none where there are none', async () => {
      expect(await faces().find(noFace)).toEqual([])
    })

    test('each of several, where it is', async () => {
      const found = (await faces().find(snapshots.together([robin, sam]))) ?? []
      const lefts = found.map(({ box }) => box.left).sort()
      expect(lefts).toHaveLength(2)
      expect(lefts[0]).toBeLessThan(0.5)
      expect(lefts[1]).toBeGreaterThan(0.4)
      for (const { box, confidence } of found) {
        expect(Math.min(box.left, box.top, box.width, box.height)).toBeGreaterThan(0)
        expect(confidence).toBeGreaterThan(90)
      }
    })

    test.each([
      ['no picture', new Uint8Array([1, 2, 3])],
      ['too many bytes', new Uint8Array(6_000_000)],
      ['a picture below 80 px', drawSnapshot({ people: [], widthPx: 79, heightPx: 200 })],
    ])('but does not answer about %s', async (_, refused) => {
      expect(await faces().find(refused)).toBeNull()
    })

    test('and says how well they can be seen', async () => {
      const size = { widthPx: 640, heightPx: 480 }
      const flawOf = async (jpeg: Uint8Array) => {
        const [found] = (await faces().find(jpeg)) ?? []
        return found ? faceFlaw(found, size) : 'no face'
      }
      expect(await flawOf(snapshots.front(robin))).toBeNull()
      expect(await flawOf(snapshots.dim(robin))).toBe('too dark')
      expect(await flawOf(snapshots.blurred(robin))).toBe('too blurred')
    })

    test('so that a crop of a snapshot shows that face', async () => {
      const snapshot = snapshots.together([robin, sam])
      const size = pictures.size(snapshot) ?? { widthPx: 0, heightPx: 0 }
      const found = (await faces().find(snapshot)) ?? []
      const crops = found.flatMap((one) => {
        const crop = pictures.crop(snapshot, cropOf(one, size))
        return crop ? [crop] : []
      })
      const likeness = await Promise.all(
        crops.map((crop) => faces().compare(crop, snapshots.front(sam))),
      )
      expect(likeness.map((one) => (one ?? 0) > 95).sort()).toEqual([false, true])
    })
  })

  describe(`${name} searches faces`, () => {
    const { faces, settings } = started(bench)

    test('among those of one household, and says whose it is and how sure that is', async () => {
      await faces().remember(house, snapshots.front(robin), visitor)
      const [match] = (await faces().search(house, snapshots.front(robin, 2), 80)) ?? []
      expect(match?.owner).toEqual(visitor)
      expect(match?.similarity).toBeGreaterThan(99)
      expect(match?.similarity).toBeLessThanOrEqual(100)
      expect(await faces().search('oak-lane', snapshots.front(robin), 80)).toEqual([])
    })

    test('of people who are not welcome too', async () => {
      await faces().remember(house, snapshots.front(robin), blocked)
      expect(await faces().search(house, snapshots.front(robin, 2), 80)).toMatchObject([
        { owner: blocked },
      ])
    })

    test('and names all whom it is like, the likest first', async () => {
      const other: FaceOwner = { kind: 'visitor', visitorId: '1'.repeat(32) }
      await faces().remember(house, snapshots.front(lookAlike(robin, 'Robin Double')), other)
      await faces().remember(house, snapshots.front(robin), visitor)
      expect(await faces().search(house, snapshots.front(robin, 3), 80)).toMatchObject([
        { owner: visitor },
        { owner: other },
      ])
    })

    test('and finds no unknown face, nor one that is not similar enough', async () => {
      await faces().remember(house, snapshots.front(lookAlike(robin, 'Robin Double')), visitor)
      expect(await faces().search(house, snapshots.front(sam), 80)).toEqual([])
      expect(await faces().search(house, snapshots.front(robin), 99)).toEqual([])
      const [weak] = (await faces().search(house, snapshots.front(robin), 80)) ?? []
      expect(weak?.similarity).toBeLessThan(99)
    })

    test('and does not take a weaker match than it asked for', async () => {
      const scripted = await startScriptedService()
      scripted.answer(bench.weakMatch)
      const searching = bench.make(clientSettings(scripted.url)).search(house, noFace, 99)
      expect(await searching).toEqual([])
      await scripted.close()
    })

    test('without a household having any', async () => {
      expect(await faces().search(house, snapshots.front(robin), 80)).toEqual([])
    })

    test('even dim ones, because the caller has checked that', async () => {
      await faces().remember(house, snapshots.front(robin), visitor)
      expect(await faces().search(house, snapshots.dim(robin), 50)).toMatchObject([
        { owner: visitor },
      ])
    })

    test('ignoring faces that another program added', async () => {
      await faces().remember(house, snapshots.front(robin), visitor)
      for (const name of ['visitor-1', 'robin.example', `visitor-${'A'.repeat(32)}`]) {
        await bench.rememberAs(settings(), house, name, snapshots.front(robin))
      }
      expect(await faces().search(house, snapshots.front(robin), 80)).toMatchObject([
        { owner: visitor },
      ])
    })

    test.each([
      ['without a face', noFace],
      ['that is none', new Uint8Array([1, 2, 3])],
      ['below 80 px', small],
    ])('but does not answer about a picture %s', async (_, refused) => {
      await faces().remember(house, snapshots.front(robin), visitor)
      expect(await faces().search(house, refused, 80)).toBeNull()
    })
  })

  describe(`${name} compares faces`, () => {
    const { faces } = started(bench)

    test('the same one and others', async () => {
      expect(
        await faces().compare(snapshots.front(robin), snapshots.front(robin, 2)),
      ).toBeGreaterThan(99)
      expect(await faces().compare(snapshots.front(robin), snapshots.front(sam))).toBeLessThan(80)
    })

    test('with the likest in the other picture', async () => {
      const both = snapshots.together([sam, robin])
      expect(await faces().compare(snapshots.front(robin), both)).toBeGreaterThan(95)
    })

    test.each([
      ['without a face', noFace],
      ['below 80 px', small],
    ])('but does not answer about a picture %s', async (_, refused) => {
      expect(await faces().compare(snapshots.front(robin), refused)).toBeNull()
      expect(await faces().compare(refused, snapshots.front(robin))).toBeNull()
    })
  })

  describe(`${name} remembers faces`, () => {
    const { faces, settings, standIn } = started(bench)

    test.each([visitor, blocked])(
      'under the name that the core has for them: %o',
      async (owner) => {
        const faceIds = await faces().remember(house, snapshots.front(robin), owner)
        expect(faceIds).toHaveLength(1)
        const name = faceName(owner)
        expect(await faces().list(house)).toEqual([{ faceId: faceIds[0], name }])
      },
    )

    test('only the largest of a picture', async () => {
      const posing = [{ person: robin, facePx: 90 }, { person: sam }]
      await faces().remember(house, drawSnapshot({ people: posing }), visitor)
      expect(await faces().list(house)).toHaveLength(1)
      expect(await faces().search(house, snapshots.front(sam), 80)).toMatchObject([
        { owner: visitor },
      ])
    })

    test('but none that can hardly be seen, and none where there is none', async () => {
      expect(await faces().remember(house, snapshots.dim(robin), visitor)).toEqual([])
      expect(await faces().remember(house, noFace, visitor)).toEqual([])
      expect(await faces().remember(house, small, visitor)).toEqual([])
    })

    test('when two calls create a collection at once', async () => {
      await Promise.all([
        faces().remember(house, snapshots.front(robin), visitor),
        faces().remember(house, snapshots.front(sam), blocked),
      ])
      expect(await faces().list(house)).toHaveLength(2)
    })

    test('until it deletes them, and only them', async () => {
      const robins = await faces().remember(house, snapshots.front(robin), visitor)
      await faces().remember(house, snapshots.front(sam), blocked)
      await faces().forget(house, robins)
      await faces().forget(house, robins)
      expect(await faces().search(house, snapshots.front(robin), 80)).toEqual([])
      expect(await faces().search(house, snapshots.front(sam), 80)).toMatchObject([
        { owner: blocked },
      ])
    })

    test('or says that it could not forget one', async () => {
      const scripted = await startScriptedService()
      scripted.answer(bench.notForgotten)
      const faceIds = ['00000000-0000-4000-8000-000000000001']
      const forgetting = bench.make(clientSettings(scripted.url)).forget(house, faceIds)
      await expect(forgetting).rejects.toHaveProperty('code', 'FACES_NOT_FORGOTTEN')
      await scripted.close()
    })

    test('of a household that has none there is nothing to list or forget', async () => {
      expect(await faces().list(house)).toEqual([])
      await faces().forget(house, ['00000000-0000-4000-8000-000000000001'])
      await faces().forget(house, [])
    })

    testProof('and lists them all, over many pages', async () => {
      const jpeg = snapshots.front(robin)
      await faces().remember(house, jpeg, visitor)
      for (let at = 0; at < 50; at += 1) {
        await Promise.all(
          Array.from({ length: 20 }, () => bench.rememberAs(settings(), house, 'other', jpeg)),
        )
      }
      expect(await faces().list(house)).toHaveLength(1_001)
    })

    test('even when the service is busy at first', async () => {
      standIn().fault({ service: bench.service, kind: 'throttle', nth: 1 })
      expect(await faces().remember(house, snapshots.front(robin), visitor)).toHaveLength(1)
    })

    test('and says when the service fails', async () => {
      standIn().fault({ service: bench.service, kind: 'error', status: 403, code: 'AccessDenied' })
      for (const doing of [
        faces().search(house, noFace, 80),
        faces().compare(noFace, noFace),
        faces().list(house),
        faces().find(noFace),
      ]) {
        expect((await thrownBy(doing)).error).toBeInstanceOf(Error)
      }
    })
  })
}

function started(bench: FacesBench) {
  let standIn: AwsServer
  let faces: Faces
  beforeEach(async () => {
    standIn = await startAws()
    faces = bench.make(clientSettings(standIn.url))
  })
  afterEach(() => standIn.close())
  return {
    faces: () => faces,
    standIn: () => standIn,
    settings: () => clientSettings(standIn.url),
  }
}
