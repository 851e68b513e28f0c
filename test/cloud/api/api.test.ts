/** The API over HTTP, with real tokens. */
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { derivePasscode, grouped, oneTimeDigits } from '../../../protocol/passcode.ts'
import { doorId, household, mapleStreet, newId } from '../../support/cloud/cloud-home.ts'
import { ask, oakLane, requestIn, type WebHome, webHome } from '../../support/cloud/web-home.ts'

const strangersDoor = 'oak-lane_front'

let home: WebHome
const tokens = { owner: '', member: '', stranger: '' }
type Who = keyof typeof tokens

beforeAll(async () => {
  home = await webHome({ households: [mapleStreet, oakLane] })
  const joinedAtMs = home.cloud.clock.nowMs()
  const { addMember } = home.cloud.deps.households
  const role = 'member'
  const email = 'Owner@Example.org'
  await addMember({ household, memberId: 'mira', email, role, joinedAtMs })
  await addMember({ household, memberId: 'max', email: 'max@example.org', role, joinedAtMs })
  await addMember({
    household: 'oak-lane',
    memberId: 'olga',
    email: 'owner@oak.example',
    joinedAtMs,
    role: 'owner',
  })
  tokens.owner = await home.desk.idToken()
  tokens.member = await home.desk.idToken({ memberId: 'max' })
  tokens.stranger = await home.desk.idToken({ household: 'oak-lane', memberId: 'olga' })
})
beforeEach(() => {
  // A door's limits are per hour.
  home.cloud.clock.advance(3_600_000)
})
afterAll(() => home.close())

