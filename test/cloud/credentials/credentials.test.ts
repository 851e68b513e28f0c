/** Standing credentials from the order of an owner to the door and back, over the real functions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendAgain, withdraw } from '../../../cloud/credentials/change-credential.ts'

import type { StandingCredential } from '../../../cloud/credentials/core/credential.ts'
import {
  type AskedCredential,
  credentialCommands,
} from '../../../cloud/credentials/owner-credentials.ts'
import type { CloudBody } from '../../../protocol/messages/cloud.ts'
import { derivePasscode, passcodeTag } from '../../../protocol/passcode.ts'
import { newVisitor } from '../../contracts/tables/examples.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  household,
  newId,
} from '../../support/cloud/cloud-home.ts'

const door = { household, doorId }
const always = { expiresAtMs: null, weeklyHours: [], visits: null }
let home: CloudHome
let owner: ReturnType<typeof credentialCommands>
beforeAll(async () => {
  home = await cloudHome()
  owner = credentialCommands(home.deps)
})
afterAll(() => home.close())

const pinOf = (pin: string, changes: Partial<AskedCredential> = {}): AskedCredential =>
  ({
    ...{ door, formId: newId(), purpose: 'pin', pin, by: 'olivia', second: null },
    holder: { visitorId: newId(), name: 'Amara Okafor', language: 'en' },
    validity: { notBeforeMs: home.clock.nowMs(), ...always },
    ...changes,
  }) as AskedCredential

async function given(asked: AskedCredential): Promise<StandingCredential> {
  const answer = await owner.set(asked)
  if (answer.outcome !== 'set') throw new Error(`Not set: ${JSON.stringify(answer)}`)
  await home.settled()
  home.clock.advance(1_000)
  return answer.credential
}
/** Another day, so that no test meets the limit of another. */
const nextDay = () => home.clock.advance(25 * 3_600_000)
const find = (ref: StandingCredential) => home.deps.credentials.find(ref)
const sentSince = (nth: number): CloudBody[] => home.told.slice(nth).map(({ body }) => body)
const resync = async () => {
  const before = home.told.length
  await home.says({ type: 'resync-wanted', ask: newId(), cause: 'started', lastCommandSeq: 0 })
  await home.settled()
  return sentSince(before).flatMap((body) => (body.type === 'state' ? [body] : []))
}

describe('a PIN', () => {
  test('goes to the door as a keyed hash, and is stored nowhere', async () => {
    nextDay()
    const before = home.told.length
    const credential = await given(pinOf('83514702'))
    const tag = passcodeTag(home.doorKey, '83514702').toString('hex')
    expect(sentSince(before)).toMatchObject([
      { type: 'grant', credential: { kind: 'standing', tag, digits: 8, visitId: null, flags: [] } },
    ])
    const stored = await find(credential)
    expect(stored).toMatchObject({ tag, storedAtMs: home.clock.nowMs() - 1_000 })
    expect(JSON.stringify(stored)).not.toContain('83514702')
  })

  test('replaces the old one only when the door has it', async () => {
    nextDay()
    const holder = { visitorId: newId(), name: 'Kim', language: 'de' as const }
    const first = await given(pinOf('4920173', { holder }))
    home.doorAnswers = false
    const second = await given(pinOf('7305182', { holder }))
    expect(await find(first)).toMatchObject({ withdrawn: null })
    const third = await given(pinOf('9041863', { holder }))
    // The second never reached the door, so nothing needs it.
    expect(await find(second)).toMatchObject({ withdrawn: { why: 'a new PIN was set' } })
    expect(await find(first)).toMatchObject({ withdrawn: null })
    home.doorAnswers = true
    const before = home.told.length
    await sendAgain(home.deps, third)
    await home.settled()
    expect(sentSince(before).map(({ type }) => type)).toEqual(['grant', 'revoke-grant'])
    expect(await find(first)).toMatchObject({ withdrawn: { why: 'a new PIN was set' } })
    expect(await find(third)).toMatchObject({ withdrawn: null })
  })

  test('is set once by a form that is sent twice', async () => {
    nextDay()
    const asked = pinOf('50318264')
    const first = await given(asked)
    expect(await given(asked)).toMatchObject({ grantId: first.grantId })
    expect(await owner.set({ ...asked, pin: '50318265' } as AskedCredential)).toEqual({
      outcome: 'sent-before',
    })
  })

  test('cannot be that of another, and few tries end a search', async () => {
    nextDay()
    await given(pinOf('61920384'))
    const attacker = { visitorId: newId(), name: 'Mallory', language: 'en' as const }
    const outcomes: string[] = []
    for (let nth = 0; nth < 12; nth += 1) {
      const asked = pinOf(nth % 2 ? '61920384' : `7192038${nth % 10}`, { holder: attacker })
      outcomes.push((await owner.set(asked)).outcome)
    }
    expect(outcomes.slice(0, 2)).toEqual(['set', 'in-use'])
    expect(outcomes.slice(9)).toEqual(['too-many-tries', 'too-many-tries', 'too-many-tries'])
    home.clock.advance(3_600_000)
    expect((await owner.set(pinOf('61920384', { holder: attacker }))).outcome).toBe('in-use')
  })

  test.each([
    ['12345678', 'too-easy'],
    ['00000000', 'too-easy'],
    ['98765432', 'too-easy'],
    ['47474747', 'too-easy'],
    ['12a45678', 'not-digits'],
    ['', 'missing'],
    ['12345', 'too-short'],
    ['12345678901', 'too-long'],
  ])('%j is refused: %s', async (pin, flaw) => {
    expect(await owner.set(pinOf(pin))).toMatchObject({ outcome: 'unfit', flaw: { flaw } })
  })

  test('is never that of a live one-time code', async () => {
    nextDay()
    const visitor = newVisitor(household, { name: 'Kim Lake', remembersFace: false })
    await home.deps.visitors.put(visitor)
    const { sendCode } = (await import('../../../cloud/doors/owner-commands.ts')).ownersCommands(
      home.deps,
    )
    const before = home.told.length
    await sendCode(door, visitor.visitorId)
    const grant = sentSince(before).find(({ type }) => type === 'grant')
    const grantId = grant?.type === 'grant' ? grant.credential.grantId : ''
    const code = derivePasscode(home.doorKey, grantId, 8)
    expect((await owner.set(pinOf(code))).outcome).toBe('in-use')
    await home.settled()
    home.clock.advance(300_001)
    expect((await owner.set(pinOf(code))).outcome).toBe('set')
  })
})

