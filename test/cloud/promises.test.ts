/** What the cloud half promises about whose things are whose, how much it sends, and what it forgets. */
import { describe, expect, test } from 'vitest'
import { answerRequest } from '../../cloud/approvals/answer-request.ts'
import type { Household } from '../../cloud/members/core/household.ts'
import { issueCode } from '../../cloud/passcodes/issue-code.ts'
import type { Visitor } from '../../cloud/visitors/core/visitor.ts'
import { drawSnapshot, type Person, person } from '../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorMessage,
  linkIn,
  mapleStreet,
  newId,
  snapshotKey,
} from '../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../support/cloud/homes-of-this-file.ts'
import { runs, testProof } from '../support/effort.ts'

const newHome = homesOfThisFile()

const robin = person('robin')
const sasha = person('sasha')

function houseOf(household: string, doors: readonly string[] = ['front']): Household {
  const [door] = mapleStreet.doors
  if (!door) throw new Error('Maple Street has a door.')
  const owners = [{ email: `owner@${household}.example.org`, language: 'en' as const }]
  const named = doors.map((name) => ({ ...door, doorId: `${household}_${name}` }))
  return { ...mapleStreet, household, owners, doors: named }
}

const visitorIn = (household: string, phone: string): Visitor => ({
  ...{ household, visitorId: newId(), revision: 0, name: 'Kim Lake', language: 'en' },
  contact: { prefers: 'sms', phone, email: null },
  ...{ photo: null, remembersFace: false, faceIds: [], createdAtMs: 1 },
  ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
})

/** Small, as these are about who is who and not about pictures. */
const snapshot = (who: Person, seed: number) =>
  drawSnapshot({ people: [{ person: who, facePx: 64 }], widthPx: 112, heightPx: 112, seed })

