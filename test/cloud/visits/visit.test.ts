import { describe, expect, test } from 'vitest'
import { answerRequest } from '../../../cloud/approvals/answer-request.ts'
import { derivePasscode, grouped, oneTimeDigits } from '../../../protocol/passcode.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorId,
  household,
  linkIn,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../../support/cloud/homes-of-this-file.ts'
import { lookAlike, snapshots } from '../../support/drawn-snapshots.ts'

const newHome = homesOfThisFile()

const robin = person('robin')

/** A visitor stands at the door and the door uploads snapshots, a second apart. */
async function stands(home: CloudHome, jpegs: readonly Uint8Array[], visitId = newId()) {
  for (const jpeg of jpegs) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), jpeg, 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  return visitId
}

const typed = {
  ...{ name: 'Robin Vale', phone: '+15550100', email: '', prefers: 'sms', language: 'en' },
  ...{ remembersFace: 'yes', validity: 'always' },
}

async function allows(home: CloudHome, changes: Partial<typeof typed> = {}) {
  const mail = home.aws.mailbox.at(-1)
  const { request, token } = linkIn(mail?.text ?? null)
  const [, , subject = ''] = request.split('.')
  const [, visitId = ''] = request.split('.')
  const asked = await home.deps.approvalRequests.find({ household, doorId, visitId, subject })
  const outcome = await answerRequest(home.deps, {
    ...{ request, visitNumber: 7, faceSha256: asked?.face?.sha256 ?? '', language: 'en' },
    asker: { kind: 'mail', token },
    answer: { kind: 'allow', visitor: { ...typed, ...changes } },
  })
  await home.settled()
  return outcome
}

/** Snapshots that were taken so long ago arrive together. */
async function arrivesLate(home: CloudHome, ageMs: number): Promise<void> {
  const [visitId, takenAtMs] = [newId(), home.clock.nowMs() - ageMs]
  for (const nth of [1, 2]) {
    home.upload(snapshotKey(visitId, takenAtMs + nth), snapshots.front(robin, nth), 7)
  }
  await home.settled()
}

const lastGrant = ({ told }: CloudHome) =>
  told.flatMap(({ body }) => (body.type === 'grant' ? [body.credential] : [])).at(-1)

const codeOf = (home: CloudHome): string =>
  derivePasscode(home.doorKey, lastGrant(home)?.grantId ?? '', oneTimeDigits)

const timelineOf = async (home: CloudHome, visitId: string): Promise<string[]> =>
  (await home.deps.visits.find({ household, doorId, visitId }))?.timeline.map(({ what }) => what) ??
  []

test('a visitor who was there more than two minutes ago is asked about no more', async () => {
  const home = await newHome()
  await arrivesLate(home, 130_000)
  expect(home.aws.mailbox).toHaveLength(0)
  await arrivesLate(home, 100_000)
  expect(home.aws.mailbox).toHaveLength(1)
})

