/** The people on file by the API: searching, adding, merging, photos. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { household, newId } from '../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome, people } from '../../support/cloud/console-home.ts'

let home: ConsoleHome
let authorization: string
beforeAll(async () => {
  home = await consoleHome()
  authorization = `Bearer ${await home.desk.idToken(people.owner)}`
})
afterAll(() => home.close())

async function call(method: string, path: string, body?: object) {
  const headers = { authorization, 'content-type': 'application/json' }
  const sent = body && { body: JSON.stringify(body) }
  const answer = await fetch(`${home.origin}/v1/visitors${path}`, { method, headers, ...sent })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
}

const added = z.object({ visitor: z.object({ visitorId: z.string(), revision: z.number() }) })

async function add(name: string, more: object = {}): Promise<string> {
  const { status, body } = await call('POST', '', { name, phone: '+15550100', ...more })
  expect(status).toBe(201)
  return added.parse(body).visitor.visitorId
}

test('are added, found and blocked', async () => {
  const id = await add('Robin Vale', { tags: ['family'], notes: 'Rings twice.' })
  await add('Kim Lake')
  const found = await call('GET', '?search=vale+family')
  expect(found.body).toMatchObject({
    ...{ total: 1, next: null },
    visitors: [{ visitorId: id, notes: 'Rings twice.', blocked: false, lastSeenAtMs: null }],
  })
  await call('PATCH', `/${id}`, { blocked: true })
  expect((await call('GET', '?state=blocked')).body).toMatchObject({ total: 1 })
  expect((await call('GET', '?sort=size')).status).toBe(400)
  expect((await call('GET', '?page=0')).status).toBe(400)
  expect((await call('PATCH', `/${id}`, { lists: [newId()] })).status).toBe(422)
  expect((await call('PATCH', `/${id}`, { name: 'Robin', revision: 1 })).status).toBe(409)
})

test('are merged', async () => {
  const [kept, gone] = [await add('Sam'), await add('Sammy')]
  expect((await call('POST', `/${kept}/merge`, { other: gone })).status).toBe(200)
  expect((await call('GET', `/${gone}`)).body).toMatchObject({ visitor: { visitorId: kept } })
  expect((await call('POST', `/${kept}/merge`, { other: newId() })).status).toBe(404)
})

test('get a photo that was uploaded', async () => {
  const [id, uploadId] = [await add('Ana'), newId()]
  expect((await call('PUT', `/${id}/photo`, { uploadId })).status).toBe(409)
  const { photos } = home.cloud.deps
  await photos.write(`processed/${household}/${uploadId}.jpg`, new Uint8Array([255, 216]))
  expect((await call('PUT', `/${id}/photo`, { uploadId })).status).toBe(204)
  expect((await call('GET', `/${id}`)).body).toMatchObject({ visitor: { hasPhoto: true } })
  expect((await call('PUT', `/${newId()}/photo`, { uploadId })).status).toBe(404)
})
