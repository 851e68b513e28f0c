/**
 * Many parallel visits in which every event is delivered repeatedly: in parallel, shuffled, and once
 * more at the end. Each visit has its own household, so that the limit on codes for a door does not
 * apply.
 */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import * as z from 'zod/mini'
import { answerRequest } from '../../../../cloud/approvals/answer-request.ts'
import type { Household } from '../../../../cloud/members/core/household.ts'
import type { Visitor } from '../../../../cloud/visitors/core/visitor.ts'
import type { CloudBody } from '../../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../../protocol/messages/door.ts'
import type { CloudDeps } from '../../../../simulation/cloud/cloud.ts'
import { drawSnapshot, person } from '../../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  cloudHome,
  doorMessage,
  linkIn,
  mapleStreet,
  newId,
  snapshotKey,
} from '../../../support/cloud/cloud-home.ts'
import { type Dice, diceFrom } from '../dice.ts'

export interface StormResult {
  readonly visits: number
  readonly deliveries: number
  /** Deliveries that were repeated because the function failed. */
  readonly failures: number
  readonly breaches: readonly string[]
}

const fewestCopies = 2
const mostCopies = 20
const visitsAtOnce = 4
const progressEvery = 100
/** Functions that run in parallel. They share one processor, so more would only wait longer. */
const functionsAtOnce = 32
/** How often a queue delivers a message that fails. */
const receives = 5
/** A queue waits much longer; without a delay a slow machine fails all five. */
const redeliveredAfterMs = 1_000

interface StormVisit {
  readonly nth: number
  readonly household: string
  readonly doorId: string
  readonly visitId: string
  readonly isKnown: boolean
  readonly phone: string
}

interface Storm {
  readonly home: CloudHome
  readonly dice: Dice
  count: number
  failures: number
  readonly lost: string[]
}

export async function storm(
  visits: number,
  seed: number,
  progress: (text: string) => void = () => {},
): Promise<StormResult> {
  const all = Array.from({ length: visits }, (_, nth) => newVisit(nth))
  const home = await cloudHome({ households: all.map(householdOf), between: cropOnce })
  const state: Storm = { home, dice: diceFrom(seed), count: 0, failures: 0, lost: [] }
  try {
    home.doorAnswers = false
    for (let at = 0; at < visits; at += visitsAtOnce) {
      await Promise.all(all.slice(at, at + visitsAtOnce).map((visit) => play(state, visit)))
      const done = Math.min(visits, at + visitsAtOnce)
      if (done % progressEvery === 0) progress(`storm: ${done} of ${visits} visits`)
    }
    const breaches = await breachesIn(home, all)
    return {
      ...{ visits, deliveries: state.count, failures: state.failures },
      breaches: [...state.lost, ...breaches],
    }
  } finally {
    await home.close()
  }
}

/** Remembers crops, because JPEG encoding would take half of the time. */
function cropOnce(deps: CloudDeps): CloudDeps {
  const made = new Map<string, Uint8Array | null>()
  const crop: CloudDeps['pictures']['crop'] = (jpeg, area) => {
    const picture = createHash('sha256').update(jpeg).digest('hex')
    const name = `${picture} ${JSON.stringify(area)}`
    const cut = made.get(name) ?? deps.pictures.crop(jpeg, area)
    made.set(name, cut)
    return cut
  }
  return { ...deps, pictures: { ...deps.pictures, crop } }
}

const newVisit = (nth: number): StormVisit => ({
  ...{ nth, household: `home-${nth}`, doorId: `home-${nth}_front`, visitId: newId() },
  isKnown: nth % 2 === 0,
  phone: `+1555${String(1_000_000 + nth)}`,
})

const householdOf = ({ nth, household, doorId }: StormVisit): Household => ({
  ...mapleStreet,
  household,
  owners: [{ email: `owner-${nth}@example.org`, language: 'en' }],
  doors: mapleStreet.doors.map((door) => ({ ...door, doorId })),
})

