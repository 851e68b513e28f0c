/** Clips and recordings of visits, and the live view. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { doorId, household, mapleStreet, newId } from '../../support/cloud/cloud-home.ts'
import { oakLane, type WebHome, webHome } from '../../support/cloud/web-home.ts'
import { testProof } from '../../support/effort.ts'
import {
  framesIn,
  played,
  type StoredRecording,
  storeRecording,
} from '../../support/video/stored-recording.ts'

let home: WebHome
const tokens = { member: '', stranger: '' }
type Who = keyof typeof tokens

beforeAll(async () => {
  home = await webHome({ households: [mapleStreet, oakLane] })
  const joinedAtMs = home.cloud.clock.nowMs()
  const { addMember } = home.cloud.deps.households
  const email = 'max@example.org'
  await addMember({ household, memberId: 'max', email, role: 'member', joinedAtMs })
  await addMember({ household: 'oak-lane', memberId: 'olga', email, role: 'owner', joinedAtMs })
  tokens.member = await home.desk.idToken({ memberId: 'max' })
  tokens.stranger = await home.desk.idToken({ household: 'oak-lane', memberId: 'olga' })
})
afterAll(() => home.close())

const call = (method: string, path: string, as: Who = 'member', body?: unknown) =>
  fetch(`${home.origin}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens[as]}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const looks = [['POST', 'clip'] as const, ['GET', 'recording'] as const]
const clipShape = z.strictObject({
  url: z.string(),
  expiresAtMs: z.number(),
  part: z.number(),
  parts: z.number(),
})
const clipOf = async (visitId: string, part?: number) => {
  const body = part === undefined ? undefined : { part }
  const response = await call('POST', `/visits/${visitId}/clip`, 'member', body)
  return z.parse(clipShape, await response.json())
}
/** Without a token: the address suffices. */
const framesAt = async (url: string) =>
  framesIn(new Uint8Array(await (await fetch(url)).arrayBuffer()))
const stored = () =>
  home.cloud.aws
    .bucket(home.cloud.stack.ref('Photos'))
    .list('clips/')
    .map(({ key }) => key)
const sessionShape = z.strictObject({ url: z.string(), expiresAtMs: z.number() })
const problemOf = async (response: Response) => ({
  status: response.status,
  problem: z.parse(z.object({ problem: z.string() }), await response.json()).problem,
})

interface RecordedScene extends Partial<Pick<StoredRecording, 'frames' | 'noisy'>> {
  /** From when the visit began. */
  readonly afterMs?: number
}

async function visitOf(
  lastedMs: number,
  recorded: readonly RecordedScene[] = [{}],
): Promise<string> {
  home.cloud.clock.advance(3_600_000)
  const visitId = newId()
  const startMs = home.cloud.clock.nowMs()
  const facts = { household, doorId, visitId, number: 7, seenAtMs: startMs }
  await home.cloud.deps.visits.end(facts, lastedMs)
  for (const { afterMs = 0, frames = 60, ...more } of recorded) {
    const recording = { streamName: doorId, startMs: startMs + afterMs, frames, ...more }
    await storeRecording(home.cloud.aws, recording)
  }
  home.cloud.clock.advance(lastedMs + 60_000)
  return visitId
}

/** Relative to now. */
async function lasted(afterMs: number, lastedMs: number, where = doorId): Promise<string> {
  const visitId = newId()
  const seenAtMs = home.cloud.clock.nowMs() + afterMs
  const facts = { household, doorId: where, visitId, number: 7, seenAtMs }
  await home.cloud.deps.visits.end(facts, lastedMs)
  return visitId
}

