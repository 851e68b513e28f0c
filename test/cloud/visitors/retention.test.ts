/** What is stored about a visitor has an end: days pass, and nothing is left. */
import { expect, test } from 'vitest'
import { answerRequest } from '../../../cloud/approvals/answer-request.ts'
import { consentWording } from '../../../cloud/translations/consent-wording.ts'
import { guestKeptMs, runHousekeeping } from '../../../cloud/visitors/housekeeping.ts'
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
import { snapshots } from '../../support/drawn-snapshots.ts'

const newHome = homesOfThisFile()
const dayMs = 24 * 3_600_000

/** Comes, and is allowed by the owner. */
async function isAllowed(home: CloudHome, name: string, validity: 'day' | 'always') {
  const visitId = newId()
  for (const seed of [1, 2]) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), snapshots.front(person(name), seed), 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  const { request, token } = linkIn(home.aws.mailbox.at(-1)?.text ?? null)
  const ref = { household, doorId, visitId, subject: 'stranger-1' }
  const asked = await home.deps.approvalRequests.find(ref)
  const contact = { phone: '+15550100', email: '', prefers: 'sms' }
  await answerRequest(home.deps, {
    ...{ request, visitNumber: 7, faceSha256: asked?.face?.sha256 ?? '', language: 'de' },
    asker: { kind: 'mail', token },
    answer: {
      kind: 'allow',
      visitor: { name, ...contact, language: 'en', remembersFace: 'yes', validity },
    },
  })
  await home.settled()
}

async function daysPass(home: CloudHome, days: number): Promise<void> {
  home.clock.advance(days * dayMs)
  await runHousekeeping(home.deps)
  await home.settled()
}

const namesOnFile = async ({ deps }: CloudHome) =>
  (await deps.visitors.list(household)).map(({ name }) => name)

test('A guest for a day is deleted with photo and face after a month; others stay', async () => {
  const home = await newHome()
  await isAllowed(home, 'Gil', 'day')
  await isAllowed(home, 'Ana', 'always')
  await daysPass(home, guestKeptMs / dayMs)
  expect((await namesOnFile(home)).sort()).toEqual(['Ana', 'Gil'])
  await daysPass(home, 2)
  expect(await namesOnFile(home)).toEqual(['Ana'])
  expect(await home.deps.faces.list(household)).toHaveLength(1)
  expect(await home.deps.photos.list('visitors/')).toHaveLength(1)
  expect(home.told.map(({ body }) => body.type)).toContain('visitor-removed')
})

test('Consent is stored with its time, the owner who reported it, and the words', async () => {
  const home = await newHome()
  const fromMs = home.clock.nowMs()
  await isAllowed(home, 'Ana', 'always')
  const [visitor] = await home.deps.visitors.list(household)
  expect(visitor?.consent).toMatchObject({ by: 'owner@example.org', wording: consentWording('de') })
  expect(visitor?.consent?.atMs).toBeGreaterThanOrEqual(fromMs)
  expect(consentWording('de')).not.toBe(consentWording('en'))
})
