/** Signing in and out, and the front page, over HTTP. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inviteMember, removeMember } from '../../../cloud/members/invitations.ts'
import { translations } from '../../../cloud/translations/translations.ts'
import { FormBrowser } from '../../../simulation/cloud/form-browser.ts'
import { household, mapleStreet } from '../../support/cloud/cloud-home.ts'
import { firstSignIn, type MemberHome, memberHome } from '../../support/cloud/member-home.ts'

const words = translations.en.signInPage
let home: MemberHome
beforeEach(async () => {
  home = await memberHome()
})
afterEach(() => home.close())

const deps = () => ({ ...home.cloud.deps, accounts: home.accounts })
const doors = (browser: FormBrowser, init: RequestInit = {}) =>
  browser.fetch(`${home.origin}/v1/doors`, init)

describe('a browser that is not signed in', () => {
  test('gets a page with one link', async () => {
    const browser = new FormBrowser()
    await browser.open(`${home.origin}/`)
    expect([browser.status, browser.text.match(/href="[^"]*"/g)]).toEqual([
      200,
      ['href="data:,"', 'href="/sign-in/page.css"', 'href="/sign-in"'],
    ])
  })

  test('reads the page in its own language', async () => {
    for (const [language, { signInPage }] of Object.entries(translations)) {
      const browser = new FormBrowser()
      await browser.open(`${home.origin}/`, { headers: { 'accept-language': language } })
      expect(browser.text).toContain(signInPage.welcome)
    }
  })

  test('has no access', async () => {
    expect((await doors(new FormBrowser())).status).toBe(401)
  })
})

test('an invited owner signs in with a new password, and is a member', async () => {
  const browser = await firstSignIn(home)
  expect(browser.url).toBe(`${home.origin}/`)
  expect(browser.text).toContain(mapleStreet.name)
  expect(browser.text).toContain('Front door')
  await browser.open(`${home.origin}/more`)
  expect(browser.text).toContain('owner@example.org')
  expect(await (await doors(browser)).json()).toMatchObject({ doors: [{ name: 'Front door' }] })
  const [member, ...more] = await home.cloud.deps.households.members(household)
  expect([member?.email, more]).toEqual(['owner@example.org', []])
})

test('its cookies cannot be read by scripts, nor be sent by or to other sites', async () => {
  const { setCookies } = await firstSignIn(home)
  const ours = setCookies.filter((cookie) => cookie.startsWith('__Host-'))
  expect(ours.map((cookie) => cookie.split('=')[0])).toEqual([
    ...['__Host-sign-in', '__Host-sign-in', '__Host-session', '__Host-session-renewal'],
  ])
  for (const cookie of ours) expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
})

describe('a session', () => {
  test('lasts longer than its tokens, and ends when it is revoked', async () => {
    const browser = await firstSignIn(home)
    home.cloud.clock.advance(2 * 3_600_000)
    expect((await doors(browser)).status).toBe(200)
    home.cloud.clock.advance(31 * 86_400_000)
    expect((await doors(browser)).status).toBe(401)
    expect(browser.cookies(home.origin)).not.toContain('__Host-session')
  })

  test('may change something only from our own pages', async () => {
    const browser = await firstSignIn(home)
    const unlock = (headers: Record<string, string>) =>
      browser.fetch(`${home.origin}/v1/doors/maple-street_front/unlock`, {
        method: 'POST',
        headers,
      })
    expect((await unlock({})).status).toBe(401)
    expect((await unlock({ origin: 'https://elsewhere.example' })).status).toBe(401)
    expect((await unlock({ origin: home.origin, 'sec-fetch-site': 'cross-site' })).status).toBe(401)
    expect((await unlock({ origin: home.origin, 'sec-fetch-site': 'same-origin' })).status).toBe(
      202,
    )
  })

  test('ends with signing out, here and at the login pages', async () => {
    const browser = await firstSignIn(home)
    const before = browser.cookies(home.origin)
    await browser.open(`${home.origin}/more`)
    await browser.submit({})
    expect(browser.text).toContain(words.welcome)
    expect(browser.cookies(home.origin)).not.toContain('__Host-session')
    await browser.open(`${home.origin}/sign-in`)
    expect(browser.text).toContain('Password')
    // Copied cookies have ended too, and so has the token by itself.
    const token = /__Host-session=([^;]+)/.exec(before)?.[1]
    for (const headers of [{ cookie: before }, { authorization: `Bearer ${token}` }]) {
      expect((await fetch(`${home.origin}/v1/doors`, { headers })).status).toBe(401)
    }
  })

  test('is not ended by another site', async () => {
    const browser = await firstSignIn(home)
    const headers = { origin: 'https://elsewhere.example' }
    await browser.fetch(`${home.origin}/sign-out`, { method: 'POST', headers })
    expect((await doors(browser)).status).toBe(200)
  })
})

describe('a sign-in is refused', () => {
  const refusedFor = async (browser: FormBrowser, query: string) => {
    await browser.open(`${home.origin}/signed-in?${query}`)
    expect([browser.status, browser.text.includes(words.failed)]).toEqual([400, true])
    expect((await doors(browser)).status).toBe(401)
  }

  test('with a code that another browser asked for', async () => {
    const other = new FormBrowser()
    await other.open(`${home.origin}/sign-in`)
    const state = new URL(other.url).searchParams.get('state')
    await refusedFor(new FormBrowser(), `code=abc&state=${state}`)
  })

  test.each(['code=abc&state=other', 'error=access_denied', 'code=abc'])(
    'with %s',
    async (query) => {
      const browser = new FormBrowser()
      await browser.open(`${home.origin}/sign-in`)
      await refusedFor(browser, query)
    },
  )

  test('with a code that is not valid', async () => {
    const browser = new FormBrowser()
    await browser.open(`${home.origin}/sign-in`)
    await refusedFor(browser, `code=abc&state=${new URL(browser.url).searchParams.get('state')}`)
  })
})

test('a removed member is out at once, and cannot sign in again', async () => {
  const invitation = {
    household,
    email: 'max@example.org',
    language: 'en',
    role: 'member',
  } as const
  expect(await inviteMember(deps(), invitation)).toEqual({ outcome: 'invited' })
  const browser = await firstSignIn(home)
  expect((await doors(browser)).status).toBe(200)
  expect(await removeMember(deps(), invitation)).toEqual({ outcome: 'removed' })
  expect((await doors(browser)).status).toBe(401)
  await browser.open(`${home.origin}/`)
  expect([browser.status, browser.text.includes(words.noMember)]).toEqual([403, true])
  home.cloud.clock.advance(3_600_000)
  await browser.open(`${home.origin}/sign-in`)
  await browser.submit({ username: invitation.email, password: 'Correct-horse-9' })
  expect(browser.text).toContain('Incorrect username or password.')
})

test('no secret of a sign-in is logged', async () => {
  const browser = await firstSignIn(home)
  for (const pair of browser.cookies(home.origin).split('; ')) {
    expect(home.logged()).not.toContain(pair.split('=')[1])
  }
  expect(home.logged()).not.toContain('owner@example.org')
})
