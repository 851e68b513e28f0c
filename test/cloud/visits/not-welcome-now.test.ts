/** Visitors on file who are recognised, but get no code for it: the owner is asked, or no one is. */
import { expect, test } from 'vitest'
import { parseRequestId } from '../../../cloud/approvals/core/approval-request.ts'
import { translations } from '../../../cloud/translations/translations.ts'
import type { GuestHours } from '../../../cloud/visitors/core/guest-list.ts'
import type { Visitor } from '../../../cloud/visitors/core/visitor.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorId,
  household,
  linkIn,
  mapleStreet,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../../support/cloud/homes-of-this-file.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'

const newHome = homesOfThisFile()
const kim = person('kim')

/** Kim is on file, and stands at the door. */
async function kimComes(
  changes: (home: CloudHome) => Partial<Visitor>,
  {
    hours = [],
    looks = 4,
    before = async () => {},
  }: {
    hours?: readonly GuestHours[]
    looks?: number
    before?: (home: CloudHome) => Promise<void>
  } = {},
) {
  const lists = [{ listId: 'cleaners', name: 'Cleaners', hours }]
  const home = await newHome()
  await home.deps.households.change(household, () => ({ ...mapleStreet, lists }))
  // The functions remember a household for a minute.
  home.clock.advance(60_000)
  await before(home)
  const [visitorId, visitId] = [newId(), newId()]
  const key = `visitors/${household}/${visitorId}/photo.jpg`
  await home.deps.visitors.put({
    ...{ household, visitorId, revision: 0, name: 'Kim Lake', language: 'en' },
    contact: { prefers: 'sms', phone: '+15550100', email: null },
    photo: await home.deps.photos.write(key, snapshots.front(kim, 1)),
    ...{ remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
    ...changes(home),
  })
  await home.settled()
  for (let nth = 0; nth < looks; nth += 1) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), snapshots.front(kim, nth + 2), 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  home.clock.advance(6_000)
  await home.settled()
  const ref = parseRequestId(linkIn(home.aws.mailbox.at(-1)?.text ?? null).request)
  const request = ref && (await home.deps.approvalRequests.find(ref))
  const visit = await home.deps.visits.find({ household, doorId, visitId })
  const { texts, mailbox } = home.aws
  return { home, visitorId, visit, why: request?.why, texts: texts.length, mails: mailbox.length }
}

const minuteNow = (home: CloudHome) => {
  const options = { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' } as const
  const time = new Intl.DateTimeFormat('en', { ...options, hourCycle: 'h23' })
  const [hour = 0, minute = 0] = time.format(home.clock.nowMs()).split(':').map(Number)
  return hour * 60 + minute
}
const inList = () => ({ lists: ['cleaners'] })
const allDays = { doorId: null, weekdays: [1, 2, 3, 4, 5, 6, 7], firstDay: null, lastDay: null }
const anyTime = { ...allDays, fromMinute: 0, toMinute: 0 }

test('outside of the hours of their guest list the owner is asked, once, and reads why', async () => {
  const { home, why, texts, mails, visit } = await kimComes(inList)
  expect({ why, texts, mails }).toEqual({ why: 'outside-hours', texts: 0, mails: 1 })
  expect(visit?.strangers).toHaveLength(1)
  const text = home.aws.mailbox[0]?.text
  expect(text).toContain('They were recognised as Kim Lake.')
  expect(text).toContain(translations.en.request.reasons['outside-hours'])
})

test('within the hours they get their code', async () => {
  const { texts, mails } = await kimComes(inList, { hours: [anyTime] })
  expect({ texts, mails }).toEqual({ texts: 1, mails: 0 })
})

test('by the clock of the door', async () => {
  const now = minuteNow(await newHome())
  const around = { ...anyTime, fromMinute: (now + 1435) % 1440, toMinute: (now + 5) % 1440 }
  expect((await kimComes(inList, { hours: [around] })).texts).toBe(1)
  const later = { ...anyTime, fromMinute: (now + 60) % 1440, toMinute: (now + 90) % 1440 }
  expect((await kimComes(inList, { hours: [later] })).texts).toBe(0)
})

test('when their time is over, the owner reads that', async () => {
  const over = (home: CloudHome) => ({ welcomeUntilMs: home.clock.nowMs() - 1 })
  const { why, texts, mails } = await kimComes(over)
  expect({ why, texts, mails }).toEqual({ why: 'welcome-over', texts: 0, mails: 1 })
})

test.each([
  ['in one snapshot', 1],
  ['in several', 3],
])(
  'a blocked visitor who is recognised %s is turned away, and no one is asked',
  async (_, looks) => {
    const { home, visitorId, visit, texts, mails } = await kimComes(() => ({ blocked: true }), {
      looks,
    })
    expect({ texts, mails }).toEqual({ texts: 0, mails: 0 })
    expect(visit?.timeline).toMatchObject([{ what: 'turned-away', visitorId }])
    expect(home.told.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ type: 'visit-status', status: 'denied' }),
    )
  },
)

test('when a visitor was last recognised is stored', async () => {
  const { home, visitorId, visit } = await kimComes(() => ({}))
  const seen = await home.deps.visits.lastSeen(household)
  expect(seen).toEqual(new Map([[visitorId, visit?.startedAtMs]]))
})

const inMode = (home: CloudHome, mode: 'holiday' | 'privacy') =>
  home.says({ type: 'mode-changed', mode, untilMs: null, cause: 'hours' })

test('a visitor on file is asked about while the door is in holiday mode', async () => {
  const { why, texts, mails } = await kimComes(() => ({}), {
    before: (home) => inMode(home, 'holiday'),
  })
  expect({ why, texts, mails }).toEqual({ why: 'holiday', texts: 0, mails: 1 })
})

test('no one is notified while the door is in privacy mode, not even when the bell rings', async () => {
  const { home, texts, mails } = await kimComes(() => ({}), {
    before: (home) => inMode(home, 'privacy'),
  })
  expect({ texts, mails }).toEqual({ texts: 0, mails: 0 })
  await home.says({ type: 'bell-rung', visitId: newId() })
  await home.settled()
  expect(home.aws.mailbox).toEqual([])
})
