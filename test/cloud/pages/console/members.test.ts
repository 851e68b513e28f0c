/** Members: inviting, roles, sessions and removal, over HTTP and with the real sign-in. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deviceName } from '../../../../cloud/members/core/device-name.ts'
import { joinHousehold } from '../../../../cloud/members/join.ts'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import type { FormBrowser } from '../../../../simulation/cloud/form-browser.ts'
import { household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome, people } from '../../../support/cloud/console-home.ts'
import { firstSignIn, type MemberHome, memberHome } from '../../../support/cloud/member-home.ts'

const words = consoleWords.en.members

describe('as pages', () => {
  let home: ConsoleHome
  beforeAll(async () => {
    home = await consoleHome()
  })
  afterAll(() => home.close())

  const found = async () => (await home.cloud.deps.households.find(household)) ?? { owners: [] }
  const invitations = () => home.cloud.aws.cognito.invitations
  const invite = (fields: Record<string, string>) =>
    home.send('/members/invite', { nonce: newId(), role: 'member', language: 'en', ...fields })
  const join = (email: string, memberId = newId()) =>
    joinHousehold(home.cloud.deps, { memberId, email, isEmailVerified: true, household })
  const roleOf = async (memberId: string) =>
    (await home.cloud.deps.households.member(household, memberId))?.role

  test('a person who is invited joins in the role of the invitation', async () => {
    const email = 'kim@example.org'
    expect(await invite({ email, role: 'viewer', language: 'de' })).toMatchObject({
      ...{ status: 303, location: '/members' },
    })
    expect(invitations().at(-1)?.to).toEqual([email])
    expect((await home.open('/members')).text).toContain(email)
    await join(email, 'kim')
    const kim = { role: 'viewer', language: 'de', email }
    expect(await home.cloud.deps.households.member(household, 'kim')).toMatchObject(kim)
    const { text } = await home.open('/members')
    expect(text).not.toContain(words.inviteAgain)
    expect(text).toContain('href="/members/kim"')
  })

  test('an invited owner gets the mails of the household', async () => {
    await invite({ email: 'olga@example.org', role: 'owner', language: 'de' })
    expect((await found()).owners).toContainEqual({ email: 'olga@example.org', language: 'de' })
    const { text } = await home.open('/members')
    expect(text).toContain(words.inviteAgain)
    await home.send('/members/cancel', { email: 'OLGA@example.org' })
    expect((await found()).owners.map(({ email }) => email)).toEqual(['owner@example.org'])
    expect(home.cloud.aws.cognito.accounts()).not.toContain('olga@example.org')
  })

  test('an invitation that cannot be sent keeps what was typed', async () => {
    const before = invitations().length
    const problems = {
      'not an address<': words.problems.address,
      'owner@oak.example': words.problems.elsewhere,
    }
    for (const [email, sentence] of Object.entries(problems)) {
      const { status, text } = await invite({ email, role: 'owner' })
      expect([email, status, text.includes(sentence)]).toEqual([email, 422, true])
      expect(text).toContain(`value="${email.replace('<', '&lt;')}"`)
      expect(text).toMatch(/value="owner" selected/)
    }
    expect(invitations()).toHaveLength(before)
    expect((await found()).owners).toHaveLength(1)
  })

  test('a form that is sent twice invites once, and a day has a limit', async () => {
    const before = invitations().length
    const nonce = newId()
    for (const _ of [1, 2]) await invite({ email: 'twice@example.org', nonce })
    expect(invitations()).toHaveLength(before + 1)
    let status = 303
    for (let nth = 0; nth < 12 && status === 303; nth += 1) {
      status = (await invite({ email: `${nth}@example.org` })).status
    }
    expect(status).toBe(422)
  })

  test('only an owner changes a role, and the last owner stays one', async () => {
    expect((await home.send('/members/max/role', { role: 'owner' }, 'member')).status).toBe(403)
    const { status, text } = await home.send('/members/olivia/role', { role: 'viewer' })
    expect([status, text.includes(words.lastOwner)]).toEqual([409, true])
    expect((await home.send('/members/olivia/remove', {})).status).toBe(409)
    await home.send('/members/max/role', { role: 'owner' })
    const emails = ['owner@example.org', 'member@example.org']
    expect((await found()).owners.map(({ email }) => email)).toEqual(emails)
    expect((await home.open('/members/vera', 'member')).status).toBe(200)
    await home.send('/members/max/role', { role: 'member' })
    expect((await found()).owners).toHaveLength(1)
    expect(await roleOf('max')).toBe('member')
    expect((await home.open('/members/vera', 'member')).status).toBe(403)
  })

  test('two owners cannot take each other’s role away at once', async () => {
    await home.send('/members/max/role', { role: 'owner' })
    await Promise.all([
      home.send('/members/max/role', { role: 'member' }, 'owner'),
      home.send('/members/olivia/role', { role: 'member' }, 'member'),
    ])
    expect((await found()).owners).toHaveLength(1)
    for (const id of ['olivia', 'max']) {
      await home.send(
        `/members/${id}/role`,
        { role: id === 'olivia' ? 'owner' : 'member' },
        'owner',
      )
      await home.send(
        `/members/${id}/role`,
        { role: id === 'olivia' ? 'owner' : 'member' },
        'member',
      )
    }
  })

  test('signing out everywhere ends sessions at once, also copies of the cookies', async () => {
    const { deps } = home.cloud
    const startedAtMs = deps.clock.nowMs()
    const session = { household, memberId: 'vera', session: 'one', startedAtMs }
    await deps.households.startSession({ ...session, device: 'Safari, iPhone' })
    expect((await home.open('/members/vera')).text).toContain('Safari, iPhone')
    const copied = await home.cookiesOf('viewer')
    // Tokens are issued in real time.
    home.cloud.clock.advance(120_000)
    await home.send('/members/vera/sign-out', {})
    const cookie = copied.map(({ name, value }) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${home.origin}/members`, {
      headers: { cookie },
      redirect: 'manual',
    })
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      '/sign-in?back=%2Fmembers',
    ])
    const api = await fetch(`${home.origin}/v1/visitors`, { headers: { cookie } })
    expect(api.status).toBe(401)
    expect((await home.open('/members/vera')).text).toContain(words.noSessions)
  })

  test('a member ends a session of their own, and no other', async () => {
    const { deps } = home.cloud
    const startedAtMs = deps.clock.nowMs()
    for (const memberId of ['max', 'olivia']) {
      const session = { household, memberId, session: `of-${memberId}`, startedAtMs }
      await deps.households.startSession({ ...session, device: 'Firefox, Linux' })
    }
    for (const memberId of ['max', 'olivia']) {
      await home.send('/sessions/end', { session: `of-${memberId}` }, 'member')
    }
    const left = async (of: string) => (await deps.households.sessions(household, of)).length
    expect([await left('max'), await left('olivia')]).toEqual([0, 1])
  })

  test('no member of another household is shown, changed or removed', async () => {
    const { households } = home.cloud.deps
    for (const path of ['role', 'remove', 'sign-out']) {
      await home.send(`/members/oskar/${path}`, { ...(path === 'role' && { role: 'viewer' }) })
      expect((await households.member('oak-lane', 'oskar'))?.role).toBe(people.stranger.role)
    }
    await home.send('/members/cancel', { email: 'owner@oak.example' })
    expect((await households.find('oak-lane'))?.owners).toHaveLength(1)
    expect((await home.open('/members')).text).not.toContain('stranger@')
  })
})

describe('with a sign-in', () => {
  let home: MemberHome
  let browser: FormBrowser
  beforeEach(async () => {
    home = await memberHome()
    browser = await firstSignIn(home)
  })
  afterEach(() => home.close())

  test('a removed member is out at once, and does not come back', async () => {
    const { households } = home.cloud.deps
    const [owner] = await households.members(household)
    expect(owner?.role).toBe('owner')
    const [session] = await households.sessions(household, owner?.memberId ?? '')
    expect(session?.device).toBe('Browser')
    await browser.open(`${home.origin}/members`)
    await households.removeMember(household, owner?.memberId ?? '', home.cloud.clock.nowMs())
    await browser.open(`${home.origin}/members`)
    expect(browser.status).toBe(403)
    const account = { memberId: owner?.memberId ?? '', email: 'owner@example.org', household }
    await joinHousehold(home.cloud.deps, { ...account, isEmailVerified: true })
    expect(await households.members(household)).toEqual([])
  })
})

test.each([
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
    'Safari, iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36',
    'Chrome, Android',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0',
    'Edge, Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox, Linux'],
  ['<script>', 'Browser'],
])('%s is called %s', (agent, name) => expect(deviceName(agent)).toBe(name))
