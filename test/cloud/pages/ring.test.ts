/** The page on a visitor's phone: who gets it, what ringing does, and what others can do with it. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visitorIdOf } from '../../../cloud/approvals/about-request.ts'
import { answerRequest } from '../../../cloud/approvals/answer-request.ts'
import type {
  ApprovalRequest,
  AskedDecision,
} from '../../../cloud/approvals/core/approval-request.ts'
import { requestId } from '../../../cloud/approvals/core/approval-request.ts'
import { openRequests } from '../../../cloud/approvals/open-requests.ts'
import { translations } from '../../../cloud/translations/translations.ts'
import { visitorChanged } from '../../../cloud/visitors/visitor-changed.ts'
import { mostScans } from '../../../cloud/visits/core/visit.ts'
import { languages } from '../../../protocol/messages/shared.ts'
import { derivePasscode, grouped } from '../../../protocol/passcode.ts'
import { presenceWindowMs } from '../../../protocol/presence.ts'
import { doorId, household, linkIn, mapleStreet, newId } from '../../support/cloud/cloud-home.ts'
import { shownCode, visitorsPhone } from '../../support/cloud/visitors-phone.ts'
import {
  oakDoor,
  oakLane,
  strangerRings,
  type WebHome,
  webHome,
} from '../../support/cloud/web-home.ts'
import { testProof } from '../../support/effort.ts'

let home: WebHome
beforeAll(async () => {
  home = await webHome({ households: [mapleStreet, oakLane] })
})
afterAll(() => home.close())

const words = translations.en.ringPage
const hourMs = 3_600_000
const mails = () => home.cloud.aws.mailbox
const texts = () => home.cloud.aws.texts.length
const requests = () => openRequests(home.cloud.deps, household)

/** A new phone that has just scanned. Limits are per hour. */
async function arrives(change: Parameters<typeof shownCode>[1] = {}) {
  home.cloud.clock.advance(hourMs)
  const phone = visitorsPhone(home)
  const code = shownCode(home, change)
  expect((await phone.scan(code)).headers.get('location')).toBe('/ring')
  return { phone, code }
}

async function rings(name = 'Robin Vale') {
  const { phone, code } = await arrives()
  const before = mails().length
  await phone.ring(name)
  await home.cloud.settled()
  const [request] = await requests()
  if (!request) throw new Error('There is no request.')
  return { phone, code, request, mail: mails().slice(before) }
}

const answer = (request: ApprovalRequest, given: AskedDecision['answer']) =>
  answerRequest(home.cloud.deps, {
    request: requestId(request),
    asker: { kind: 'member', household, email: 'owner@example.org' },
    visitNumber: null,
    faceSha256: request.face?.sha256 ?? null,
    language: 'en',
    answer: given,
  })

const asTyped = { phone: '', email: '', prefers: 'sms', language: 'en', remembersFace: '' }
const allow = (name = 'Robin Vale') =>
  ({ kind: 'allow', visitor: { ...asTyped, name, validity: 'day' } }) as const
const deny = { kind: 'deny', blockFace: false } as const