/** Small, because this is about events and not images. */
const picture = (nth: number, seed: number): Uint8Array =>
  drawSnapshot({
    people: [{ person: person(`visitor ${nth}`), facePx: 64 }],
    ...{ widthPx: 112, heightPx: 112, seed },
  })

async function play(state: Storm, visit: StormVisit): Promise<void> {
  const { home } = state
  if (visit.isKnown) await putOnFile(home, visit)
  const fromMs = home.clock.nowMs()
  const keys = [0, 1, 2].map((nth) => snapshotKey(visit.visitId, fromMs + nth, visit.doorId))
  const events = keys.map((key, nth) => {
    home.upload(key, picture(visit.nth, nth + 1), (visit.nth % 999) + 1)
    return s3Event(key)
  })
  const seen = events.map((event) => () => home.invoke('recognise-snapshot', event))
  await delivered(state, seen)
  if (!visit.isKnown) await answered(state, visit)
  const anySnapshot = seen[state.dice.below(seen.length)]
  if (!anySnapshot) return
  await doorAnswers(state, visit, anySnapshot)
  await enters(state, visit)
  // After the visit everything arrives once more.
  await delivered(state, seen, 1)
  await doorAnswers(state, visit, anySnapshot)
}

async function putOnFile(home: CloudHome, { household, phone, nth }: StormVisit): Promise<void> {
  const visitorId = newId()
  const key = `visitors/${household}/${visitorId}/photo.jpg`
  const photo = await home.deps.photos.write(key, picture(nth, 50))
  const visitor: Visitor = {
    ...{ household, visitorId, revision: 0, name: 'Kim Lake', language: 'en', photo },
    contact: { prefers: 'sms', phone, email: null },
    ...{ remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
  }
  await home.deps.visitors.put(visitor)
  const faces = await home.deps.faces.remember(household, picture(nth, 50), {
    kind: 'visitor',
    visitorId,
  })
  await home.deps.visitors.setFaceIds(household, visitorId, faces)
}

/** The owner presses the button up to twenty times. */
async function answered(state: Storm, { household, doorId, visitId, nth, phone }: StormVisit) {
  const { home } = state
  const mail = home.aws.mailbox.find(({ to }) => to[0] === `owner-${nth}@example.org`)
  const { request, token } = linkIn(mail?.text ?? null)
  const ref = { household, doorId, visitId, subject: 'stranger-1' }
  const asked = await home.deps.approvalRequests.find(ref)
  await delivered(state, [
    () =>
      answerRequest(home.deps, {
        ...{ request, visitNumber: (nth % 999) + 1, language: 'en' },
        faceSha256: asked?.face?.sha256 ?? '',
        asker: { kind: 'mail', token },
        answer: {
          kind: 'allow',
          visitor: {
            ...{ name: 'Kim Lake', phone, email: '', prefers: 'sms', language: 'en' },
            ...{ remembersFace: '', validity: 'always' },
          },
        },
      }),
  ])
}

const commandsTo = (home: CloudHome, visit: StormVisit): readonly CloudBody[] =>
  home.told.filter(({ doorId }) => doorId === visit.doorId).map(({ body }) => body)

const grantsOf = (home: CloudHome, visit: StormVisit) => [
  ...new Map(
    commandsTo(home, visit).flatMap((body) =>
      body.type === 'grant' ? [[body.credential.grantId, body.credential] as const] : [],
    ),
  ).values(),
]

/** While the door answers, an earlier snapshot arrives again. */
async function doorAnswers(state: Storm, visit: StormVisit, seen: Delivery): Promise<void> {
  const says = grantsOf(state.home, visit).map(({ grantId, visitId, holder: { visitorId } }, nth) =>
    saying(state.home, visit, nth + 1, { type: 'grant-stored', grantId, visitId, visitorId }),
  )
  await delivered(state, [...says, seen])
}

async function enters(state: Storm, visit: StormVisit): Promise<void> {
  const [grant] = grantsOf(state.home, visit)
  if (!grant) return
  const { grantId } = grant
  const { visitorId } = grant.holder
  const { visitId } = visit
  await delivered(state, [
    saying(state.home, visit, 100, {
      ...{ type: 'entry-accepted', origin: 'keypad', grantId, visitorId, visitId, holdMs: 5_000 },
    }),
    saying(state.home, visit, 101, { type: 'visit-ended', visitId, lastedMs: 60_000 }),
  ])
}

const saying =
  (home: CloudHome, { doorId }: StormVisit, seq: number, body: DoorBody) =>
  () =>
    home.hears(doorMessage(body, doorId, seq, home.clock.nowMs()))

/** Delivers each event 2 to 20 times, shuffled and in parallel, and repeats what failed, as AWS does. */
async function delivered(
  state: Storm,
  events: readonly Delivery[],
  copies?: number,
): Promise<void> {
  const { dice } = state
  const many = () => copies ?? fewestCopies + dice.below(mostCopies - fewestCopies + 1)
  const waiting = events.flatMap((event) => Array.from({ length: many() }, () => event))
  shuffle(waiting, dice)
  state.count += waiting.length
  const hands = Array.from({ length: functionsAtOnce / visitsAtOnce }, async () => {
    for (let event = waiting.pop(); event; event = waiting.pop()) await handedOver(state, event)
  })
  await Promise.all(hands)
}

type Delivery = () => Promise<unknown>

function shuffle(all: Delivery[], dice: Dice): void {
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = dice.below(at + 1)
    const [one, two] = [all[at], all[other]]
    if (one && two) [all[at], all[other]] = [two, one]
  }
}