describe('the code of a guest', () => {
  const guest = (changes: Partial<AskedCredential> = {}) => {
    const nowMs = home.clock.nowMs()
    const validity = { ...always, notBeforeMs: nowMs, expiresAtMs: nowMs + 3_600_000 }
    return pinOf('', { purpose: 'guest', validity, ...changes } as Partial<AskedCredential>)
  }

  test('can be shown again, and works until it is withdrawn', async () => {
    nextDay()
    const credential = await given(guest())
    const code = derivePasscode(home.doorKey, credential.grantId, credential.digits)
    expect(await owner.codeOf(credential)).toBe(code)
    const [state] = await resync()
    const listed = () => state?.credentials.map(({ grantId }) => grantId)
    expect(listed()).toContain(credential.grantId)
    await owner.withdraw(credential)
    const { credentials } = await owner.ofDoor(door)
    const shown = credentials.find((one) => one.credential.grantId === credential.grantId)
    expect(shown?.delivery).toEqual({ is: 'withdrawing', why: 'offline' })
    const [after] = await resync()
    expect(after?.credentials.map(({ grantId }) => grantId)).not.toContain(credential.grantId)
    await home.says({
      ...{ type: 'grant-revoked', grantId: credential.grantId, was: 'live', reason: 'test' },
    })
    expect(await find(credential)).toMatchObject({ goneAtMs: home.clock.nowMs() })
  })

  test('needs an end', async () => {
    const nowMs = home.clock.nowMs()
    const at = (expiresAtMs: number | null) => ({ ...always, notBeforeMs: nowMs, expiresAtMs })
    const flawOf = async (expiresAtMs: number | null) =>
      owner.set(guest({ validity: at(expiresAtMs) }))
    expect(await flawOf(null)).toMatchObject({ flaw: 'no-end' })
    expect(await flawOf(nowMs)).toMatchObject({ flaw: 'end-passed' })
    expect(await flawOf(nowMs + 400 * 86_400_000)).toMatchObject({ flaw: 'too-far' })
  })

  test('changes its terms under the same id, with a later number', async () => {
    nextDay()
    const credential = await given(guest())
    const before = home.told.length
    const validity = { ...credential.validity, visits: 2 }
    expect(await owner.changeTerms(credential, { validity, second: null })).toEqual({
      outcome: 'stored',
    })
    const [grant] = home.told.slice(before)
    expect(grant?.body).toMatchObject({ type: 'grant', credential: { validity: { visits: 2 } } })
    await home.settled()
    expect(await find(credential)).toMatchObject({ revision: 2, storedAtMs: home.clock.nowMs() })
    await owner.withdraw(credential)
    expect(await owner.changeTerms(credential, credential)).toEqual({ outcome: 'over' })
  })

  test('is refused by the door for a reason that the owner sees', async () => {
    nextDay()
    home.doorAnswers = false
    const credential = await given(guest())
    const shown = async () =>
      (await owner.ofDoor(door)).credentials.find(
        (one) => one.credential.grantId === credential.grantId,
      )?.delivery
    expect(await shown()).toEqual({ is: 'waiting' })
    home.clock.advance(60_000)
    expect(await shown()).toEqual({ is: 'no-answer', why: 'offline' })
    const mails = home.aws.mailbox.length
    const { grantId } = credential
    await home.says({ type: 'grant-refused', grantId, reason: 'too-easy-to-guess' })
    expect(await shown()).toEqual({ is: 'refused', reason: 'too-easy-to-guess' })
    expect(home.aws.mailbox).toHaveLength(mails)
    await home.says({
      type: 'grant-stored',
      grantId,
      visitId: null,
      visitorId: credential.visitorId,
    })
    expect(await shown()).toEqual({ is: 'stored' })
    home.doorAnswers = true
  })

  test('counts its visits, however often the door says so', async () => {
    nextDay()
    const credential = await given(guest())
    const { grantId, visitorId } = credential
    const visitId = newId()
    const entry = {
      type: 'entry-accepted',
      origin: 'keypad',
      credential: 'standing',
      ...{ grantId, visitorId, visitId, holdMs: 5_000 },
    } as const
    await home.says({ ...entry })
    await home.says({ ...entry })
    await home.says({ ...entry, visitId: newId() })
    expect((await find(credential))?.uses).toMatchObject({ visits: 2 })
    const visit = await home.deps.visits.find({ ...door, visitId })
    expect(visit?.timeline[0]).toMatchObject({ what: 'code-accepted', why: 'the code of a guest' })
  })
})