interface Sent {
  readonly as?: Who | null
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const call = (method: string, path: string, { as = 'owner', body, headers }: Sent = {}) =>
  fetch(`${home.origin}/v1${path}`, {
    method,
    headers: { ...(as && { authorization: `Bearer ${tokens[as]}` }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

const answerOf = async (response: Response): Promise<Record<string, unknown>> => ({
  status: response.status,
  ...z.parse(z.record(z.string(), z.unknown()), await response.json()),
})

let made = 0
async function visitorOnFile(changes: { household?: string; remembersFace?: boolean } = {}) {
  made += 1
  const { deps, clock } = home.cloud
  const { household: name = household, remembersFace = false } = changes
  const visitorId = newId()
  const folder = `visitors/${name}/${visitorId}`
  const picture = remembersFace
    ? await deps.photos.write(`${folder}/photo.jpg`, await photoOf(`face-${made}`))
    : null
  await deps.visitors.put({
    household: name,
    visitorId,
    revision: 0,
    name: 'Robin Vale',
    language: 'en',
    contact: { prefers: 'sms', phone: `+155501${String(made).padStart(4, '0')}`, email: null },
    remembersFace,
    faceIds: [],
    photo: picture,
    createdAtMs: clock.nowMs(),
    welcomeUntilMs: null,
    trusted: false,
    tags: [],
    removedAtMs: null,
  })
  await home.cloud.settled()
  return visitorId
}

async function photoOf(name: string): Promise<Uint8Array> {
  const { snapshots } = await import('../../support/drawn-snapshots.ts')
  const { person } = await import('../../../simulation/scenes/drawn-faces.ts')
  return snapshots.front(person(name), 1)
}

const lastMessage = () => home.cloud.told.at(-1)

describe('without a valid token', () => {
  test.each([
    ['none', null],
    ['one that is no token', 'Bearer abc'],
    ['one of another kind', 'Basic bWlyYTpteQ=='],
  ])('%s, there is nothing', async (_, authorization) => {
    const headers = authorization === null ? {} : { authorization }
    const response = await call('GET', '/visits', { as: null, headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  test.each([
    ['with another key', { forged: true }],
    ['for another app', { audience: 'another-app' }],
    ['by another pool', { issuer: 'https://cognito.example/pool' }],
    ['that ran out', { expiresIn: -1 }],
    ['that only gives access', { use: 'access' }],
    ['without a household', { household: null }],
    ['of a person who never joined', { memberId: 'unknown' }],
    ['of a member of another household', { household: 'oak-lane' }],
  ])('but one %s, there is nothing', async (_, claims) => {
    const authorization = `Bearer ${await home.desk.idToken(claims)}`
    expect((await call('GET', '/visits', { as: null, headers: { authorization } })).status).toBe(
      401,
    )
  })

  test('every path answers the same', async () => {
    for (const path of ['/passcodes', '/nowhere', '/visitors/1']) {
      expect((await call('GET', path, { as: null })).status).toBe(401)
    }
  })
})

describe('passcodes', () => {
  const send = (visitorId: string, as: Who = 'owner', door = doorId) =>
    call('POST', '/passcodes', { as, body: { action: 'send', visitorId, doorId: door } })
  const verify = async (code: string, as: Who = 'owner', door = doorId) =>
    answerOf(
      await call('POST', '/passcodes', { as, body: { action: 'verify', code, doorId: door } }),
    )

  const lastCode = () => {
    const body = lastMessage()?.body
    const grantId = body?.type === 'grant' ? body.credential.grantId : ''
    return derivePasscode(home.cloud.doorKey, grantId, oneTimeDigits)
  }

  test('are texted, and accepted by one door until they expire', async () => {
    const visitorId = await visitorOnFile()
    expect(await answerOf(await send(visitorId))).toEqual({ status: 202, outcome: 'on-its-way' })
    const code = lastCode()
    expect(await verify(code)).toEqual({ status: 200, accepted: false })
    await home.cloud.settled()
    expect(home.cloud.aws.texts.at(-1)?.body).toContain(grouped(code))
    expect(await verify(code)).toEqual({ status: 200, accepted: true })
    expect(await verify(code === '00000000' ? '00000001' : '00000000')).toMatchObject({
      accepted: false,
    })
    expect(await verify(code, 'stranger', strangersDoor)).toMatchObject({ accepted: false })
    home.cloud.clock.advance(5 * 60_000)
    expect(await verify(code)).toMatchObject({ accepted: false })
  })

  test('are limited for each phone number', async () => {
    const visitorId = await visitorOnFile()
    const answers = []
    for (let nth = 0; nth < 4; nth += 1) answers.push((await send(visitorId)).status)
    expect(answers).toEqual([202, 202, 202, 429])
  })

  test('are refused to members who are not owners, and to other households', async () => {
    const visitorId = await visitorOnFile()
    expect((await send(visitorId, 'member')).status).toBe(403)
    expect((await send(visitorId, 'stranger')).status).toBe(404)
    expect((await send(visitorId, 'stranger', strangersDoor)).status).toBe(404)
    expect((await send(await visitorOnFile({ household: 'oak-lane' }))).status).toBe(404)
    expect(await verify('123456', 'stranger')).toMatchObject({ status: 404 })
  })

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('refuse %s', async (method) => {
    const response = await call(method, '/passcodes?action=send')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test.each([
    {},
    { action: 'open' },
    { action: 'verify', doorId, code: '12345' },
    { action: 'verify', doorId, code: 123456 },
    { action: 'send', doorId, visitorId: 'robin' },
    { action: 'send', doorId, visitorId: 'a'.repeat(32), household: 'oak-lane' },
  ])('are not had by %j', async (body) => {
    const answer = await answerOf(await call('POST', '/passcodes', { body }))
    expect(answer).toMatchObject({ status: 400, problem: 'invalid' })
  })
})

describe('doors', () => {
  test.each([
    ['unlock', 'member'],
    ['lift-pause', 'owner'],
  ] as const)('take “%s” from a %s, for ten seconds and once', async (type, as) => {
    const answer = await answerOf(await call('POST', `/doors/${doorId}/${type}`, { as }))
    const expiresAtMs = home.cloud.clock.nowMs() + 10_000
    const { commandId } = answer
    expect(answer).toEqual({ status: 202, outcome: 'sent', commandId, expiresAtMs })
    const message = lastMessage()
    expect(message).toMatchObject({ doorId, body: { type, expiresAtMs, nonce: commandId } })
    await call('POST', `/doors/${doorId}/${type}`, { as })
    const [first, second] = [message, lastMessage()].map((one) =>
      one && 'nonce' in one.body ? one.body.nonce : '',
    )
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    expect(second).not.toBe(first)
  })

  test.each(['unlock', 'lift-pause', 'settings'])(
    'of other households refuse “%s”',
    async (what) => {
      const before = home.cloud.told.length
      const { settings: body } = mapleStreet.doors[0] ?? {}
      const method = what === 'settings' ? 'PUT' : 'POST'
      for (const door of [strangersDoor, 'maple-street_back', '..%2Foak-lane_front']) {
        expect((await call(method, `/doors/${door}/${what}`, { body })).status).toBe(404)
      }
      if (what !== 'unlock') {
        expect(
          (await call(method, `/doors/${doorId}/${what}`, { as: 'member', body })).status,
        ).toBe(403)
      }
      expect(home.cloud.told).toHaveLength(before)
    },
  )

  test('get new settings with a new revision', async () => {
    const settings = {
      unlockHoldMs: 7_000,
      heldOpenAfterMs: 60_000,
      language: 'de',
      passcodeDigits: 8,
      timeZone: 'Europe/Berlin',
    }
    const response = await call('PUT', `/doors/${doorId}/settings`, { body: settings })
    expect(await answerOf(response)).toEqual({ status: 200, revision: 2 })
    expect(lastMessage()).toMatchObject({ body: { type: 'settings', revision: 2, settings } })
    const { doors } = await answerOf(await call('GET', '/doors', { as: 'member' }))
    expect(doors).toMatchObject([{ doorId, revision: 2, settings }])
    const odd = await call('PUT', `/doors/${doorId}/settings`, {
      body: { ...settings, unlockHoldMs: 1 },
    })
    expect(await answerOf(odd)).toMatchObject({ status: 400, field: 'unlockHoldMs' })
    const short = { body: { ...settings, passcodeDigits: 7 } }
    expect(await answerOf(await call('PUT', `/doors/${doorId}/settings`, short))).toMatchObject({
      ...{ status: 400, field: 'passcodeDigits' },
    })
  })
})

describe('visitors', () => {
  test('are listed without storage keys, and only to their household', async () => {
    const visitorId = await visitorOnFile({ remembersFace: true })
    const { visitors } = await answerOf(await call('GET', '/visitors', { as: 'member' }))
    expect(visitors).toContainEqual(expect.objectContaining({ visitorId, hasPhoto: true }))
    expect(JSON.stringify(visitors)).not.toMatch(/faceIds|sha256|photo\.jpg/)
    const others = await answerOf(await call('GET', '/visitors', { as: 'stranger' }))
    expect(JSON.stringify(others)).not.toContain(visitorId)
    const photo = await call('GET', `/visitors/${visitorId}/photo`)
    expect(photo.headers.get('content-type')).toBe('image/jpeg')
    expect((await photo.bytes()).subarray(0, 2)).toEqual(new Uint8Array([0xff, 0xd8]))
    for (const path of ['', '/photo']) {
      const response = await call('GET', `/visitors/${visitorId}${path}`, { as: 'stranger' })
      expect(response.status).toBe(404)
    }
  })

  test('can be changed field by field, with the checks of the form', async () => {
    const visitorId = await visitorOnFile()
    const patch = (body: object, as: Who = 'owner') =>
      call('PATCH', `/visitors/${visitorId}`, { as, body })
    const done = await patch({ name: 'Robin V.', trusted: true, tags: ['family'] })
    expect(await answerOf(done)).toMatchObject({
      status: 200,
      visitor: { name: 'Robin V.', trusted: true, tags: ['family'], welcomeUntilMs: null },
    })
    expect(await answerOf(await patch({ phone: '+442079460000' }))).toMatchObject({
      status: 422,
      problems: { phone: 'country-not-allowed' },
    })
    expect((await patch({ faceIds: [] })).status).toBe(400)
    expect((await patch({ name: 'Eve' }, 'stranger')).status).toBe(404)
    expect((await patch({ name: 'Eve' }, 'member')).status).toBe(403)
  })

  test('lose face and photo when they withdraw their consent', async () => {
    const visitorId = await visitorOnFile({ remembersFace: true })
    const { deps } = home.cloud
    const name = `visitor-${visitorId}`
    expect((await deps.faces.list(household)).map((face) => face.name)).toContain(name)
    await call('PATCH', `/visitors/${visitorId}`, { body: { remembersFace: false } })
    await home.cloud.settled()
    expect((await deps.faces.list(household)).map((face) => face.name)).not.toContain(name)
    expect(await deps.photos.list(`visitors/${household}/${visitorId}/`)).toEqual([])
    expect(await deps.visitors.find(household, visitorId)).toMatchObject({
      photo: null,
      faceIds: [],
    })
  })

  test('leave nothing when they are deleted', async () => {
    const visitorId = await visitorOnFile({ remembersFace: true })
    const remove = (as: Who) => call('DELETE', `/visitors/${visitorId}`, { as })
    expect([(await remove('stranger')).status, (await remove('member')).status]).toEqual([404, 403])
    expect((await remove('owner')).status).toBe(204)
    await home.cloud.settled()
    const { deps } = home.cloud
    expect(await deps.photos.list(`visitors/${household}/${visitorId}/`)).toEqual([])
    expect(JSON.stringify(await deps.faces.list(household))).not.toContain(visitorId)
    expect((await call('GET', `/visitors/${visitorId}`)).status).toBe(404)
    expect(lastMessage()?.body).toEqual(
      expect.objectContaining({ type: 'visitor-removed', visitorId }),
    )
  })
})

describe('requests', () => {
  const allow = (face: string) => ({
    decision: 'allow',
    face,
    name: 'Robin Vale',
    phone: '+15550188',
    prefers: 'sms',
    language: 'en',
    validity: 'day',
  })

  test('are shown to and decided by a signed-in owner without the visit number', async () => {
    const asked = await ask(home)
    const path = `/requests/${asked.request}`
    const shown = await answerOf(await call('GET', path))
    expect(shown).toMatchObject({ status: 200, state: 'open', face: asked.face, visitNumber: 583 })
    expect(JSON.stringify(shown)).not.toContain('tokenSha256')
    const decided = await call('POST', `${path}/decide`, { body: allow(asked.face) })
    expect(await answerOf(decided)).toMatchObject({ status: 200, outcome: 'allowed' })
    expect((await requestIn(home.cloud, asked.request))?.decision?.by).toBe('Owner@Example.org')
    const again = await call('POST', `${path}/decide`, { body: allow(asked.face) })
    expect(await answerOf(again)).toMatchObject({ outcome: 'already' })
  })

  test('are hidden from others, and bound to their photo', async () => {
    const asked = await ask(home)
    const decide = (as: Who, face = asked.face) =>
      call('POST', `/requests/${asked.request}/decide`, { as, body: allow(face) })
    expect((await call('GET', `/requests/${asked.request}`, { as: 'stranger' })).status).toBe(404)
    expect((await decide('stranger')).status).toBe(404)
    expect((await decide('member')).status).toBe(403)
    expect((await decide('owner', '0'.repeat(64))).status).toBe(409)
    expect((await requestIn(home.cloud, asked.request))?.decision).toBeNull()
  })
})

const mapleBack = 'maple-street_back'

describe('the rest', () => {
  test('visits are listed by household, in pages', async () => {
    const visit = {
      household,
      doorId,
      visitId: newId(),
      number: 12,
      seenAtMs: home.cloud.clock.nowMs(),
    }
    await home.cloud.deps.visits.end(visit, 30_000)
    const { visits } = await answerOf(await call('GET', '/visits?limit=1', { as: 'member' }))
    expect(visits).toMatchObject([{ visitId: visit.visitId, number: 12 }])
    const others = await answerOf(await call('GET', '/visits', { as: 'stranger' }))
    expect(JSON.stringify(others)).not.toContain('maple-street')
    expect((await call('GET', '/visits?limit=1000')).status).toBe(400)
    expect((await call('GET', '/visits?household=oak-lane')).status).toBe(400)
  })

  test.each([
    ['a mark that is none', '?after=garbage', 'after'],
    ['a mark of another household', `?after=1.oak-lane_front.${newId()}`, 'after'],
    ['a mark outside of the time asked for', `?fromMs=9&after=8.${doorId}.${newId()}`, 'after'],
    ['an end before the beginning', '?fromMs=9&toMs=1', 'toMs'],
    ['a time that no clock shows', '?fromMs=1e21', 'fromMs'],
    ['a field that is none', '?x=1', 'x'],
  ])('a history from %s is refused, not a fault', async (_, query, field) => {
    const answer = await answerOf(await call('GET', `/visits${query}`))
    expect(answer).toMatchObject({ status: 400, problem: 'invalid', field })
  })

  test('the history continues from a cursor', async () => {
    for (let nth = 0; nth < 3; nth += 1) {
      home.cloud.clock.advance(1_000)
      const visit = { household, doorId, visitId: newId(), number: nth + 1 }
      await home.cloud.deps.visits.end({ ...visit, seenAtMs: home.cloud.clock.nowMs() }, 30_000)
    }
    const { next } = await answerOf(await call('GET', '/visits?limit=1'))
    const query = `limit=1&fromMs=1&toMs=${home.cloud.clock.nowMs()}&after=${next}`
    const { visits } = await answerOf(await call('GET', `/visits?${query}`))
    expect(visits).toMatchObject([{ number: 2 }])
  })

  test('a page of what is searched for is full, however far back it is', async () => {
    const at = { household, doorId: mapleBack, number: 1 }
    const seenAtMs = home.cloud.clock.nowMs()
    const searched = newId()
    await home.cloud.deps.visits.end({ ...at, visitId: searched, seenAtMs }, 1_000)
    for (let nth = 0; nth < 5; nth += 1) {
      home.cloud.clock.advance(1_000)
      const visit = { household, doorId, visitId: newId(), number: nth + 1 }
      await home.cloud.deps.visits.end({ ...visit, seenAtMs: home.cloud.clock.nowMs() }, 1_000)
    }
    const { visits } = await answerOf(await call('GET', `/visits?limit=1&doorId=${mapleBack}`))
    expect(visits).toMatchObject([{ visitId: searched }])
  })

  test.each([
    ['of two thousand letters', 'x'.repeat(2_000)],
    ['of nothing that can be seen', '%00'],
    ['like another kind of thing', 'visitor'],
    ['beyond ASCII', '%F0%9F%9A%AA'],
  ])('a visitor with a name %s is not there', async (_, id) => {
    for (const path of [`/visitors/${id}`, `/visitors/${id}/photo`]) {
      expect((await call('GET', path)).status).toBe(404)
    }
    for (const method of ['PATCH', 'DELETE']) {
      const response = await call(method, `/visitors/${id}`, { body: { name: 'Kim' } })
      expect(response.status).toBe(404)
    }
  })

  test('a photo is uploaded to S3, only into the household’s folder', async () => {
    const form = z.parse(
      z.object({ uploadId: z.string(), url: z.string(), fields: z.record(z.string(), z.string()) }),
      await (await call('POST', '/photos', { as: 'member' })).json(),
    )
    expect(form.fields['key']).toBe(`raw/${household}/${form.uploadId}.jpg`)
    const upload = async (changes: Readonly<Record<string, string>>) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ ...form.fields, ...changes }))
        body.set(name, value)
      body.set('file', new Blob([Buffer.from(await photoOf('photo'))], { type: 'image/jpeg' }))
      return (await fetch(form.url, { method: 'POST', body })).status
    }
    expect(await upload({ key: 'raw/oak-lane/x.jpg' })).toBe(403)
    expect(await upload({})).toBe(204)
    await home.cloud.settled()
    const kept = await home.cloud.deps.photos.list(`processed/${household}/${form.uploadId}`)
    expect(kept).toHaveLength(1)
  })

  test('a household gets forms for fifty photos a day', async () => {
    home.cloud.clock.advance(25 * 3_600_000)
    tokens.stranger = await home.desk.idToken({ household: 'oak-lane', memberId: 'olga' })
    const asked = async () => (await call('POST', '/photos', { as: 'stranger' })).status
    const answers: number[] = []
    while (answers.length < 53) answers.push(await asked())
    expect(answers.filter((status) => status === 201)).toHaveLength(50)
    expect(answers.filter((status) => status === 429)).toHaveLength(3)
  })

  test('a method that no route can have is refused', async () => {
    const answer = request(home.origin, { method: 'TRACE' }).end()
    const [response] = await once(answer, 'response')
    expect(response.statusCode).toBe(405)
  })

  test('CORS allows our origin only', async () => {
    const preflight = (origin: string) =>
      call('OPTIONS', '/passcodes', {
        as: null,
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const [own, other] = [
      await preflight(home.origin),
      await preflight('https://elsewhere.example'),
    ]
    expect([own.status, other.status]).toEqual([204, 204])
    expect(own.headers.get('access-control-allow-origin')).toBe(home.origin)
    expect(own.headers.get('access-control-allow-headers')).toContain('authorization')
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    const refused = await call('GET', '/visits', { as: null, headers: { origin: home.origin } })
    expect(refused.headers.get('access-control-allow-origin')).toBe(home.origin)
  })

  test('bodies above one megabyte are refused', async () => {
    const body = { action: 'x'.repeat(1024 * 1024) }
    expect((await call('POST', '/passcodes', { body })).status).toBe(413)
  })

  test('invalid JSON answers 400 and an unknown path 404', async () => {
    const headers = { authorization: `Bearer ${tokens.owner}` }
    const url = `${home.origin}/v1/passcodes`
    expect((await fetch(url, { method: 'POST', headers, body: '{' })).status).toBe(400)
    expect((await call('GET', '/nowhere')).status).toBe(404)
  })
})