const failures = z.object({ batchItemFailures: z.array(z.unknown()) })

async function handedOver(state: Storm, event: Delivery): Promise<void> {
  for (let nth = 1; ; nth += 1) {
    try {
      const answer = failures.safeParse(await event()).data
      if (!answer || answer.batchItemFailures.length === 0) return
    } catch {
      // A function that throws is repeated too.
    }
    state.failures += 1
    if (nth === receives) {
      state.lost.push(`an event failed ${receives} times`)
      return
    }
    await setTimeout(redeliveredAfterMs)
  }
}

const s3Event = (key: string) => ({
  Records: [
    {
      ...{ messageId: key, receiptHandle: '', md5OfBody: '', eventSource: 'aws:sqs' as const },
      body: JSON.stringify({ Records: [{ s3: { object: { key } } }] }),
      ...{ attributes: {}, messageAttributes: {}, eventSourceARN: '', awsRegion: '' },
    },
  ],
})

// ---------------------------------------------------------------- what must be true

async function breachesIn(home: CloudHome, visits: readonly StormVisit[]): Promise<string[]> {
  home.clock.advance(11_000)
  await home.pump()
  const found = await Promise.all(visits.map((visit) => breachesOf(home, visit)))
  return found.flat()
}

async function breachesOf(home: CloudHome, visit: StormVisit): Promise<string[]> {
  const mails = home.aws.mailbox.filter(({ to }) => to[0] === `owner-${visit.nth}@example.org`)
  const texts = home.aws.texts.filter(({ to }) => to === visit.phone)
  const grants = new Set(grantsOf(home, visit).map(({ grantId }) => grantId))
  const revoked = commandsTo(home, visit).filter(({ type }) => type === 'revoke-grant')
  const figures = {
    mails: [mails.length, visit.isKnown ? 0 : 1],
    texts: [texts.length, 1],
    'different codes': [grants.size, 1],
    'revoked codes': [revoked.length, 0],
  } as const
  const who = `visit ${visit.nth} (${visit.isKnown ? 'known' : 'stranger'})`
  return Object.entries(figures)
    .filter(([, [is, should]]) => is !== should)
    .map(([what, [is, should]]) => `${who}: ${is} ${what} instead of ${should}`)
}