describe('people', () => {
  const addPerson = async (name: string) => {
    const visitor = newVisitor(household, { name, remembersFace: false })
    await home.deps.visitors.put(visitor)
    await home.settled()
    return visitor
  }
  const pinFor = (
    { visitorId, name, language }: Awaited<ReturnType<typeof addPerson>>,
    pin: string,
  ) => given(pinOf(pin, { holder: { visitorId, name, language } }))

  test('who are blocked or deleted lose what they have, and their name', async () => {
    nextDay()
    const [kim, lee] = [await addPerson('Kim'), await addPerson('Lee')]
    const [pin, other] = [await pinFor(kim, '7040918'), await pinFor(lee, '7193055')]
    const stored = await home.deps.visitors.find(household, kim.visitorId)
    await home.deps.visitors.put({ ...(stored ?? kim), blocked: true })
    await home.settled()
    expect(await find(pin)).toMatchObject({
      withdrawn: { why: 'the visitor was blocked' },
      name: 'Kim',
    })
    await home.deps.visitors.remove(household, lee.visitorId, home.clock.nowMs())
    await home.deps.visitors.remove(household, kim.visitorId, home.clock.nowMs())
    await home.settled()
    expect(await find(other)).toMatchObject({
      withdrawn: { why: 'the visitor was deleted' },
      name: '',
    })
    expect(await find(pin)).toMatchObject({ name: '' })
  })

  test('whose welcome ends lose what they have with it', async () => {
    nextDay()
    const kim = await addPerson('Kim')
    const pin = await pinFor(kim, '7620418')
    const inHours = (hours: number) => home.clock.nowMs() + hours * 3_600_000
    const welcome = async (welcomeUntilMs: number) => {
      const stored = await home.deps.visitors.find(household, kim.visitorId)
      await home.deps.visitors.put({ ...(stored ?? kim), welcomeUntilMs })
      await home.settled()
    }
    const untilMs = inHours(5)
    await welcome(untilMs)
    expect(await find(pin)).toMatchObject({ validity: { expiresAtMs: untilMs }, withdrawn: null })
    const holder = { visitorId: kim.visitorId, name: 'Kim', language: 'en' as const }
    expect((await given(pinOf('7620481', { holder }))).validity.expiresAtMs).toBe(untilMs)
    await welcome(inHours(-1))
    for (const one of (await owner.ofDoor(door)).credentials) {
      if (one.credential.visitorId === kim.visitorId)
        expect(one.credential.withdrawn).not.toBeNull()
    }
    expect(await owner.set(pinOf('7620499', { holder }))).toMatchObject({ flaw: 'end-passed' })
  })

  test('who turn out to be one keep what each has, and lose it together', async () => {
    nextDay()
    const [kept, gone] = [await addPerson('Kim Lake'), await addPerson('K. Lake')]
    const pin = await pinFor(gone, '7590264')
    const { mergeVisitors } = await import('../../../cloud/visitors/merge-visitors.ts')
    await mergeVisitors(home.deps, household, kept.visitorId, gone.visitorId)
    await home.settled()
    expect(await find(pin)).toMatchObject({ withdrawn: null, name: 'Kim Lake' })
    const [state] = await resync()
    const listed = state?.credentials.find(({ grantId }) => grantId === pin.grantId)
    expect(listed?.holder).toMatchObject({ visitorId: gone.visitorId, name: 'Kim Lake' })
    await home.deps.visitors.remove(household, kept.visitorId, home.clock.nowMs())
    await home.settled()
    expect(await find(pin)).toMatchObject({
      withdrawn: { why: 'the visitor was deleted' },
      name: '',
    })
  })
})

