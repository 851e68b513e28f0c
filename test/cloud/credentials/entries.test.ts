/** What follows when a PIN or another code opens a door: who is notified, and what a visit shows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { usualNotices } from '../../../cloud/notices/core/notice-settings.ts'
import { newCredential, newVisitor, tagOf } from '../../contracts/tables/examples.ts'
import { doorId, household, newId } from '../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../support/cloud/console-home.ts'
import { strangerRings } from '../../support/cloud/web-home.ts'

let home: ConsoleHome
const door = { household, doorId }
const kim = newVisitor(household, {
  name: 'Kim Lake',
  contact: { prefers: 'email', phone: null, email: 'Owner@example.org' },
  remembersFace: false,
})
beforeAll(async () => {
  home = await consoleHome()
  await home.cloud.deps.visitors.put(kim)
  await home.cloud.settled()
})
afterAll(() => home.close())
// The alarms of a door are limited in an hour, except for duress.
beforeEach(() => home.cloud.clock.advance(3_600_001))

let tags = 0
async function given(changes: Parameters<typeof newCredential>[1]) {
  tags += 1
  const credential = newCredential(door, { tag: tagOf(1_000 + tags), ...changes })
  await home.cloud.deps.credentials.add(credential)
  return credential
}
type Entry = Extract<Parameters<ConsoleHome['cloud']['says']>[0], { type: 'entry-accepted' }>
const enters = (of: Partial<Entry>) =>
  home.cloud.says({
    ...{ type: 'entry-accepted', origin: 'keypad', holdMs: 5_000, visitId: null },
    ...{ grantId: newId(), visitorId: newId(), credential: 'standing', ...of },
  } as Entry)
const mailsSince = (nth: number) => home.cloud.aws.mailbox.slice(nth)

describe('duress', () => {
  test('alarms owners who chose it, but not its holder, and nothing else shows it', async () => {
    const { visitorId } = kim
    const pin = await given({ visitorId, name: 'Kim Lake' })
    const duress = await given({ visitorId, name: 'Kim Lake', purpose: 'duress' })
    const visits = [newId(), newId()]
    const before = home.cloud.aws.mailbox.length
    await enters({ grantId: pin.grantId, visitorId, visitId: visits[0] ?? '' })
    await enters({ grantId: duress.grantId, visitorId, visitId: visits[1] ?? '', duress: true })
    await home.cloud.settled()
    // `owner@example.org` is Kim. There is no other owner yet.
    expect(mailsSince(before)).toEqual([])
    const stored = await Promise.all(
      visits.map((visitId) => home.cloud.deps.visits.find({ ...door, visitId })),
    )
    const [plain, threatened] = stored.map((visit) =>
      visit?.timeline.map(({ atMs: _, ...one }) => one),
    )
    expect(threatened).toEqual(plain)
    const pages = async (as: 'owner' | 'member' | 'viewer') =>
      (await home.open(`/visits/${visits[1]}`, as)).text
    expect(await pages('owner')).toContain('A duress PIN was typed.')
    for (const as of ['member', 'viewer'] as const) expect(await pages(as)).not.toMatch(/duress/i)
    await home.cloud.deps.notices.putSettings(household, 'olivia', {
      ...{ ...usualNotices('owner'), mail: [], push: [], knows: ['duress'] },
    })
    expect(await pages('owner')).not.toMatch(/duress/i)
    expect((await home.open(`/doors/${doorId}/codes`)).text).not.toContain('Duress PIN')
    const member = await home.open('/notices', 'member')
    expect(member.text).not.toMatch(/duress/i)
    await home.cloud.deps.notices.putSettings(household, 'olivia', usualNotices('owner'))
  })

  test('alarms however many alarms there were before', async () => {
    const duress = await given({ purpose: 'duress' })
    const { visitorId, grantId } = duress
    for (let nth = 0; nth < 12; nth += 1) {
      await home.cloud.says({ type: 'door-forced' })
    }
    const before = home.cloud.aws.mailbox.length
    await enters({ grantId, visitorId, duress: true, visitId: newId() })
    expect(mailsSince(before).map(({ subject }) => subject)).toEqual([
      'A duress PIN was typed: Front door',
    ])
  })
})

test('a break-glass code alarms, and is a sentence of its visit', async () => {
  const visitId = newId()
  const before = home.cloud.aws.mailbox.length
  await enters({ credential: 'break-glass', visitId })
  expect(mailsSince(before)[0]?.subject).toBe('A break-glass code opened the door: Front door')
  const { text } = await home.open(`/visits/${visitId}`)
  expect(text).toContain('With a code of the break-glass sheet.')
})

test('a courier is noticed once in a visit, with name and picture', async () => {
  const { visitId } = await strangerRings(home, { name: 'noor', seed: 4 })
  const courier = await given({ purpose: 'courier', name: 'Parcel service', isDerived: true })
  const { grantId, visitorId } = courier
  const usual = usualNotices('owner')
  const settings = { ...usual, mail: [...usual.mail, 'entry' as const] }
  await home.cloud.deps.notices.putSettings(household, 'olivia', settings)
  const before = home.cloud.aws.mailbox.length
  for (const _ of [1, 2]) await enters({ grantId, visitorId, visitId })
  const mails = mailsSince(before)
  expect(mails.map(({ subject }) => subject)).toEqual([
    'Parcel service opened Front door with a code',
  ])
  expect(mails[0]?.attachments).toHaveLength(1)
  const { text } = await home.open(`/visits/${visitId}`)
  expect(text).toContain('With the code of a courier.')
  expect(text).toContain('Parcel service')
  expect((await home.cloud.deps.credentials.find(courier))?.uses.visits).toBe(1)
})
