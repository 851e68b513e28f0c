/**
 * A function dies between two steps on the way from a face to a text, and AWS retries it. The
 * visitor gets one working code and one text. One gap cannot be closed: if the function dies after
 * the text service accepted and before it records that, the same code is sent twice.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Household } from '../../cloud/members/core/household.ts'
import type { Visitor } from '../../cloud/visitors/core/visitor.ts'
import { derivePasscode, grouped, oneTimeDigits } from '../../protocol/passcode.ts'
import type { CloudDeps } from '../../simulation/cloud/cloud.ts'
import { drawSnapshot, person } from '../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  cloudHome,
  doorMessage,
  mapleStreet,
  newId,
  snapshotKey,
} from '../support/cloud/cloud-home.ts'
import { describeProof, runs, testProof } from '../support/effort.ts'
import { type Crash, type CrashPoint, crashable } from './crash.ts'

type When = 'before' | 'after'

/** More than a visit has steps. */
const most = 60
const riskiest = [
  ['after', 'passcodes.issue'],
  ['before', 'passcodes.claimSending'],
  ['after', 'sms.send'],
] as const
/** One household for each crash, so that they do not share codes. */
const households = runs(riskiest.length, riskiest.length + 3 * most)
const homes: readonly Household[] = Array.from({ length: households }, (_, nth) => ({
  ...mapleStreet,
  household: `home-${nth}`,
  owners: [{ email: `owner-${nth}@example.org`, language: 'en' }],
  doors: mapleStreet.doors.map((door) => ({ ...door, doorId: `home-${nth}_front` })),
}))
const robin = person('robin')
const snapshot = (seed: number) =>
  drawSnapshot({ people: [{ person: robin, facePx: 64 }], widthPx: 112, heightPx: 112, seed })

const crash: Crash = crashable()
let home: CloudHome
beforeAll(async () => {
  home = await cloudHome({ households: homes, between: (deps: CloudDeps) => crash.within(deps) })
  home.doorAnswers = false
})
afterAll(() => home.close())

interface Scene {
  readonly household: string
  readonly doorId: string
  readonly phone: string
  readonly visitId: string
}