test('a door that does not know them is sent none, and the owner sees why', async () => {
  nextDay()
  const credential = await given(pinOf('20581936'))
  const known = await home.deps.introductions.find(door)
  if (!known) throw new Error('The door did not introduce itself.')
  const old = { ...known, capabilities: ['time', 'state', 'grant', 'credential:one-time'] }
  await home.deps.introductions.put(door, old)
  home.clock.advance(61_000)
  const [state] = await resync()
  expect(state?.credentials.filter(({ kind }) => kind === 'standing')).toEqual([])
  const { credentials } = await owner.ofDoor(door)
  expect(credentials[0]?.credential.grantId).toBe(credential.grantId)
  const waiting = await owner.set(pinOf('20581947'))
  expect(waiting.outcome).toBe('set')
  const [newest] = (await owner.ofDoor(door)).credentials
  expect(newest?.delivery).toEqual({ is: 'no-answer', why: 'too-old' })
  await home.deps.introductions.put(door, known)
  home.clock.advance(61_000)
})

test('those of a key that was replaced are withdrawn at the next resync', async () => {
  nextDay()
  const credential = await given(pinOf('91827305'))
  await withdrawEveryOther(credential)
  const tables = home.deps.credentials
  const old = { ...credential, keyMark: 'another', grantId: newId(), tag: '7'.repeat(64) }
  expect(await tables.add(old)).toBe('added')
  const [state] = await resync()
  expect(state?.credentials.map(({ grantId }) => grantId)).toEqual([credential.grantId])
  expect(await find(old)).toMatchObject({ withdrawn: { why: 'the key of the door was replaced' } })
})

test('one that begins in the past begins now, since a door could have forgotten its uses', async () => {
  nextDay()
  const validity = { ...always, visits: 1, notBeforeMs: 1 }
  const nowMs = home.clock.nowMs()
  const credential = await given(pinOf('91827327', { validity }))
  expect(credential.validity.notBeforeMs).toBe(nowMs)
})

test('one that no door would understand does not keep the others from it', async () => {
  nextDay()
  const credential = await given(pinOf('91827316'))
  await withdrawEveryOther(credential)
  const odd = { ...credential, name: 'Ada \u202e', grantId: newId(), tag: '8'.repeat(64) }
  expect(await home.deps.credentials.add(odd)).toBe('added')
  const [state] = await resync()
  expect(state?.credentials.map(({ grantId }) => grantId)).toEqual([credential.grantId])
})

async function withdrawEveryOther({ grantId }: StandingCredential) {
  for (const one of await home.deps.credentials.ofDoor(door)) {
    if (one.grantId !== grantId) await withdraw(home.deps, one, { why: 'test' })
  }
  await home.settled()
}

test('the door learns who was recognised only for those whose credential takes their face', async () => {
  nextDay()
  const { sendVisitorSeen } = await import('../../../cloud/credentials/visitor-seen.ts')
  const [kim, lee] = ['Kim', 'Lee'].map((name) =>
    newVisitor(household, { name, merged: [newId()] }),
  )
  if (!kim || !lee) throw new Error('There are none.')
  const visitorId = kim.merged?.[0] ?? ''
  const holder = { visitorId, name: 'Kim', language: 'en' as const }
  const taking = await given(pinOf('73920518', { holder, second: 'face' }))
  await given(pinOf('83920517', { holder: { ...holder, visitorId: lee.visitorId } }))
  const visitId = newId()
  const before = home.told.length
  for (const one of [kim, lee]) await sendVisitorSeen(home.deps, { ...door, visitId }, one)
  expect(sentSince(before)).toMatchObject([{ type: 'visitor-seen', visitId, visitorId }])
  await owner.withdraw(taking)
  const after = home.told.length
  await sendVisitorSeen(home.deps, { ...door, visitId }, kim)
  expect(sentSince(after)).toEqual([])
})
