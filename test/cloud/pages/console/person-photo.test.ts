/** A photo for a person: uploaded straight to the bucket, checked, looked at, and used. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { person } from '../../../../simulation/scenes/drawn-faces.ts'
import { newVisitor } from '../../../contracts/tables/examples.ts'
import { household } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'
import { snapshots } from '../../../support/drawn-snapshots.ts'

let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
})
afterAll(() => home.close())

const robin = snapshots.front(person('robin'), 1)

async function begin(remembersFace: boolean) {
  const visitor = newVisitor(household, { remembersFace })
  await home.cloud.deps.visitors.put(visitor)
  const { visitorId } = visitor
  const { location } = await home.send(`/people/${visitorId}/new-photo`, {})
  return { visitorId, path: location ?? '' }
}

/** As a browser without scripts sends the form. Returns the page to which the bucket leads. */
async function upload(path: string, bytes: Uint8Array): Promise<string> {
  const { text, headers } = await home.open(path)
  const url = /action="(http[^"]+)"/.exec(text)?.[1] ?? ''
  expect(headers.get('content-security-policy')).toContain(
    `form-action 'self' ${new URL(url).origin}`,
  )
  const form = new FormData()
  for (const [, name = '', value = ''] of text.matchAll(
    /type="hidden" name="([^"]+)" value="([^"]*)"/g,
  )) {
    form.append(name, value.replaceAll('&amp;', '&'))
  }
  form.append('file', new Blob([Buffer.from(bytes)]))
  const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' })
  expect(answer.status).toBe(303)
  const location = new URL(answer.headers.get('location') ?? '')
  expect(location.origin).toBe(home.origin)
  return `${location.pathname}${location.search}`
}

test('a photo is shown without loading again, used once, and recognised with consent', async () => {
  const { visitorId, path } = await begin(true)
  const next = await upload(path, robin)
  expect((await home.open(next)).text).toContain('data-refresh="2"')
  await home.cloud.settled()
  const { text } = await home.open(next)
  expect(text).toContain('Use this photo')
  const picture = await home.open(/src="([^"]+\/photo)"/.exec(text)?.[1] ?? '')
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
  for (const _ of [1, 2]) {
    expect((await home.send(path, {})).location).toBe(`/people/${visitorId}`)
    await home.cloud.settled()
  }
  const now = await home.cloud.deps.visitors.find(household, visitorId)
  expect(now?.faceIds).toHaveLength(1)
  expect(await home.cloud.deps.photos.list(`visitors/${household}/${visitorId}/`)).toHaveLength(1)
  expect((await home.open(`/people/${visitorId}/photo`)).status).toBe(200)
})

test('without consent it is a photo, and no face', async () => {
  const { visitorId, path } = await begin(false)
  await upload(path, robin)
  await home.cloud.settled()
  await home.send(path, {})
  await home.cloud.settled()
  const now = await home.cloud.deps.visitors.find(household, visitorId)
  expect([now?.photo !== null, now?.faceIds]).toEqual([true, []])
})

const starting = (text: string, length = 100) =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(length)])

test.each([
  ['a HEIC photo', starting('\0\0\0\u0018ftypheic'), 'HEIC photos cannot be read'],
  ['PNG', starting('\u0089PNG\r\n\u001a\n'), 'only JPEG can be read'],
  ['WebP', starting('RIFF\0\0\0\0WEBPVP8 '), 'only JPEG can be read'],
  ['what is no picture', starting('<script>alert(1)</script>'), 'could not be read as a photo'],
  ['a JPEG that ends early', robin.subarray(0, 400), 'could not be read as a photo'],
  ['too large a file', starting('\u00ff\u00d8', 5_000_001), 'larger than 5 MB'],
])('%s leads to a clear sentence and the form again', async (_, bytes, sentence) => {
  const { visitorId, path } = await begin(false)
  const next = await upload(path, bytes)
  await home.cloud.settled()
  const { text } = await home.open(next)
  expect(text).toContain(sentence)
  expect(text).toContain('type="file"')
  expect((await home.send(path, {})).location).toBe(path)
  expect((await home.cloud.deps.visitors.find(household, visitorId))?.photo).toBeNull()
})

test('a photo that is never processed leads to a sentence after a minute', async () => {
  const { path } = await begin(false)
  const sent = home.cloud.clock.nowMs()
  home.cloud.clock.advance(61_000)
  expect((await home.open(`${path}?sent=${sent}`)).text).toContain('could not be read as a photo')
})