async function putOnFile({ household, phone }: Scene): Promise<void> {
  const visitor: Visitor = {
    ...{ household, visitorId: newId(), revision: 0, name: 'Kim Lake', language: 'en' },
    contact: { prefers: 'sms', phone, email: null },
    ...{ photo: null, remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
  }
  await home.deps.visitors.put(visitor)
  const owner = { kind: 'visitor', visitorId: visitor.visitorId } as const
  const faceIds = await home.deps.faces.remember(household, snapshot(50), owner)
  await home.deps.visitors.setFaceIds(household, visitor.visitorId, faceIds)
}

/** Lambda retries after a minute. */
const lambdaRetryMs = 60_000
/** The queue redelivers a snapshot after three minutes, when it is too old to act on. */
const snapshotRetryMs = 180_000

const failedSnapshot = JSON.stringify({ batchItemFailures: [{ itemIdentifier: 'snapshot' }] })

async function isDone(work: () => Promise<unknown>): Promise<boolean> {
  const answer = await work().catch(() => 'threw' as const)
  crash.recover()
  return answer !== 'threw' && JSON.stringify(answer ?? {}) !== failedSnapshot
}

/** Runs each, then retries those that failed. Delayed messages are delivered before the retry. */
async function run(works: readonly (() => Promise<unknown>)[], retryAfterMs: number) {
  const failed: (() => Promise<unknown>)[] = []
  for (const work of works) if (!(await isDone(work))) failed.push(work)
  if (failed.length === 0) return
  home.clock.advance(6_000)
  await home.pump()
  crash.recover()
  home.clock.advance(retryAfterMs - 6_000)
  for (const work of failed) if (!(await isDone(work))) throw new Error('It failed again.')
}

const snapshotEvent = (key: string) => ({
  Records: [
    {
      ...{
        messageId: 'snapshot',
        receiptHandle: '',
        md5OfBody: '',
        eventSource: 'aws:sqs' as const,
      },
      body: JSON.stringify({ Records: [{ s3: { object: { key } } }] }),
      ...{ attributes: {}, messageAttributes: {}, eventSourceARN: '', awsRegion: '' },
    },
  ],
})

const grantsOf = ({ doorId }: Scene) =>
  home.told.flatMap(({ doorId: to, body }) =>
    to === doorId && body.type === 'grant' ? [body.credential] : [],
  )

/** Snapshots arrive and the door stores every grant. Returns the name of the call that died. */
async function visit(
  scene: Scene,
  at: CrashPoint,
  when: When,
  snapshots = [1, 2, 3],
): Promise<string | null> {
  await putOnFile(scene)
  const nowMs = home.clock.nowMs()
  const keys = snapshots.map((nth) => {
    const key = snapshotKey(scene.visitId, nowMs + nth, scene.doorId)
    home.upload(key, snapshot(nth), 7)
    return key
  })
  // S3's own notifications are dropped: the test delivers the snapshots itself.
  await home.queue('Queues/Snapshots').pump(nowMs, async () => ({ batchItemFailures: [] }))
  crash.arm(at, when)
  const seen = keys.map((key) => () => home.invoke('recognise-snapshot', snapshotEvent(key)))
  await run(seen, snapshotRetryMs)
  const says = grantsOf(scene).map(({ grantId, visitId, holder: { visitorId } }, nth) => () => {
    const body = { type: 'grant-stored', grantId, visitId, visitorId } as const
    const message = doorMessage(body, scene.doorId, nth + 1, home.clock.nowMs())
    return home.hears(message)
  })
  await run(says, lambdaRetryMs)
  return crash.disarm()
}

async function dieAndRecover(nth: number, at: CrashPoint, when: When): Promise<string | null> {
  const household = `home-${nth}`
  const phone = `+1555${1_000_000 + nth}`
  const scene = { household, doorId: `${household}_front`, visitId: newId(), phone }
  const step = await visit(scene, at, when)
  const point = `${when} ${step}`
  const ids = new Set(grantsOf(scene).map(({ grantId }) => grantId))
  expect([...ids], point).toHaveLength(1)
  const [id = ''] = ids
  const texts = home.aws.texts.filter(({ to }) => to === phone)
  for (const { body } of texts)
    expect(body).toContain(grouped(derivePasscode(home.keyOf(scene.doorId), id, oneTimeDigits)))
  const isSentTwice = ['after sms.send', 'before passcodes.markSent'].includes(point)
  expect(texts, point).toHaveLength(isSentTwice ? 2 : 1)
  const [live] = await home.deps.passcodes.live(scene, home.clock.nowMs())
  expect(live, point).toMatchObject({ grantId: id, closed: null })
  return step
}

test.each(riskiest)('dying %s %s leaves one working code', async (when, step) => {
  const nth = riskiest.findIndex(([, name]) => name === step)
  expect(await dieAndRecover(nth, step, when)).toBe(step)
})

describeProof.each(['before', 'after'] as const)('dying %s any step', (when) => {
  test('leaves one working code and one text', async () => {
    const first = riskiest.length + (when === 'before' ? 0 : most)
    const died: string[] = []
    for (let at = 0; at < most; at += 1) {
      const step = await dieAndRecover(first + at, at, when)
      if (step === null) break
      died.push(step)
    }
    expect(died).toEqual(
      expect.arrayContaining([
        'visits.addMatch',
        'passcodes.issue',
        'delayedQueue.checkGrant',
        'doors.send',
        'passcodes.claimSending',
        'sms.send',
        'passcodes.markSent',
      ]),
    )
    expect(died.length).toBeLessThan(most)
  })
})

testProof(
  'when the last snapshot dies, the visitor gets a text or the owner is asked',
  async () => {
    for (let at = 0; at < most; at += 1) {
      const [nth, mails] = [riskiest.length + 2 * most + at, home.aws.mailbox.length]
      const household = `home-${nth}`
      const phone = `+1555${1_000_000 + nth}`
      const scene = { household, doorId: `${household}_front`, visitId: newId(), phone }
      const step = await visit(scene, at, 'before', [1, 2])
      const texts = home.aws.texts.filter(({ to }) => to === phone).length
      // A face matched in one snapshot only needs the owner's approval.
      const asked = home.aws.mailbox.length - mails
      expect(texts + asked, `before ${step}`).toBeGreaterThan(0)
      if (step?.startsWith('passcodes') || step?.startsWith('doors'))
        expect(texts, step).toBeGreaterThan(0)
      if (step === null) break
    }
  },
)
