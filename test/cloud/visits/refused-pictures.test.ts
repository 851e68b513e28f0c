/** Faces at every distance, and pictures that the recognition service refuses. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerRequest } from '../../../cloud/approvals/answer-request.ts'
import type { Log } from '../../../cloud/ports.ts'
import type { Visitor } from '../../../cloud/visitors/core/visitor.ts'
import { cropOf, faceFlaw } from '../../../cloud/visits/core/sighting.ts'
import { drawSnapshot, person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorId,
  household,
  linkIn,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../../support/cloud/homes-of-this-file.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'
import { isProof } from '../../support/effort.ts'

const newHome = homesOfThisFile()
const robin = person('robin')
const smallestAccepted = 80

const refusal = { kind: 'error', status: 400, code: 'InvalidParameterException' } as const
const rekognition = { service: 'rekognition', ...refusal } as const

async function stands(home: CloudHome, jpegs: readonly Uint8Array[], visitId = newId()) {
  for (const jpeg of jpegs) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), jpeg, 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  return visitId
}

async function settles(home: CloudHome): Promise<void> {
  home.clock.advance(6_000)
  await home.settled()
}

async function onFile(home: CloudHome): Promise<Visitor> {
  const visitorId = newId()
  const key = `visitors/${household}/${visitorId}/photo.jpg`
  const visitor: Visitor = {
    ...{ household, visitorId, revision: 0, name: 'Robin Vale', language: 'en' },
    contact: { prefers: 'sms', phone: '+15550100', email: null },
    photo: await home.deps.photos.write(key, snapshots.front(robin, 1)),
    ...{ remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
  }
  await home.deps.visitors.put(visitor)
  await home.settled()
  return visitor
}

const timelineOf = async (home: CloudHome, visitId: string): Promise<string[]> =>
  (await home.deps.visits.find({ household, doorId, visitId }))?.timeline.map(({ what }) => what) ??
  []

/** A home whose log is kept. */
async function loggingHome() {
  const warnings: string[] = []
  const log: Log = { info() {}, warn: (_, text) => void warnings.push(text), error() {} }
  return { home: await newHome({ log }), warnings }
}

// ---------------------------------------------------------------- small faces

describe('a crop', () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true })
  const size = fc.record({
    widthPx: fc.integer({ min: 80, max: 4_000 }),
    heightPx: fc.integer({ min: 80, max: 4_000 }),
  })

  test('is never smaller than the service accepts, and within the picture', () => {
    fc.assert(
      fc.property(size, fraction, fraction, fraction, fraction, (size, left, top, wide, high) => {
        const box = { left, top, width: wide * (1 - left), height: high * (1 - top) }
        const found = { box, confidence: 99, sharpness: 90, brightness: 90 }
        const crop = cropOf(found, size)
        expect(crop.widthPx).toBeGreaterThanOrEqual(smallestAccepted)
        expect(crop.heightPx).toBeGreaterThanOrEqual(smallestAccepted)
        expect(Math.min(crop.leftPx, crop.topPx)).toBeGreaterThanOrEqual(0)
        expect(crop.leftPx + crop.widthPx).toBeLessThanOrEqual(size.widthPx)
        expect(crop.topPx + crop.heightPx).toBeLessThanOrEqual(size.heightPx)
        expect(crop.leftPx).toBeLessThanOrEqual(Math.ceil(left * size.widthPx))
        expect(crop.topPx).toBeLessThanOrEqual(Math.ceil(top * size.heightPx))
      }),
    )
  })

  test('of a picture below the minimum is not tried', () => {
    const box = { left: 0.1, top: 0.1, width: 0.8, height: 0.8 }
    const found = { box, confidence: 99, sharpness: 90, brightness: 90 }
    expect(faceFlaw(found, { widthPx: 79, heightPx: 200 })).toBe('picture too small')
  })
})

const widths = isProof ? [41, 46, 50, 53, 70] : [41]

test.each(widths)('a visitor whose face is %i px wide is recognised', async (px) => {
  const home = await newHome()
  await onFile(home)
  const small = (seed: number) =>
    drawSnapshot({ people: [{ person: robin, facePx: px }], seed, widthPx: 1280, heightPx: 720 })
  await stands(home, [small(2), small(3)])
  await settles(home)
  expect(home.aws.texts).toHaveLength(1)
  expect(home.aws.mailbox).toHaveLength(0)
})

// ---------------------------------------------------------------- refused pictures

describe('a picture that the service refuses', () => {
  test('does not turn a visitor on file into a stranger, and is in the timeline and log', async () => {
    const { home, warnings } = await loggingHome()
    await onFile(home)
    home.aws.fault({ ...rekognition, operation: 'SearchFacesByImage' })
    const visitId = await stands(home, [snapshots.front(robin, 2), snapshots.front(robin, 3)])
    await settles(home)
    expect(home.aws.mailbox).toHaveLength(0)
    expect(warnings).toContain('recognition refused a picture')
    expect(await timelineOf(home, visitId)).toEqual(['not-searched'])
    home.aws.clearFaults()
    await stands(home, [snapshots.front(robin, 4), snapshots.front(robin, 5)], visitId)
    expect(home.aws.texts).toHaveLength(1)
  })

  test('as a whole is in the timeline and log too', async () => {
    const { home, warnings } = await loggingHome()
    home.aws.fault({ ...rekognition, operation: 'DetectFaces' })
    const visitId = await stands(home, [snapshots.front(robin, 2)])
    expect(warnings).toContain('recognition refused a picture')
    expect(await timelineOf(home, visitId)).toEqual(['not-searched'])
  })

  test('when strangers are compared is logged', async () => {
    const { home, warnings } = await loggingHome()
    home.aws.fault({ ...rekognition, operation: 'CompareFaces' })
    await stands(home, [snapshots.front(robin, 2), snapshots.front(robin, 3)])
    expect(warnings).toContain('recognition refused to compare two faces')
  })

  test('does not fail "deny and block": the answer stands, and the timeline has it', async () => {
    const { home, warnings } = await loggingHome()
    const visitId = await stands(home, [snapshots.front(robin, 1), snapshots.front(robin, 2)])
    const { request, token } = linkIn(home.aws.mailbox.at(-1)?.text ?? null)
    const ref = { household, doorId, visitId, subject: 'stranger-1' }
    const asked = await home.deps.approvalRequests.find(ref)
    home.aws.fault({ ...rekognition, operation: 'IndexFaces' })
    const outcome = await answerRequest(home.deps, {
      ...{ request, visitNumber: 7, faceSha256: asked?.face?.sha256 ?? '', language: 'en' },
      asker: { kind: 'mail', token },
      answer: { kind: 'deny', blockFace: true },
    })
    expect(outcome).toEqual({ outcome: 'denied' })
    expect(warnings).toContain('face could not be blocked')
    expect(await timelineOf(home, visitId)).toEqual(['denied', 'not-blocked'])
  })
})

test('a snapshot larger than the service takes is made smaller first', async () => {
  const home = await newHome()
  await onFile(home)
  const large = (seed: number) => {
    const jpeg = snapshots.front(robin, seed)
    const comments = Array.from({ length: 90 }, comment)
    return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)])
  }
  await stands(home, [large(2), large(3)])
  expect(home.aws.texts).toHaveLength(1)
})

/** A JPEG comment of the largest size. */
function comment(): Buffer {
  const segment = Buffer.alloc(2 + 0xffff, 32)
  segment.writeUInt16BE(0xfffe, 0)
  segment.writeUInt16BE(0xffff, 2)
  return segment
}