describe('a stranger', () => {
  test('is mailed about once, allowed, and texted the code the door has', async () => {
    const home = await newHome()
    const visitId = await stands(home, [
      snapshots.front(robin, 1),
      snapshots.front(robin, 2),
      snapshots.turned(robin, 3),
    ])
    expect(home.aws.mailbox.map(({ to }) => to)).toEqual([['owner@example.org']])
    expect(home.aws.mailbox[0]?.attachments).toHaveLength(1)
    expect(home.aws.mailbox[0]?.subject).toContain('7')

    expect(await allows(home)).toMatchObject({ outcome: 'allowed', code: 'on-its-way' })
    expect(home.aws.texts).toHaveLength(1)
    expect(home.aws.texts[0]).toMatchObject({ to: '+15550100' })
    expect(home.aws.texts[0]?.body).toContain(grouped(codeOf(home)))
    expect(lastGrant(home)).toMatchObject({ visitId, holder: { name: 'Robin Vale' } })
    expect(home.told.map(({ body }) => body.type)).toContain('visit-status')
  })

  test('who comes back is known, and gets a code without the owner', async () => {
    const home = await newHome()
    await stands(home, [snapshots.front(robin, 1), snapshots.front(robin, 2)])
    await allows(home)
    home.clock.advance(3_600_000)
    const again = await stands(home, [snapshots.front(robin, 11), snapshots.front(robin, 12)])
    expect(home.aws.mailbox).toHaveLength(1)
    expect(home.aws.texts).toHaveLength(2)
    expect(lastGrant(home)?.visitId).toBe(again)
  })

  test('without consent is not remembered, and nothing of their face is indexed', async () => {
    const home = await newHome()
    await stands(home, [snapshots.front(robin, 1), snapshots.front(robin, 2)])
    await allows(home, { remembersFace: '' })
    expect(await home.deps.faces.list(household)).toEqual([])
    expect(await home.deps.photos.list('visitors/')).toEqual([])
    home.clock.advance(3_600_000)
    await stands(home, [snapshots.front(robin, 11), snapshots.front(robin, 12)])
    expect(home.aws.mailbox).toHaveLength(2)
  })

  test('seen in one snapshot goes to the owner five seconds later, with that reason', async () => {
    const home = await newHome()
    const visitId = await stands(home, [snapshots.front(robin, 1)])
    expect(home.aws.mailbox).toHaveLength(0)
    home.clock.advance(5_000)
    await home.settled()
    expect(home.aws.mailbox).toHaveLength(1)
    const request = await home.deps.approvalRequests.find({
      household,
      doorId,
      visitId,
      subject: 'stranger-1',
    })
    expect(request?.why).toBe('seen-once')
  })

  test('without an answer ends the visit with that reason', async () => {
    const home = await newHome()
    const often = [1, 2, 3, 4, 5].map((nth) => snapshots.front(robin, nth))
    const visitId = await stands(home, often)
    for (let minute = 0; minute < 17; minute += 1) {
      home.clock.advance(60_000)
      await home.settled()
    }
    expect(await timelineOf(home, visitId)).toEqual(['no-answer'])
    expect(home.told.at(-1)?.body).toMatchObject({ type: 'visit-status', status: 'no-answer' })
    const status = home.told.flatMap(({ body }) =>
      body.type === 'visit-status' ? [body.status] : [],
    )
    expect(status.filter((one) => one === 'no-answer')).toHaveLength(1)
  })
})

describe('several people', () => {
  test('at once get a request each', async () => {
    const home = await newHome()
    const both = [robin, person('sasha')]
    await stands(home, [snapshots.together(both, 1), snapshots.together(both, 2)])
    expect(home.aws.mailbox).toHaveLength(2)
  })

  test('who look alike are not let in for each other', async () => {
    const home = await newHome()
    await stands(home, [snapshots.front(robin, 1), snapshots.front(robin, 2)])
    await allows(home)
    home.clock.advance(3_600_000)
    const twin = lookAlike(robin, 'twin')
    const visitId = await stands(home, [snapshots.front(twin, 21), snapshots.front(twin, 22)])
    expect(home.aws.texts).toHaveLength(1)
    const request = await home.deps.approvalRequests.find({
      household,
      doorId,
      visitId,
      subject: 'stranger-1',
    })
    expect(request).toMatchObject({ why: 'weak-match' })
    expect(request?.resembles?.visitorId).toBe(lastGrant(home)?.holder.visitorId)
  })

  test('without a usable face cause nothing', async () => {
    const home = await newHome()
    await stands(home, [snapshots.empty(1), snapshots.dim(robin, 2), snapshots.empty(3)])
    home.clock.advance(10_000)
    await home.settled()
    expect(home.aws.mailbox).toHaveLength(0)
    expect(home.told).toHaveLength(0)
  })
})

describe('a door that does not answer', () => {
  test('has its grant revoked after ten seconds, and the owner is notified', async () => {
    const home = await newHome()
    home.doorAnswers = false
    const visitId = await stands(home, [snapshots.front(robin, 1), snapshots.front(robin, 2)])
    await allows(home)
    const grantId = lastGrant(home)?.grantId
    home.clock.advance(11_000)
    await home.settled()
    expect(home.aws.texts).toHaveLength(0)
    expect(home.told.at(-1)?.body).toMatchObject({ type: 'revoke-grant', grantId })
    expect(await timelineOf(home, visitId)).toEqual(['no-code'])
    expect(home.aws.mailbox).toHaveLength(2)
  })

  test('and stores it too late gets no text sent', async () => {
    const home = await newHome()
    home.doorAnswers = false
    const visitId = await stands(home, [snapshots.front(robin, 1), snapshots.front(robin, 2)])
    await allows(home)
    home.clock.advance(11_000)
    await home.settled()
    const grant = lastGrant(home)
    if (!grant) throw new Error('There is a grant.')
    const { grantId } = grant
    const { visitorId } = grant.holder
    await home.says({ type: 'grant-stored', grantId, visitId, visitorId })
    expect(home.aws.texts).toHaveLength(0)
  })
})