describe('a visit', () => {
  test('has a clip, for members too, at an address that is not cached', async () => {
    const visitId = await visitOf(6_000)
    const response = await call('POST', `/visits/${visitId}/clip`)
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store'])
    const clip = z.parse(clipShape, await response.json())
    expect(clip).toMatchObject({ part: 1, parts: 1 })
    expect(clip.expiresAtMs).toBe(home.cloud.clock.nowMs() + 300_000)
    expect(stored()).toContain(`clips/${doorId}/${visitId}/1.mp4`)
    expect(await framesAt(clip.url)).toBe(60)
    expect(home.logged()).not.toContain('X-Amz-Signature')
  })

  testProof('has a clip larger than a function’s answer may be', async () => {
    const visitId = await visitOf(7_000, [{ frames: 70, noisy: true }])
    const { url } = await clipOf(visitId)
    const mp4 = new Uint8Array(await (await fetch(url)).arrayBuffer())
    expect(mp4.length).toBeGreaterThan(6 * 1024 * 1024)
    expect(await framesIn(mp4)).toBe(70)
  })

  testProof('that was long has clips of three minutes, which show every frame once', async () => {
    // The third fragment of the second recording begins where the second part does, at 175 s.
    const recorded = [{}, { afterMs: 171_000, frames: 100 }, { afterMs: 500_000, frames: 40 }]
    const visitId = await visitOf(520_000, recorded)
    const clips = [await clipOf(visitId, 1), await clipOf(visitId, 2), await clipOf(visitId, 3)]
    expect(clips.map(({ part, parts }) => [part, parts])).toEqual([
      ...[[1, 3] as const, [2, 3] as const, [3, 3] as const],
    ])
    const frames = await Promise.all(clips.map(({ url }) => framesAt(url)))
    expect(frames).toEqual([60 + 40, 60, 40])
    const fourth = await call('POST', `/visits/${visitId}/clip`, 'member', { part: 4 })
    expect(await problemOf(fourth)).toEqual({ status: 400, problem: 'invalid' })
  })

  test('that was long says how many parts there are, even if one was not recorded', async () => {
    const visitId = await visitOf(400_000)
    const response = await call('POST', `/visits/${visitId}/clip`, 'member', { part: 2 })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ problem: 'no-recording', part: 2, parts: 3 })
  })

  testProof('replaces its clip while it lasts', async () => {
    const visitId = await visitOf(6_000)
    await clipOf(visitId)
    await clipOf(visitId)
    expect(stored().filter((key) => key.includes(visitId))).toHaveLength(1)
  })

  test('that began as another ended shows exactly its own part', async () => {
    home.cloud.clock.advance(3_600_000)
    const startMs = home.cloud.clock.nowMs()
    const ids = [await lasted(0, 6_000), await lasted(8_000, 5_000), await lasted(14_000, 3_000)]
    await lasted(1_000, 8_000, `${household}_back`)
    // Two seconds of the second visit were recorded before it began.
    for (const [afterMs, frames] of [[0, 60] as const, [6_100, 70] as const, [13_500, 40] as const])
      await storeRecording(home.cloud.aws, {
        streamName: doorId,
        startMs: startMs + afterMs,
        frames,
      })
    home.cloud.clock.advance(60_000)
    const clips = [
      await clipOf(ids[0] ?? ''),
      await clipOf(ids[1] ?? ''),
      await clipOf(ids[2] ?? ''),
    ]
    const frames = await Promise.all(clips.map(({ url }) => framesAt(url)))
    expect(frames).toEqual([60, 70, 40])
  })

  test('that was short and between two others shows nothing of them', async () => {
    home.cloud.clock.advance(3_600_000)
    const visitIds = [await lasted(0, 6_000), await lasted(6_000, 0), await lasted(6_001, 5_000)]
    const startMs = home.cloud.clock.nowMs()
    await storeRecording(home.cloud.aws, { streamName: doorId, startMs, frames: 50 })
    home.cloud.clock.advance(60_000)
    const response = await call('POST', `/visits/${visitIds[1]}/clip`)
    expect(await problemOf(response)).toEqual({ status: 404, problem: 'no-recording' })
  })

  testProof('can be played, however long it was', async () => {
    const visitId = await visitOf(3_000_000)
    const response = await call('GET', `/visits/${visitId}/recording`)
    const { url } = z.parse(sessionShape, await response.json())
    const parts = await played(url)
    expect(await Promise.all(parts.map(framesIn))).toEqual([20, 20, 20])
    expect(home.logged()).not.toContain('SessionToken')
  })

  test('that was not recorded says so', async () => {
    const visitId = await visitOf(6_000, [])
    for (const [method, what] of looks) {
      const answer = await problemOf(await call(method, `/visits/${visitId}/${what}`))
      expect(answer).toEqual({ status: 404, problem: 'no-recording' })
    }
  })

  test('of another household is hidden like one that does not exist', async () => {
    const visitId = await visitOf(6_000)
    const videoCalls = () => home.cloud.aws.calls.filter(({ service }) => service !== 'dynamodb')
    const before = { stored: stored(), calls: videoCalls().length }
    for (const [method, what] of looks) {
      for (const [path, as] of [
        [`/visits/${visitId}/${what}`, 'stranger'],
        [`/visits/${newId()}/${what}`, 'member'],
        [`/visits/robin/${what}`, 'member'],
      ] as const) {
        expect(await problemOf(await call(method, path, as))).toEqual({
          status: 404,
          problem: 'not-found',
        })
      }
    }
    expect(stored()).toEqual(before.stored)
    expect(videoCalls()).toHaveLength(before.calls)
  })
})

describe('a door', () => {
  test('can be asked to record for up to five minutes, and to stop', async () => {
    const lastMessage = () => home.cloud.told.at(-1)
    const watch = (body?: unknown) => call('POST', `/doors/${doorId}/watch`, 'member', body)
    expect((await watch()).status).toBe(202)
    const expiresAtMs = home.cloud.clock.nowMs() + 10_000
    expect(lastMessage()).toMatchObject({
      doorId,
      body: { type: 'watch-live', forMs: 300_000, expiresAtMs, by: 'member max' },
    })
    expect((await watch({})).status).toBe(202)
    expect(lastMessage()?.body).toMatchObject({ type: 'watch-live', forMs: 300_000 })
    expect((await watch({ forMs: 0 })).status).toBe(202)
    expect(lastMessage()?.body).toMatchObject({ type: 'watch-live', forMs: 0 })
    expect(await problemOf(await watch({ forMs: 300_001 }))).toEqual({
      status: 400,
      problem: 'invalid',
    })
  })

  test('shows its live view', async () => {
    const silent = await call('GET', `/doors/${doorId}/live`)
    expect(await problemOf(silent)).toEqual({ status: 404, problem: 'no-recording' })
    const startMs = home.cloud.clock.nowMs() - 4_000
    await storeRecording(home.cloud.aws, { streamName: doorId, startMs, frames: 40 })
    const response = await call('GET', `/doors/${doorId}/live`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { url, expiresAtMs } = z.parse(sessionShape, await response.json())
    expect((await played(url)).length).toBeGreaterThan(0)
    expect(expiresAtMs).toBe(home.cloud.clock.nowMs() + 300_000)
  })

  test('of another household has no live view', async () => {
    const before = home.cloud.told.length
    expect((await call('POST', `/doors/${doorId}/watch`, 'stranger')).status).toBe(404)
    expect(await problemOf(await call('GET', `/doors/${doorId}/live`, 'stranger'))).toEqual({
      status: 404,
      problem: 'not-found',
    })
    expect(home.cloud.told).toHaveLength(before)
  })
})
