/** Every page and form of the console, asked for by everyone who must not have it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { buildWeb } from '../../../../cloud/api/app.ts'
import { mayAct } from '../../../../cloud/members/core/household.ts'
import { consoleRoutes } from '../../../../cloud/pages/console/site.ts'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { newVisitor } from '../../../contracts/tables/examples.ts'
import { doorId, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome, people } from '../../../support/cloud/console-home.ts'
import { oakDoor, strangerRings } from '../../../support/cloud/web-home.ts'

const words = consoleWords.en
// Which routes there are does not depend on what they use.
const routes = consoleRoutes({} as Parameters<typeof buildWeb>[0])
const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const)

let home: ConsoleHome
let theirVisit = ''
const theirPerson = newVisitor('oak-lane', { name: 'Haustür guest' })
beforeAll(async () => {
  home = await consoleHome()
  const asked = await strangerRings(home, { door: oakDoor })
  theirVisit = asked.visitId
  await home.cloud.deps.visitors.put(theirPerson)
})
afterAll(() => home.close())

/** The path with what belongs to the other household. */
const theirs = (path: string): string =>
  path
    .replace('/doors/:id', `/doors/${oakDoor}`)
    .replace('/requests/:id', `/requests/${oakDoor}.${theirVisit}.stranger-1`)
    .replace('/visits/:id', `/visits/${theirVisit}`)
    .replace('/people/:id', `/people/${theirPerson.visitorId}`)
    .replace(':door', oakDoor)
    .replace(':visit', theirVisit)
    .replace(':file', '1790000000000.jpg')
    .replace(/:\w+/g, newId())

describe.each(named)('%s', (_name, { method, path, role }) => {
  const ask = (as: Parameters<ConsoleHome['open']>[1], of = path) =>
    method === 'GET' ? home.open(of, as) : home.send(of, {}, as)
  const ours = path
    .replace('/doors/:id', `/doors/${doorId}`)
    .replace('/members/:id', '/members/max')

  test('takes a sign-in', async () => {
    const { status, location } = await ask(null)
    if (path === '/') expect(status).toBe(200)
    else if (method === 'POST') expect(status).toBe(401)
    else expect([status, location?.startsWith('/sign-in?back=')]).toEqual([302, true])
  })

  test(`takes a ${role}`, async () => {
    for (const as of ['viewer', 'member'] as const) {
      const { status, text } = await ask(as, ours)
      const isRefused =
        status === 403 && [words.ownersOnly, words.openersOnly].some((one) => text.includes(one))
      expect([as, isRefused]).toEqual([as, !mayAct(people[as].role, role)])
      expect(status).toBeLessThan(500)
    }
  })

  test.runIf(path.includes(':'))('shows nothing of another household', async () => {
    const { status, text } = await ask('owner', theirs(path))
    // A form without its fields is not even looked up.
    expect(method === 'GET' ? [404] : [400, 404]).toContain(status)
    expect(text).not.toContain('Haustür')
  })

  test.runIf(method === 'POST')('takes a form of our own page', async () => {
    for (const origin of ['https://elsewhere.example', 'null', '']) {
      const headers = {
        origin,
        cookie: (await home.cookiesOf('owner'))
          .map(({ name, value }) => `${name}=${value}`)
          .join('; '),
      }
      const answer = await fetch(`${home.origin}${ours}`, {
        method,
        headers,
        body: new URLSearchParams(),
      })
      expect([origin, answer.status]).toEqual([origin, 403])
    }
  })

  test('does not take another method', async () => {
    for (const other of ['PUT', 'PATCH', 'DELETE']) {
      const headers = { origin: home.origin }
      const answer = await fetch(`${home.origin}${ours}`, { method: other, headers })
      expect([other, answer.status]).toEqual([other, 404])
    }
  })
})

test('pages can be shown in no frame and load nothing from elsewhere', async () => {
  const { headers } = await home.open('/')
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/https?:|\*|unsafe/)
  expect(headers.get('cache-control')).toBe('no-store')
})

test('signing in leads back to the page, and to no other site', async () => {
  const { location } = await home.open('/more?door=x', null)
  expect(location).toBe('/sign-in?back=%2Fmore%3Fdoor%3Dx')
})

test('what was typed survives the end of a session', async () => {
  const { status, text } = await home.send(`/doors/${doorId}/unlock`, { nonce: '<b>"x' }, null)
  expect(status).toBe(401)
  expect(text).toContain('name="nonce" value="&lt;b&gt;&quot;x"')
})