describe('a visitor who rings', () => {
  test('is asked about by name, gets a code without a number once the door has it, and comes in', async () => {
    const { phone, request, mail } = await rings()
    expect(mail).toHaveLength(1)
    expect(mail[0]?.text).toContain(`${translations.en.request.givenName}: Robin Vale`)
    expect(mail[0]?.text).toContain(translations.en.request.noNumber)
    expect(mail[0]?.text).toContain('Visit number: 42')
    expect(await phone.look()).toContain(words.waiting)

    const before = { texts: texts(), mails: mails().length }
    home.cloud.doorAnswers = false
    expect(await answer(request, allow())).toMatchObject({ outcome: 'allowed', code: 'on-its-way' })
    expect(await phone.look()).toContain(words.allowed)
    home.cloud.doorAnswers = true
    const visit = await home.cloud.deps.visits.find(request)
    const grantId = visit?.grants[visitorIdOf(request)]?.grantId ?? ''
    const { visitId } = request
    await home.cloud.says({
      ...{ type: 'grant-stored', grantId, visitId, visitorId: visitorIdOf(request) },
    })
    await home.cloud.settled()
    const code = derivePasscode(home.cloud.doorKey, grantId, 8)
    const page = await phone.look()
    expect(page).toContain(grouped(code))
    expect(page).toContain('within 5 minutes')
    expect(home.cloud.told.at(-1)?.body).toEqual({
      ...{ type: 'visit-status', visitId, status: 'code-sent' },
      ...{ v: 1, doorId, id: expect.anything(), seq: expect.anything(), atMs: expect.anything() },
    })
    expect({ texts: texts(), mails: mails().length }).toEqual(before)

    await home.cloud.says({
      ...{ type: 'entry-accepted', origin: 'keypad', grantId, holdMs: 5_000 },
      ...{ visitorId: visitorIdOf(request), visitId },
    })
    expect(await phone.look()).toContain(words.used)
    expect(await phone.look()).not.toContain(grouped(code))
    expect(home.logged()).not.toContain(code)
  })

  test('hears kindly of a no, of no answer, and of an opened door', async () => {
    const denied = await rings()
    await answer(denied.request, deny)
    expect(await denied.phone.look()).toContain(words.denied)
    const ignored = await rings()
    home.cloud.clock.advance(16 * 60_000)
    await home.cloud.settled()
    expect(await ignored.phone.look()).toContain(words.noAnswer)
    expect(home.cloud.told.at(-1)?.body).toMatchObject({ status: 'no-answer' })
    const opened = await rings()
    await answer(opened.request, { kind: 'open', nonce: newId(), by: 'owner@example.org' })
    expect(await opened.phone.look()).toContain(words.opened)
  })

  testProof(
    'hears when the door does not get the code, and when the code has expired',
    async () => {
      const offline = await rings()
      home.cloud.doorAnswers = false
      await answer(offline.request, allow())
      home.cloud.clock.advance(15_000)
      await home.cloud.settled()
      home.cloud.doorAnswers = true
      expect(await offline.phone.look()).toContain(words.failed)
      const slow = await rings()
      await answer(slow.request, allow())
      await home.cloud.settled()
      home.cloud.clock.advance(5 * 60_000)
      expect(await slow.phone.look()).toContain(words.expired)
    },
  )

  test('also gets a text where the owner adds a number', async () => {
    const { phone, request } = await rings()
    const before = texts()
    const { visitor } = allow()
    await answer(request, { kind: 'allow', visitor: { ...visitor, phone: '+49 170 7654321' } })
    await home.cloud.settled()
    expect(texts()).toBe(before + 1)
    expect(await phone.look()).toContain(words.code)
  })

  test('may lack a number only where their phone shows the code, and the face is not stored', async () => {
    const { request } = await rings()
    const { visitor } = allow()
    const remembered = { ...visitor, remembersFace: 'yes' }
    expect(await answer(request, { kind: 'allow', visitor: remembered })).toMatchObject({
      ...{ outcome: 'unfit', problems: { phone: 'no-way' } },
    })
    const { request: link } = await strangerRings(home)
    const seen = (await requests()).find((one) => requestId(one) === link)
    if (!seen) throw new Error('There is no request.')
    expect(await answer(seen, allow())).toMatchObject({ problems: { phone: 'no-way' } })
  })

  test('is shown to the owner with the face that was seen last', async () => {
    home.cloud.clock.advance(hourMs)
    const { visitId } = await strangerRings(home, { seed: 7 })
    const phone = visitorsPhone(home)
    await phone.scan(shownCode(home, { visitId }))
    await phone.ring('Sam')
    await home.cloud.settled()
    const [request] = await requests()
    expect(request).toMatchObject({ visitId, scan: { name: 'Sam' } })
    expect(request?.face?.key).toContain(visitId)
    const { request: id } = linkIn(mails().at(-1)?.text ?? null)
    expect(id).toBe(request && requestId(request))
    expect(mails().at(-1)?.attachments).toHaveLength(1)

    // The question about the face is answered, too, and does not end without an answer.
    expect(await requests()).toHaveLength(2)
    if (request) await answer(request, allow('Sam'))
    expect(await requests()).toEqual([])
    await home.cloud.settled()
    home.cloud.clock.advance(16 * 60_000)
    await home.cloud.settled()
    const statuses = home.cloud.told.flatMap(({ body }) =>
      body.type === 'visit-status' && body.visitId === visitId ? [body.status] : [],
    )
    expect(statuses).toEqual(['waiting-for-owner', 'waiting-for-owner', 'code-sent'])
  })

  test('loses the name that they typed when they are deleted', async () => {
    const { request } = await rings('Sam Reed')
    await answer(request, allow('Sam Reed'))
    await home.cloud.settled()
    const before = await home.cloud.deps.visitors.find(household, visitorIdOf(request))
    await home.cloud.deps.visitors.remove(household, visitorIdOf(request), home.cloud.clock.nowMs())
    await visitorChanged(home.cloud.deps, before, null)
    expect((await home.cloud.deps.approvalRequests.find(request))?.scan?.name).toBe('')
  })
})