async function stands(home: CloudHome, doorId: string, who = robin, seeds = [1, 2]) {
  const visitId = newId()
  for (const seed of seeds) {
    home.upload(snapshotKey(visitId, home.clock.nowMs(), doorId), snapshot(who, seed), 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  return visitId
}

async function allows(home: CloudHome, household: string, phone: string, changes: object = {}) {
  const mail = home.aws.mailbox.findLast(({ to }) => to[0] === `owner@${household}.example.org`)
  const { request, token } = linkIn(mail?.text ?? null)
  const [doorId = '', visitId = '', subject = ''] = request.split('.')
  const asked = await home.deps.approvalRequests.find({ household, doorId, visitId, subject })
  const outcome = await answerRequest(home.deps, {
    ...{ request, visitNumber: 7, faceSha256: asked?.face?.sha256 ?? '', language: 'en' },
    asker: { kind: 'mail', token },
    answer: {
      kind: 'allow',
      visitor: {
        ...{ name: 'Robin Vale', phone, email: '', prefers: 'sms', language: 'en' },
        ...{ remembersFace: 'yes', validity: 'always' },
      },
    },
    ...changes,
  })
  await home.settled()
  return outcome
}

const grantsTo = (home: CloudHome, doorId: string) =>
  home.told.flatMap(({ doorId: to, body }) =>
    to === doorId && body.type === 'grant' ? [body.credential] : [],
  )

// ---------------------------------------------------------------- whose is whose

describe('two households with two doors each', () => {
  const [maple, oak] = [houseOf('maple', ['front', 'back']), houseOf('oak', ['front', 'back'])]

  test('share no visitors, mails, codes or commands', async () => {
    const home = await newHome({ households: [maple, oak] })
    await stands(home, 'maple_front')
    expect(await allows(home, 'maple', '+15550100')).toMatchObject({ outcome: 'allowed' })
    expect(home.aws.mailbox.map(({ to }) => to[0])).toEqual(['owner@maple.example.org'])
    expect(home.aws.texts).toHaveLength(1)

    home.clock.advance(3_600_000)
    // Known at both doors of the one, and at neither of the other.
    await stands(home, 'maple_back', robin, [11, 12])
    await stands(home, 'oak_front', robin, [13, 14])
    await stands(home, 'oak_back', robin, [15, 16])
    expect(home.aws.texts).toHaveLength(2)
    expect(home.aws.mailbox.map(({ to }) => to[0])).toEqual([
      'owner@maple.example.org',
      'owner@oak.example.org',
      'owner@oak.example.org',
    ])
    expect(grantsTo(home, 'maple_back')).toHaveLength(1)
    expect(
      home.told.filter(
        ({ doorId, body }) => doorId.startsWith('oak') && body.type !== 'visit-status',
      ),
    ).toEqual([])
    expect(await home.deps.visitors.list('oak')).toEqual([])
    expect(await home.deps.faces.list('oak')).toEqual([])
  })

  test('answer each other no request, with no mail and no sign-in', async () => {
    const home = await newHome({ households: [maple, oak] })
    await stands(home, 'maple_front')
    await stands(home, 'oak_front', sasha)
    const member = { asker: { kind: 'member', household: 'oak', email: 'owner@oak.example.org' } }
    const [mapleMail, oakMail] = home.aws.mailbox
    const oaks = linkIn(oakMail?.text ?? null)
    for (const changes of [
      member,
      { asker: { kind: 'mail', token: oaks.token } },
      { request: linkIn(mapleMail?.text ?? null).request.replace('maple', 'oak') },
    ]) {
      expect(await allows(home, 'maple', '+15550100', changes)).toEqual({
        ...{ outcome: 'refused', reason: 'unknown' },
      })
    }
    expect(home.aws.texts).toEqual([])
  })

  test('believe no door about another, on whatever topic it speaks', async () => {
    const home = await newHome({ households: [maple, oak] })
    home.doorAnswers = false
    await stands(home, 'maple_front')
    await allows(home, 'maple', '+15550100')
    const [grant] = grantsTo(home, 'maple_front')
    if (!grant) throw new Error('There is a grant.')
    const { grantId, visitId, holder } = grant
    const { visitorId } = holder
    const body = { type: 'grant-stored', grantId, visitId, visitorId } as const
    for (const doorId of ['maple_back', 'oak_front']) {
      await home.says(body, doorId)
      const foreign = doorMessage(body, 'maple_front', 9, home.clock.nowMs())
      await home.invoke('from-door', { topic: `door/v1/${doorId}/evt/grant-stored`, ...foreign })
    }
    expect(home.aws.texts).toEqual([])
    await home.says(body, 'maple_front')
    expect(home.aws.texts).toHaveLength(1)
  })

  test('ignore a snapshot that a door uploaded under another door', async () => {
    const home = await newHome({ households: [maple, oak] })
    const visitId = await stands(home, 'maple_front')
    for (const [household, doorId] of [
      ['maple', 'maple_back'],
      ['oak', 'oak_front'],
    ] as const) {
      expect(await home.deps.visits.find({ household, doorId, visitId })).toBeNull()
    }
    const { visits } = await home.deps.visits.history({ household: 'oak', limit: 10 })
    expect(visits).toEqual([])
  })
})

// ---------------------------------------------------------------- no two alike

testProof('ten codes at once out of 20: no door ever has two equal live ones', async () => {
  const houses = Array.from({ length: runs(5, 20) }, (_, nth) => houseOf(`home-${nth}`))
  let refused = 0
  const home = await newHome({
    households: houses,
    // So few codes that grants of a door collide.
    between: (deps) => ({
      ...deps,
      passcodes: {
        ...deps.passcodes,
        async issue(grant, tag, address) {
          const place = String(Number.parseInt(tag.slice(0, 8), 16) % 20).padStart(64, '0')
          const answer = await deps.passcodes.issue(grant, place, address)
          if (answer.outcome === 'code-in-use') refused += 1
          return answer
        },
      },
    }),
  })
  home.doorAnswers = false
  for (const { household } of houses) {
    const door = { household, doorId: `${household}_front` }
    const issues = Array.from({ length: 10 }, (_, nth) => {
      const visitor = visitorIn(household, `+1555${1_000_000 + nth}`)
      return issueCode(home.deps, { door, visitor, visitId: newId(), why: 'the owner allowed it' })
    })
    for (const { outcome } of await Promise.all(issues)) {
      expect(['on-its-way', 'has-one']).toContain(outcome)
    }
  }
  for (const { household, doors } of houses) {
    const doorId = doors[0]?.doorId ?? ''
    const live = await home.deps.passcodes.live({ household, doorId }, home.clock.nowMs())
    expect(live).toHaveLength(10)
    expect(new Set(live.map(({ tag }) => tag)).size).toBe(10)
  }
  // Otherwise no two grants collided, and nothing was proved.
  expect(refused).toBeGreaterThan(0)
})

// ---------------------------------------------------------------- limits

describe('a limit', () => {
  const alarms = (home: CloudHome) =>
    home.aws.mailbox.filter(({ attachments }) => attachments.length === 0)

  test('of three SMS to one number in ten minutes holds, and the owner is notified', async () => {
    const home = await newHome({ households: [houseOf('maple')] })
    await stands(home, 'maple_front')
    await allows(home, 'maple', '+15550100')
    for (let nth = 1; nth <= 3; nth += 1)
      await stands(home, 'maple_front', robin, [2 * nth, 2 * nth + 1])
    expect(home.aws.texts).toHaveLength(3)
    expect(alarms(home)).toHaveLength(1)
    home.clock.advance(10 * 60_000)
    await stands(home, 'maple_front', robin, [20, 21])
    expect(home.aws.texts).toHaveLength(4)
  })

  testProof.each([
    ['ten a day of one number', 10, 10 * 60_000, '+15550100'],
    ['twenty an hour of one door', 20, 0, null],
  ])('of %s holds, and the owner is notified', async (_, most, everyMs, phone) => {
    const home = await newHome({ households: [houseOf('maple')] })
    const door = { household: 'maple', doorId: 'maple_front' }
    await stands(home, 'maple_front')
    await allows(home, 'maple', '+15550100')
    const why = 'the owner allowed it' as const
    for (let nth = 1; nth < most; nth += 1) {
      home.clock.advance(everyMs)
      const visitor = visitorIn('maple', phone ?? `+1555${1_000_000 + nth}`)
      const request = { door, visitor, visitId: newId(), why }
      expect(await issueCode(home.deps, request)).toMatchObject({ outcome: 'on-its-way' })
      await home.settled()
    }
    home.clock.advance(everyMs)
    const texts = home.aws.texts.length
    expect(alarms(home)).toEqual([])
    const visitId = await stands(home, 'maple_front', robin, [2, 3])
    expect(home.aws.texts).toHaveLength(texts)
    expect(alarms(home).map(({ to }) => to)).toEqual([['owner@maple.example.org']])
    const visit = await home.deps.visits.find({ ...door, visitId })
    expect(visit?.timeline).toMatchObject([{ what: 'no-code' }])
  })
})

// ---------------------------------------------------------------- forgetting

test('a visitor who is deleted leaves no record, photo, face or live code', async () => {
  const home = await newHome({ households: [houseOf('maple', ['front', 'back'])] })
  await stands(home, 'maple_front')
  await allows(home, 'maple', '+15550100')
  const [visitor] = await home.deps.visitors.list('maple')
  const { visitorId = '' } = visitor ?? {}
  const folder = `visitors/maple/${visitorId}/`
  const door = { household: 'maple', doorId: 'maple_front' }
  expect(await home.deps.photos.list(folder)).toHaveLength(1)
  expect(await home.deps.faces.list('maple')).toHaveLength(1)
  expect(await home.deps.passcodes.live(door, home.clock.nowMs())).toHaveLength(1)

  await home.deps.visitors.remove('maple', visitorId, home.clock.nowMs())
  await home.settled()
  expect(await home.deps.visitors.find('maple', visitorId)).toBeNull()
  expect(await home.deps.visitors.list('maple')).toEqual([])
  expect(await home.deps.photos.list(folder)).toEqual([])
  expect(await home.deps.faces.list('maple')).toEqual([])
  expect(await home.deps.passcodes.live(door, home.clock.nowMs())).toEqual([])
  for (const doorId of ['maple_front', 'maple_back']) {
    const told = home.told.filter((one) => one.doorId === doorId).map(({ body }) => body)
    expect(told).toContainEqual(expect.objectContaining({ type: 'visitor-removed', visitorId }))
  }
  const [grant] = grantsTo(home, 'maple_front')
  const withdrawn = { type: 'revoke-grant', grantId: grant?.grantId }
  expect(home.told.map(({ body }) => body)).toContainEqual(expect.objectContaining(withdrawn))
})

// ---------------------------------------------------------------- when AWS stumbles

test('DynamoDB that refuses every third call loses no visit', async () => {
  const home = await newHome({ households: [houseOf('maple')] })
  for (const operation of ['UpdateItem', 'GetItem', 'PutItem', 'TransactWriteItems', 'Query']) {
    for (let nth = 3; nth <= 300; nth += 3) {
      home.aws.fault({ service: 'dynamodb', operation, kind: 'throttle', nth })
    }
  }
  for (let nth = 0; nth < runs(1, 4); nth += 1) {
    const phone = `+1555010${nth}`
    await stands(home, 'maple_front', person(`guest ${nth}`))
    // What failed as often as the driver tries comes again from its queue.
    home.clock.advance(100_000)
    await home.settled()
    expect(home.aws.mailbox).toHaveLength(nth + 1)
    expect(await allows(home, 'maple', phone)).toMatchObject({ outcome: 'allowed' })
    expect(home.aws.texts.filter(({ to }) => to === phone)).toHaveLength(1)
    home.clock.advance(3_600_000)
  }
  expect(home.dynamodb.counts().scans).toBe(0)
})
