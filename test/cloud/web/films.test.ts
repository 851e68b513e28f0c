/** Looking at a door: the clip and the film of a visit, and what its camera shows now. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { doorId, household, mapleStreet, newId } from '../../support/cloud-home.ts'
import { framesIn, played, storeFilm } from '../../support/stored-film.ts'
import { oakLane, type WebHome, webHome } from '../../support/web-home.ts'

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
    ...{ method, headers: { authorization: `Bearer ${tokens[as]}` } },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const sessionShape = z.strictObject({ url: z.string(), expiresAtMs: z.number() })
const problemOf = async (response: Response) => ({
  status: response.status,
  problem: z.parse(z.object({ problem: z.string() }), await response.json()).problem,
})

async function visitOf(lastedMs: number, isFilmed = true): Promise<string> {
  home.cloud.clock.advance(3_600_000)
  const visitId = newId()
  const startMs = home.cloud.clock.nowMs()
  const facts = { household, doorId, visitId, number: 7, seenAtMs: startMs }
  await home.cloud.deps.visits.end(facts, lastedMs)
  const frames = 60
  if (isFilmed) await storeFilm(home.cloud.aws, { streamName: doorId, startMs, frames })
  home.cloud.clock.advance(lastedMs + 60_000)
  return visitId
}

describe('a visit', () => {
  test('has a clip, for members too, that nobody on the way keeps', async () => {
    const response = await call('GET', `/visits/${await visitOf(6_000)}/clip`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'video/mp4'])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await framesIn(new Uint8Array(await response.arrayBuffer()))).toBe(60)
  })

  test('is played in fragments, however long it was', async () => {
    const visitId = await visitOf(3_000_000)
    expect(await problemOf(await call('GET', `/visits/${visitId}/clip`))).toEqual({
      ...{ status: 413, problem: 'too-long' },
    })
    const response = await call('GET', `/visits/${visitId}/film`)
    const { url } = z.parse(sessionShape, await response.json())
    const parts = await played(url)
    expect(await Promise.all(parts.map(framesIn))).toEqual([20, 20, 20])
    expect(home.logged()).not.toContain('SessionToken')
  })

  test('that was not filmed says so', async () => {
    const visitId = await visitOf(6_000, false)
    for (const what of ['clip', 'film']) {
      const answer = await problemOf(await call('GET', `/visits/${visitId}/${what}`))
      expect(answer).toEqual({ status: 404, problem: 'no-film' })
    }
  })

  test('of another household does not exist, nor does one that never was', async () => {
    const visitId = await visitOf(6_000)
    for (const what of ['clip', 'film']) {
      for (const [path, as] of [
        [`/visits/${visitId}/${what}`, 'stranger'],
        [`/visits/${newId()}/${what}`, 'member'],
        [`/visits/robin/${what}`, 'member'],
      ] as const) {
        expect(await problemOf(await call('GET', path, as))).toEqual({
          ...{ status: 404, problem: 'not-found' },
        })
      }
    }
  })
})

describe('a door', () => {
  test('is asked to film for five minutes or less, and to stop', async () => {
    const told = () => home.cloud.told.at(-1)
    const watch = (body?: unknown) => call('POST', `/doors/${doorId}/watch`, 'member', body)
    expect((await watch()).status).toBe(202)
    const expiresAtMs = home.cloud.clock.nowMs() + 10_000
    expect(told()).toMatchObject({
      doorId,
      body: { type: 'watch-live', forMs: 300_000, expiresAtMs, by: 'member max' },
    })
    expect((await watch({})).status).toBe(202)
    expect(told()?.body).toMatchObject({ type: 'watch-live', forMs: 300_000 })
    expect((await watch({ forMs: 0 })).status).toBe(202)
    expect(told()?.body).toMatchObject({ type: 'watch-live', forMs: 0 })
    expect(await problemOf(await watch({ forMs: 300_001 }))).toEqual({
      ...{ status: 400, problem: 'unfit' },
    })
  })

  test('shows what it films now', async () => {
    const nobody = await call('GET', `/doors/${doorId}/live`)
    expect(await problemOf(nobody)).toEqual({ status: 404, problem: 'no-film' })
    const startMs = home.cloud.clock.nowMs() - 4_000
    await storeFilm(home.cloud.aws, { streamName: doorId, startMs, frames: 40 })
    const response = await call('GET', `/doors/${doorId}/live`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { url, expiresAtMs } = z.parse(sessionShape, await response.json())
    expect((await played(url)).length).toBeGreaterThan(0)
    expect(expiresAtMs).toBe(home.cloud.clock.nowMs() + 300_000)
  })

  test('of another household is not looked through', async () => {
    const before = home.cloud.told.length
    expect((await call('POST', `/doors/${doorId}/watch`, 'stranger')).status).toBe(404)
    expect(await problemOf(await call('GET', `/doors/${doorId}/live`, 'stranger'))).toEqual({
      ...{ status: 404, problem: 'not-found' },
    })
    expect(home.cloud.told).toHaveLength(before)
  })
})