describe('what the keypad showed', () => {
  const nothing = async (scanned: string) => {
    const phone = visitorsPhone(home)
    const response = await phone.scan(scanned)
    const { status, headers } = response
    return {
      ...{ status, location: headers.get('location'), cookie: phone.cookie() },
      page: await phone.look(),
    }
  }

  test('leads to the same page whether it is old, early, forged or of an unknown door', async () => {
    const otherKey = randomBytes(32)
    const scans = [
      shownCode(home, { afterMs: -2 * presenceWindowMs - 1 }),
      shownCode(home, { afterMs: presenceWindowMs + 6_000 }),
      shownCode(home, { key: otherKey }),
      shownCode(home, { key: home.cloud.keyOf(oakDoor) }),
      shownCode(home, { doorId: oakDoor, key: home.cloud.doorKey }),
      shownCode(home, { doorId: 'maple-street_back', key: otherKey }),
      shownCode(home, { doorId: 'elm-road_front', key: otherKey }),
      shownCode(home, { doorId: 'front', key: otherKey }),
      `${shownCode(home)}A`,
      'x'.repeat(8_000),
    ]
    const answers = await Promise.all(scans.map(nothing))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]).toMatchObject({ status: 303, location: '/ring', cookie: null })
    expect(answers[0]?.page).toContain(words.notScanned)
  })

  test('lets a phone ring for five minutes, and a photo of it for no longer than it is shown', async () => {
    const { phone, code } = await arrives()
    home.cloud.clock.advance(2 * presenceWindowMs)
    expect((await nothing(code)).cookie).toBe(null)
    home.cloud.clock.advance(3 * 60_000)
    expect(await phone.look()).toContain(words.ready)
    home.cloud.clock.advance(60_000)
    expect(await phone.look()).toContain(words.notScanned)
    await phone.ring('Sam')
    expect(await requests()).toEqual([])
  })

  test('asks once, however many phones and presses there are', async () => {
    const { phone, code } = await arrives()
    const others = [visitorsPhone(home), visitorsPhone(home)]
    for (const other of others) await other.scan(code)
    const before = mails().length
    const all = [phone, phone, phone, ...others]
    const answers = await Promise.all(all.map((one) => one.ring('Sam')))
    await home.cloud.settled()
    expect(mails()).toHaveLength(before + 1)
    expect(await requests()).toHaveLength(1)
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses.filter((status) => status === 409).length).toBeGreaterThanOrEqual(2)
    const pages = await Promise.all([phone, ...others].map((one) => one.look()))
    expect(pages.filter((page) => page.includes(words.waiting))).toHaveLength(1)
    // Later again, by the phones that were too late.
    for (const other of others) await other.ring('Sam')
    expect(mails()).toHaveLength(before + 1)
  })

  test('asks no more than a few times in one visit, and ten times an hour at one door', async () => {
    const visitId = newId()
    home.cloud.clock.advance(hourMs)
    const before = mails().length
    const ringAgain = async (inVisit: string) => {
      home.cloud.clock.advance(presenceWindowMs)
      const phone = visitorsPhone(home)
      await phone.scan(shownCode(home, { visitId: inVisit }))
      const { status } = await phone.ring('Sam')
      await home.cloud.settled()
      return status
    }
    const statuses: number[] = []
    for (let nth = 0; nth <= mostScans; nth += 1) statuses.push(await ringAgain(visitId))
    expect(statuses).toEqual([303, 303, 303, 429])
    for (let nth = 0; nth < 9; nth += 1) statuses.push(await ringAgain(newId()))
    expect(statuses.filter((status) => status === 303)).toHaveLength(9)
    expect(
      mails()
        .slice(before)
        .filter(({ text }) => text?.includes('#r=')),
    ).toHaveLength(9)
  })

  test('asks no one who was turned away in this visit', async () => {
    const { request } = await rings()
    await answer(request, deny)
    const before = mails().length
    home.cloud.clock.advance(presenceWindowMs)
    const phone = visitorsPhone(home)
    await phone.scan(shownCode(home, { visitId: request.visitId }))
    expect(await phone.look()).toContain(words.denied)
    await phone.ring('Sam')
    await home.cloud.settled()
    expect(mails()).toHaveLength(before)
  })
})

