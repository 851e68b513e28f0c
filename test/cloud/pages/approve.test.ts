/** The approval page over HTTP: what it shows, and what a decision requires. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { translations } from '../../../cloud/translations/translations.ts'
import { languages } from '../../../protocol/messages/shared.ts'
import { household, mapleStreet } from '../../support/cloud/cloud-home.ts'
import {
  type Asked,
  ask,
  oakLane,
  requestIn,
  type WebHome,
  webHome,
} from '../../support/cloud/web-home.ts'

let home: WebHome
beforeAll(async () => {
  home = await webHome({ households: [mapleStreet, oakLane] })
})
afterAll(() => home.close())

const words = translations.en.approvalPage
let asking = 0
/** A new request, with no codes sent before, so that no test uses up another's limit. */
const asks = () => {
  asking += 1
  // A door's limits are per hour.
  home.cloud.clock.advance(600_000)
  return ask(home)
}

type Fields = Readonly<Record<string, unknown>>

const post = (path: string, fields: Fields, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${home.origin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: home.origin, ...headers },
    body: JSON.stringify(fields),
  })

const form = ({ request, token, face }: Asked) => ({
  request,
  token,
  face,
  decision: 'allow',
  visitNumber: '583',
  name: 'Robin Vale',
  phone: `+1 555 01${String(asking).padStart(2, '0')}`,
  email: '',
  prefers: 'sms',
  language: 'en',
  remembersFace: 'yes',
  validity: 'week',
  blockFace: '',
})

const decide = (asked: Asked, changes: Fields = {}, headers = {}) =>
  post('/approve/decide', { ...form(asked), ...changes }, headers)
const show = ({ request, token }: Pick<Asked, 'request' | 'token'>, headers = {}) =>
  post('/approve/show', { request, token }, headers)

const decisionOn = async ({ request }: Asked) => (await requestIn(home.cloud, request))?.decision

const textOf = async (response: Response): Promise<string> =>
  (await response.text()).replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

