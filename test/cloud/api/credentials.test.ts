/** Credentials by the API: what owners can do, and what others try. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settingsOf } from '../../../cloud/notices/core/notice-settings.ts'
import { derivePasscode } from '../../../protocol/passcode.ts'
import { newVisitor } from '../../contracts/tables/examples.ts'
import { doorId, household, newId } from '../../support/cloud/cloud-home.ts'
import {
  type ConsoleHome,
  consoleHome,
  type Person,
  people,
} from '../../support/cloud/console-home.ts'

let home: ConsoleHome
const kim = newVisitor(household, { name: 'Kim Lake', remembersFace: false })
const blocked = newVisitor(household, { name: 'Lee', blocked: true, remembersFace: false })
beforeAll(async () => {
  home = await consoleHome()
  for (const one of [kim, blocked]) await home.cloud.deps.visitors.put(one)
})
afterAll(() => home.close())

async function call(method: string, path: string, body?: object, as: Person = 'owner') {
  const authorization = `Bearer ${await home.desk.idToken(people[as])}`
  const headers = { authorization, 'content-type': 'application/json' }
  const sent = body && { body: JSON.stringify(body) }
  const url = `${home.origin}/v1/doors/${doorId}/credentials${path}`
  const answer = await fetch(url, { method, headers, ...sent })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
}

const validity = (changes: object = {}) => ({
  ...{ notBeforeMs: home.cloud.clock.nowMs(), expiresAtMs: null, weeklyHours: [], visits: null },
  ...changes,
})
const pin = (digits: string, changes: object = {}) => ({
  ...{ purpose: 'pin', visitorId: kim.visitorId, pin: digits, validity: validity(), ...changes },
})
const soon = () => validity({ expiresAtMs: home.cloud.clock.nowMs() + 3_600_000 })

test('a PIN is set, listed without the PIN, and withdrawn', async () => {
  const set = await call('POST', '', pin('50382917'))
  expect(set).toMatchObject({ status: 201, body: { code: null } })
  await home.cloud.settled()
  const { body } = await call('GET', '')
  const listed = { name: 'Kim Lake', purpose: 'pin', delivery: { is: 'stored' } }
  expect(body).toMatchObject({ credentials: [{ grantId: set.body.grantId, ...listed }] })
  for (const secret of ['50382917', 'tag', 'keyMark']) {
    expect(JSON.stringify(body)).not.toContain(secret)
  }
  expect((await call('DELETE', `/${set.body.grantId}`)).status).toBe(204)
  expect((await call('GET', `/${set.body.grantId}`)).body).toMatchObject({
    ...{ code: null, withdrawn: { why: 'an owner withdrew it' } },
  })
})

test('the code of a guest can be read again, and its terms change', async () => {
  const asked = { purpose: 'guest', name: 'Robin', validity: soon(), requestId: newId() }
  const made = await call('POST', '', asked)
  const { grantId, code } = made.body
  expect(code).toBe(derivePasscode(home.cloud.doorKey, grantId, 8))
  expect(await call('POST', '', asked)).toEqual(made)
  const terms = { validity: { ...soon(), visits: 2, exceptDates: ['2026-12-25'] } }
  expect((await call('PUT', `/${grantId}/terms`, terms)).status).toBe(200)
  expect((await call('GET', `/${grantId}`)).body).toMatchObject({
    ...{ code, validity: { visits: 2, exceptDates: ['2026-12-25'] } },
  })
  expect((await call('PUT', `/${grantId}/terms`, { validity: validity() })).status).toBe(409)
  expect((await call('POST', `/${grantId}/send`)).status).toBe(202)
})

test.each([
  ['a PIN that is too easy', () => pin('11111111'), 422],
  ['a PIN that is too short', () => pin('83625'), 422],
  ['a guest without an end', () => ({ purpose: 'guest', name: 'R', validity: validity() }), 422],
  ['a guest without a name', () => ({ purpose: 'guest', validity: soon() }), 404],
  ['a blocked person', () => pin('50382918', { visitorId: blocked.visitorId }), 409],
  ['a person who is not on file', () => pin('50382918', { visitorId: newId() }), 404],
  ['an unknown field', () => ({ ...pin('50382918'), flags: ['duress'] }), 400],
  ['another kind', () => ({ ...pin('50382918'), purpose: 'break-glass' }), 400],
])('refuses %s', async (_, body, status) => {
  expect((await call('POST', '', body())).status).toBe(status)
})

test.each([
  ['a name with invisible characters', () => ({ name: 'DHL \u202e' })],
  ['an empty name', () => ({ name: '   ' })],
  ['a start beyond all calendars', () => ({ validity: validity({ notBeforeMs: 9e15 }) })],
  ['an end beyond all calendars', () => ({ validity: validity({ expiresAtMs: 9e15 }) })],
])('%s is refused, and nothing is stored', async (_, changes) => {
  const before = (await call('GET', '')).body.credentials.length
  const asked = { purpose: 'courier', name: 'DHL', validity: validity(), ...changes() }
  expect((await call('POST', '', asked)).status).toBe(400)
  expect((await call('GET', '')).body.credentials).toHaveLength(before)
})

test('is closed to viewers, members and other households', async () => {
  const { body } = await call('POST', '', { purpose: 'courier', name: 'Parcels', validity: soon() })
  const calls = [
    ['GET', ''],
    ['POST', '', pin('50382919')],
    ['GET', `/${body.grantId}`],
    ['PUT', `/${body.grantId}/terms`, { validity: soon() }],
    ['POST', `/${body.grantId}/send`],
    ['DELETE', `/${body.grantId}`],
  ] as const
  for (const [method, path, sent] of calls) {
    for (const [as, status] of [
      ['viewer', 403],
      ['member', 403],
      ['stranger', 404],
    ] as const) {
      const answer = await call(method, path, sent, as)
      expect([as, method, path, answer.status]).toEqual([as, method, path, status])
      expect(JSON.stringify(answer.body)).not.toContain('Parcels')
    }
  }
  expect((await call('GET', `/${body.grantId}`)).body).toMatchObject({ withdrawn: null })
})

test('a duress PIN is there only for owners who are alarmed by it', async () => {
  const { body } = await call('POST', '', { ...pin('83910475'), purpose: 'duress' })
  const purposes = async () =>
    (await call('GET', '')).body.credentials.map((one: { purpose: string }) => one.purpose)
  expect(await purposes()).toContain('duress')
  const usual = settingsOf(undefined, 'owner')
  const without = (kinds: readonly string[]) => kinds.filter((kind) => kind !== 'duress')
  const quiet = { ...usual, mail: without(usual.mail), push: without(usual.push) }
  const { notices } = home.cloud.deps
  const put = (settings: object) =>
    notices.putSettings(household, 'olivia', { ...usual, ...settings } as typeof usual)
  await put({ ...quiet, knows: ['duress'] })
  expect(await purposes()).not.toContain('duress')
  expect((await call('DELETE', `/${body.grantId}`)).status).toBe(404)
  // Choices from before there was this kind say nothing about it.
  await put(quiet)
  expect(await purposes()).toContain('duress')
})

test('nothing that a person typed is logged', () => {
  for (const secret of ['50382917', '83910475', 'Kim Lake', 'Parcels']) {
    expect(home.logged()).not.toContain(secret)
  }
})
