/** A text that fails, or that nothing confirms, does not leave a visitor at the door. */
import { describe, expect, test } from 'vitest'
import { makeHandler } from '../../../cloud/functions/check-grant.ts'
import { textLimits } from '../../../cloud/passcodes/core/grant.ts'
import { tagOf } from '../../../cloud/passcodes/find-grant.ts'
import type { Visitor } from '../../../cloud/visitors/core/visitor.ts'
import { derivePasscode, grouped, oneTimeDigits } from '../../../protocol/passcode.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorId,
  household,
  mapleStreet,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../../support/cloud/homes-of-this-file.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'

const newHome = homesOfThisFile()
const robin = person('robin')
const phone = '+15550100'
const email = 'robin@example.org'
const owner = 'owner@example.org'

async function onFile(home: CloudHome, contact: Partial<Visitor['contact']> = {}) {
  const visitorId = newId()
  const key = `visitors/${household}/${visitorId}/photo.jpg`
  const visitor: Visitor = {
    ...{ household, visitorId, revision: 0, name: 'Robin Vale', language: 'en' },
    contact: { prefers: 'sms', phone, email: null, ...contact },
    photo: await home.deps.photos.write(key, snapshots.front(robin, 1)),
    ...{ remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
  }
  await home.deps.visitors.put(visitor)
  await home.settled()
}

async function comes(home: CloudHome): Promise<string> {
  const visitId = newId()
  for (const seed of [2, 3]) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), snapshots.front(robin, seed), 7)
    // A function that throws is run again, which the stand-in gives up after three times.
    await home.settled().catch(() => {})
    home.clock.advance(1_000)
  }
  return visitId
}

async function waits(home: CloudHome, ms: number): Promise<void> {
  home.clock.advance(ms)
  await home.settled()
}

const entriesOf = async (home: CloudHome, visitId: string) =>
  (await home.deps.visits.find({ household, doorId, visitId }))?.timeline.map(
    ({ what, why }) => `${what}: ${why}`,
  ) ?? []

const grantOf = ({ told, doorKey }: CloudHome) => {
  const [credential] = told.flatMap(({ body }) => (body.type === 'grant' ? [body.credential] : []))
  if (!credential) throw new Error('There is a grant.')
  const { grantId } = credential
  return {
    ...{ household, doorId, grantId, tag: tagOf(doorKey, { grantId, digits: 8 }) },
    code: derivePasscode(doorKey, grantId, oneTimeDigits),
  }
}

/** As the queue delivers what End User Messaging reports. */
async function isReported(home: CloudHome, eventType: string): Promise<void> {
  const { grantId, tag } = grantOf(home)
  const body = JSON.stringify({ eventType, context: { doorId, grantId, tag } })
  const answer = await makeHandler(home.deps)({ Records: [{ messageId: '1', body }] })
  expect(answer.batchItemFailures).toEqual([])
}

const mailedTo = ({ aws }: CloudHome): string[] => aws.mailbox.flatMap(({ to }) => to)

const refused = { service: 'sns', kind: 'error', status: 400, code: 'InvalidParameter' } as const

describe('a text that the service refuses', () => {
  test('is replaced by a mail at once, with the reason in the timeline', async () => {
    const home = await newHome()
    await onFile(home, { email })
    home.aws.fault(refused)
    const visitId = await comes(home)
    expect(mailedTo(home)).toEqual([email])
    expect(home.aws.mailbox[0]?.text).toContain(grouped(grantOf(home).code))
    expect(await entriesOf(home, visitId)).toEqual([
      'text-failed: the text was not sent: InvalidParameterException',
    ])
    await waits(home, 60_000)
    expect(mailedTo(home)).toEqual([email])
  })

  test('and cannot be replaced is reported to the owner at once', async () => {
    const home = await newHome()
    await onFile(home)
    home.aws.fault(refused)
    await comes(home)
    expect(mailedTo(home)).toEqual([owner])
    expect(home.aws.mailbox[0]?.subject).toContain('could not be sent')
  })
})