describe('the ticket of a scan', () => {
  test('is of no use to others: changed, of another door, or without the secret', async () => {
    const { phone, request } = await rings()
    const cookie = phone.cookie() ?? ''
    const { origin } = home
    const look = async (changed: string) =>
      (await fetch(`${origin}/ring`, { headers: { cookie: changed } })).text()
    expect(await look(cookie)).toContain(words.waiting)
    const parts = cookie.split('.')
    for (const [at, part] of parts.entries()) {
      const last = part.endsWith('A') ? 'B' : 'A'
      const changed = parts.with(at, `${part.slice(0, -1)}${last}`).join('.')
      expect(await look(changed)).toContain(words.notScanned)
    }
    expect(JSON.stringify(request)).not.toContain(parts.at(-2))
    expect(home.logged()).not.toContain(parts.at(-2))
  })

  test('stays with its question when the same phone scans again', async () => {
    const { phone, request } = await rings()
    const cookie = phone.cookie()
    home.cloud.clock.advance(presenceWindowMs)
    await phone.scan(shownCode(home, { visitId: request.visitId }))
    expect(phone.cookie()).toBe(cookie)
    await answer(request, deny)
    await phone.scan(shownCode(home))
    expect(phone.cookie()).not.toBe(cookie)
  })

  test('is a cookie that no script reads, and no address has it', async () => {
    const phone = visitorsPhone(home)
    const response = await phone.scan(shownCode(home))
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-ring=\S+; Max-Age=1800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(response.headers.get('location')).toBe('/ring')
    expect(await response.text()).not.toContain(phone.cookie())
  })
})

describe('the form', () => {
  test.each(['https://evil.example', 'null', ''])('refuses a post from %j', async (from) => {
    const { phone } = await arrives()
    await phone.ring('Sam', { origin: from, 'sec-fetch-site': 'cross-site' })
    await home.cloud.settled()
    expect(await requests()).toEqual([])
    expect(await phone.look()).toContain(words.ready)
  })

  test.each([
    ['', 'missing'],
    ['   ', 'missing'],
    ['x'.repeat(61), 'unfit'],
    ['Sam\u202eReed', 'unfit'],
    ['Sam\nReed', 'unfit'],
  ] as const)('refuses the name %j and shows what was typed', async (name, problem) => {
    const { phone } = await arrives()
    const response = await phone.ring(name)
    const page = await response.text()
    expect(response.status).toBe(422)
    expect(page).toContain(translations.en.approvalPage.problems[problem])
    expect(page).toContain('aria-invalid="true"')
    expect(await requests()).toEqual([])
  })

  test('shows a name as text, and refuses a long body', async () => {
    const { phone } = await arrives()
    const markup = '<script>alert(1)</script>'.repeat(3)
    expect(await (await phone.ring(markup)).text()).not.toContain('<script>alert')
    expect((await phone.ring('x'.repeat(5_000))).status).toBe(413)
    await phone.ring('<b>Sam</b>')
    await home.cloud.settled()
    expect(mails().at(-1)?.html).toContain('&lt;b&gt;Sam&lt;/b&gt;')
  })
})

test('the page is in the phone’s language, needs no script, and names no door and no one', async () => {
  for (const language of languages) {
    const { phone } = await arrives()
    const headers = { 'accept-language': language }
    const form = await phone.look(headers)
    const { ready, ring, waiting } = translations[language].ringPage
    expect(form).toContain(`<html lang="${language}">`)
    expect(form).toContain(ready)
    expect(form).toContain(`>${ring}</button>`)
    await phone.ring('Sam', headers)
    const page = await phone.look(headers)
    expect(page).toContain(waiting)
    expect(page).toContain('<noscript><meta http-equiv="refresh"')
    for (const text of [form, page]) {
      expect(text).not.toMatch(/Front door|Maple|maple|owner@|Robin/)
      expect(text.match(/ (?:src|href|action)="[^"]*"/g)?.toSorted()).toEqual(
        [
          ...(text === form ? [' action="/ring"'] : []),
          ...[' href="/ring/page.css"', ' href="/you"', ' href="data:,"', ' src="/ring/page.js"'],
        ].toSorted(),
      )
    }
  }
})

test('headers allow no other source, and no copy', async () => {
  const { phone } = await arrives()
  const response = await fetch(`${home.origin}/ring`, {
    headers: { cookie: phone.cookie() ?? '' },
  })
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('referrer-policy')).toBe('same-origin')
})