describe('a link', () => {
  test('shows the same empty page for every request, in the reader’s language', async () => {
    for (const language of languages) {
      const headers = { 'accept-language': `${language};q=0.9, xx` }
      const response = await fetch(`${home.origin}/approve/`, { headers })
      const page = await response.text()
      expect(response.status).toBe(200)
      expect(page).toContain(`<html lang="${language}">`)
      expect(page).not.toMatch(/<form|<img/)
    }
  })

  test('with the right secret shows the face, the door and the time', async () => {
    const asked = await asks()
    const page = await (await show(asked)).text()
    expect(page).toContain('Front door')
    expect(page).toContain('data:image/jpeg;base64,')
    expect(page).toContain(asked.face)
    expect(page).not.toContain(asked.token)
    // The number is only in the mail and at the door: the page alone does not suffice.
    const written = page.replace(/base64,[^"]*/, '').replaceAll(asked.face, '')
    expect(written).not.toContain('583')
  })

  test('with a wrong secret shows nothing, whether the request exists or not', async () => {
    const asked = await asks()
    const guesses = [
      { ...asked, token: 'A'.repeat(43) },
      { ...asked, request: asked.request.replace('stranger-1', 'stranger-2') },
      { ...asked, request: asked.request.replace(household, 'oak-lane') },
      { ...asked, token: '' },
      { ...asked, request: '../../etc' },
    ]
    const answers = await Promise.all(guesses.map((guess) => show(guess)))
    expect(answers.map(({ status }) => status)).toEqual(guesses.map(() => 404))
    const pages = await Promise.all(answers.map((answer) => answer.text()))
    expect(new Set(pages).size).toBe(1)
  })

  test('expires after fifteen minutes', async () => {
    const asked = await asks()
    home.cloud.clock.advance(15 * 60_000)
    const [shown, decided] = [await show(asked), await decide(asked)]
    expect([shown.status, decided.status]).toEqual([410, 410])
    expect(await textOf(shown)).toContain(words.expired)
    expect(await decisionOn(asked)).toBeNull()
  })
})

describe('allowing', () => {
  test('puts the visitor on file, sends the code and confirms it', async () => {
    const asked = await asks()
    const texts = home.cloud.aws.texts.length
    const response = await decide(asked)
    expect(response.status).toBe(200)
    expect(await textOf(response)).toContain('Robin Vale may come in.')
    await home.cloud.settled()
    expect(home.cloud.aws.texts).toHaveLength(texts + 1)
    expect(await decisionOn(asked)).toMatchObject({ outcome: 'allowed', by: 'owner@example.org' })
    const [visitor] = (await home.cloud.deps.visitors.list(household)).slice(-1)
    expect(visitor?.welcomeUntilMs).toBeGreaterThan(home.cloud.clock.nowMs())
  })

  test('a second time says who allowed it and when, and sends nothing', async () => {
    const asked = await asks()
    await decide(asked)
    await home.cloud.settled()
    const texts = home.cloud.aws.texts.length
    home.cloud.clock.advance(60_000)
    for (const decision of ['allow', 'deny']) {
      const again = await decide(asked, { decision })
      expect(again.status).toBe(409)
      expect(await textOf(again)).toMatch(/Already allowed by owner@example\.org, \w+day/)
    }
    expect(await textOf(await show(asked))).toContain('Already allowed by')
    await home.cloud.settled()
    expect(home.cloud.aws.texts).toHaveLength(texts)
  })

  test.each([
    ['no name', { name: ' ' }, words.problems.missing],
    ['no phone and no e-mail', { phone: '', email: '' }, words.problems['no-way']],
    [
      'a number without country code',
      { phone: '0170 1234567' },
      words.problems['not-international'],
    ],
    [
      'a country that is not allowed',
      { phone: '+442079460000' },
      words.problems['country-not-allowed'],
    ],
    ['an invalid address', { email: 'robin@' }, words.problems.unfit],
    ['an unknown validity', { validity: 'ever' }, words.checkFields],
    ['no visit number', { visitNumber: '' }, words.numberMissing],
    ['letters as visit number', { visitNumber: 'seven' }, words.numberMissing],
    ['a wrong visit number', { visitNumber: '584' }, words.refused['wrong-number']],
  ])('with %s names the problem and keeps what was typed', async (_, changes, sentence) => {
    const asked = await asks()
    const typed = { name: 'Ann "O\'Neil" <b>', email: 'ann@example.org', ...changes }
    const response = await decide(asked, {
      ...typed,
      validity: 'month',
      language: 'fr',
      ...changes,
    })
    expect(response.status).toBe(422)
    const page = await response.text()
    const plain = page.replace(/<[^>]*>/g, ' ').replaceAll('&#39;', "'")
    expect(plain).toContain(sentence)
    expect(page).not.toContain('<b>')
    if (!('name' in changes)) expect(page).toContain('value="Ann &quot;O&#39;Neil&quot; &lt;b&gt;"')
    if (!('validity' in changes)) expect(page).toMatch(/value="month"\s+selected/)
    expect(page).toMatch(/value="fr"\s+selected/)
    expect(page).toMatch(/name="remembersFace" value="yes"\s+checked/)
    expect(await decisionOn(asked)).toBeNull()
  })

  test('an empty form gets all problems at once', async () => {
    const nothing = { visitNumber: '', name: '', phone: '', email: '' }
    const asked = await asks()
    const page = await textOf(await decide(asked, nothing))
    for (const sentence of [
      words.numberMissing,
      words.problems.missing,
      words.problems['no-way'],
    ]) {
      expect(page).toContain(sentence)
    }
    const onlyNumber = await textOf(await decide(asked, { visitNumber: '' }))
    expect(onlyNumber).not.toContain(words.problems['country-not-allowed'])
    const denied = await textOf(await decide(asked, { ...nothing, decision: 'deny' }))
    expect(denied).not.toContain(words.problems.missing)
  })

  test('a name that is too long is reported, not cut off', async () => {
    const asked = await asks()
    const page = await (await decide(asked, { name: 'x'.repeat(70) })).text()
    expect(page).toContain(words.problems['too-long'])
    expect(Number(/maxlength="(\d+)"[^>]*autocapitalize="words"/.exec(page)?.[1])).toBeGreaterThan(
      60,
    )
  })

  test('with another face than the one shown is refused', async () => {
    const asked = await asks()
    expect((await decide(asked, { face: '0'.repeat(64) })).status).toBe(409)
    expect(await decisionOn(asked)).toBeNull()
  })

  test('five wrong visit numbers invalidate the link', async () => {
    const asked = await asks()
    for (const visitNumber of ['1', '2', '3', '4']) {
      expect((await decide(asked, { visitNumber })).status).toBe(422)
    }
    expect((await decide(asked, { visitNumber: '5' })).status).toBe(410)
    expect((await decide(asked)).status).toBe(410)
    expect(await decisionOn(asked)).toBeNull()
  })

  test('ten times at once makes one decision and sends one text', async () => {
    const asked = await asks()
    const texts = home.cloud.aws.texts.length
    const answers = await Promise.all(Array.from({ length: 10 }, () => decide(asked)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9)
    await home.cloud.settled()
    expect(home.cloud.aws.texts).toHaveLength(texts + 1)
  })
})

describe('denying', () => {
  test('notifies the door, and requires only the visit number', async () => {
    const asked = await asks()
    const empty = { name: '', phone: '', validity: '' }
    const response = await decide(asked, { ...empty, decision: 'deny' })
    expect(await textOf(response)).toContain(words.denied)
    expect(home.cloud.told.at(-1)?.body).toMatchObject({ type: 'visit-status', status: 'denied' })
    expect(await textOf(await decide(asked))).toContain('Already denied by')
  })

  test('and blocking stores the face with the time of the block', async () => {
    const asked = await asks()
    await decide(asked, { decision: 'deny', blockFace: 'yes' })
    const atMs = home.cloud.clock.nowMs()
    const faces = await home.cloud.deps.faces.list(household)
    const blocks = faces.filter(({ name }) => name.startsWith('blocked-'))
    expect(blocks).toHaveLength(1)
    expect(Number.parseInt(blocks[0]?.name.slice(8, 20) ?? '', 16)).toBe(atMs)
  })
})

describe('a post', () => {
  test.each([
    ['from another page', { origin: 'https://elsewhere.example' }],
    ['from an opaque origin', { origin: 'null' }],
    ['marked cross-site by the browser', { 'sec-fetch-site': 'cross-site' }],
    ['marked same-site by the browser', { 'sec-fetch-site': 'same-site' }],
  ])('%s is refused', async (_, headers) => {
    const asked = await asks()
    const answers = [await decide(asked, {}, headers), await show(asked, headers)]
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
    expect(await decisionOn(asked)).toBeNull()
  })

  test('without an origin is refused', async () => {
    const asked = await asks()
    const response = await fetch(`${home.origin}/approve/decide`, {
      method: 'POST',
      body: JSON.stringify(form(asked)),
    })
    expect(response.status).toBe(403)
    expect(await decisionOn(asked)).toBeNull()
  })

  test('that our page would not send decides nothing', async () => {
    const asked = await asks()
    const odd = [
      { ...form(asked), extra: 1 },
      { ...form(asked), visitNumber: 7 },
      { ...form(asked), decision: 'both' },
      { ...form(asked), name: 'x'.repeat(201) },
      {},
    ]
    const answers = await Promise.all(odd.map((fields) => post('/approve/decide', fields)))
    expect(answers.map(({ status }) => status)).toEqual(odd.map(() => 400))
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    expect(texts.map((text) => /<p>(\w+)<\/p>/.exec(text)?.[1])).toEqual([
      'extra',
      'visitNumber',
      'decision',
      'name',
      'request',
    ])
    const large = await decide(asked, { name: 'x'.repeat(20_000) })
    expect(large.status).toBe(413)
    expect(await decisionOn(asked)).toBeNull()
  })
})

test('GET and HEAD of every path change nothing', async () => {
  const asked = await asks()
  const { request, token } = asked
  const query = new URLSearchParams({ ...form(asked), r: request, t: token })
  for (const path of ['', '/', '/show', '/decide', '/page.js', '/page.css', '/decide/allow']) {
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(`${home.origin}/approve${path}?${query}`, { method })
      expect(response.status).toBeLessThan(500)
    }
  }
  expect(await decisionOn(asked)).toBeNull()
  expect((await decide(asked)).status).toBe(200)
})

test('every answer, including errors, has the security headers', async () => {
  const asked = await asks()
  const answers = [
    await fetch(`${home.origin}/approve/`),
    await fetch(`${home.origin}/approve/page.js`),
    await fetch(`${home.origin}/nowhere`),
    await fetch(`${home.origin}/v1/visits`),
    await show(asked),
    await decide(asked, { visitNumber: '' }),
    await decide(asked, {}, { origin: 'https://elsewhere.example' }),
    await post('/approve/decide', {}),
  ]
  for (const { headers, url } of answers) {
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy, url).toContain("default-src 'none'")
    expect(policy, url).not.toContain('unsafe')
    expect(policy, url).toContain("frame-ancestors 'none'")
    expect(headers.get('referrer-policy'), url).toBe('no-referrer')
    expect(headers.get('x-content-type-options'), url).toBe('nosniff')
    expect(headers.get('x-robots-tag'), url).toContain('noindex')
    if (!url.endsWith('.js')) expect(headers.get('cache-control'), url).toBe('no-store')
  }
})

test('a fault answers 500 with the same headers and logs no details', async () => {
  const asked = await asks()
  const fault = home.cloud.aws.fault({ service: 's3', kind: 'error', status: 500 })
  const response = await show(asked)
  home.cloud.aws.clearFaults()
  expect(fault).toBeDefined()
  expect(response.status).toBe(500)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await response.text()).not.toContain(asked.token)
})

test('no typed value and no secret is logged', async () => {
  const asked = await asks()
  await decide(asked, { name: 'Zora Quill', email: 'zora@example.org' })
  await home.cloud.settled()
  const secrets = [asked.token, 'Zora', 'zora@example.org', '55501', 'owner@example.org']
  for (const secret of secrets) expect(home.logged()).not.toContain(secret)
  expect(home.logged()).toContain('owner answered')
})