test('a mail that the service refuses is replaced by a text', async () => {
  const home = await newHome()
  await onFile(home, { email, prefers: 'email' })
  home.aws.fault({ service: 'ses', kind: 'error', status: 400, code: 'MessageRejected' })
  await comes(home)
  expect(home.aws.texts).toMatchObject([{ to: phone }])
})

describe('a text that nothing confirms within a minute', () => {
  test('is followed by a mail to the visitor', async () => {
    const home = await newHome()
    await onFile(home, { email })
    const visitId = await comes(home)
    await waits(home, 30_000)
    expect(mailedTo(home)).toEqual([])
    await waits(home, 25_000)
    expect(mailedTo(home)).toEqual([email])
    expect(home.aws.mailbox[0]?.text).toContain(grouped(grantOf(home).code))
    expect(await entriesOf(home, visitId)).toEqual([
      'text-unconfirmed: the text was not confirmed in time',
      'code-mailed: the text was not confirmed in time',
    ])
  })

  test('is reported to the owner when the visitor has no mail address', async () => {
    const home = await newHome()
    await onFile(home)
    await comes(home)
    await waits(home, 55_000)
    expect(mailedTo(home)).toEqual([owner])
    expect(home.aws.mailbox[0]?.subject).toContain('may not have arrived')
  })

  test('is left alone once the code was used', async () => {
    const home = await newHome()
    await onFile(home, { email })
    const visitId = await comes(home)
    const { grantId } = grantOf(home)
    const [{ visitorId = '' } = {}] = await home.deps.visitors.list(household)
    const accepted = { type: 'entry-accepted', origin: 'keypad', grantId, visitorId } as const
    await home.says({ ...accepted, visitId, holdMs: 5_000 })
    await waits(home, 55_000)
    expect(mailedTo(home)).toEqual([])
  })
})

describe('a report of End User Messaging', () => {
  test('that the text arrived ends the matter', async () => {
    const home = await newHome()
    await onFile(home)
    await comes(home)
    await isReported(home, 'TEXT_QUEUED')
    await isReported(home, 'TEXT_SUCCESSFUL')
    await waits(home, 55_000)
    expect(mailedTo(home)).toEqual([])
  })

  test('that it failed brings a mail at once, and once, with the reason', async () => {
    const home = await newHome()
    await onFile(home, { email })
    const visitId = await comes(home)
    await isReported(home, 'TEXT_SUCCESSFUL')
    await isReported(home, 'TEXT_CARRIER_UNREACHABLE')
    await isReported(home, 'TEXT_CARRIER_UNREACHABLE')
    await waits(home, 55_000)
    expect(mailedTo(home)).toEqual([email])
    expect(await entriesOf(home, visitId)).toContain(
      'code-mailed: the text failed: TEXT_CARRIER_UNREACHABLE',
    )
  })
})

describe('no text is sent', () => {
  test('to a country that the household does not allow any more', async () => {
    const home = await newHome({ households: [{ ...mapleStreet, countries: ['DE'] }] })
    await onFile(home, { email })
    const visitId = await comes(home)
    expect(home.aws.texts).toEqual([])
    expect(mailedTo(home)).toEqual([email])
    expect(await entriesOf(home, visitId)).toEqual([
      'text-failed: the text was not sent: COUNTRY_NOT_ALLOWED',
    ])
  })

  test.each([
    ['door', `texts#${doorId}`, textLimits.perDoor],
    ['household', `texts#${household}`, textLimits.perHousehold],
  ] as const)('beyond the daily limit of a %s', async (_, key, limits) => {
    const home = await newHome()
    await onFile(home, { email })
    for (let nth = 0; nth < limits[0].count; nth += 1) {
      await home.deps.idempotency.allows(key, limits, home.clock.nowMs())
    }
    await comes(home)
    expect(home.aws.texts).toEqual([])
    expect(mailedTo(home)).toEqual([email])
  })
})
