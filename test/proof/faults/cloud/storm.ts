/**
 * Many visits at once, in which everything that AWS may deliver again is delivered again: in
 * parallel, shuffled, and once more when all is over. Each visit has a home of its own, so that the
 * limits on how many codes a door sends do not end the storm.
 */
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import * as z from 'zod/mini'
import { decideRequest } from '../../../../cloud/approvals/owner-answers.ts'
import type { Household, Visitor } from '../../../../cloud/visitors/core/people.ts'
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
  /** Of those, how many had to come again because the function failed. */
  readonly failures: number
  /** What went wrong, in words. */
  readonly breaches: readonly string[]
}

const fewestCopies = 2
const mostCopies = 20
const visitsAtOnce = 4
const progressEvery = 100
/** As many functions as run at once. They share one processor here, so more only wait longer. */
const functionsAtOnce = 32
/** As often as a queue hands out what failed. */
const receives = 5
/** Before what failed comes again; a queue waits much longer. Else a machine that stalls fails all five. */
const comesAgainAfterMs = 1_000

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
  const home = await cloudHome({ households: all.map(householdOf), between: cutOnce })
  const weather: Storm = { home, dice: diceFrom(seed), count: 0, failures: 0, lost: [] }
  try {
    home.doorAnswers = false
    for (let at = 0; at < visits; at += visitsAtOnce) {
      await Promise.all(all.slice(at, at + visitsAtOnce).map((visit) => play(weather, visit)))
      const done = Math.min(visits, at + visitsAtOnce)
      if (done % progressEvery === 0) progress(`storm: ${done} of ${visits} visits`)
    }
    const breaches = await breachesIn(home, all)
    return {
      ...{ visits, deliveries: weather.count, failures: weather.failures },
      breaches: [...weather.lost, ...breaches],
    }
  } finally {
    await home.close()
  }
}

/** The same cut of the same picture is made once: half of the time here would go into JPEGs. */
function cutOnce(deps: CloudDeps): CloudDeps {
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

/** The same bytes for everybody's camera, small so that the storm is about events. */
const picture = (nth: number, seed: number): Uint8Array =>
  drawSnapshot({
    people: [{ person: person(`visitor ${nth}`), facePx: 64 }],
    ...{ widthPx: 112, heightPx: 112, seed },
  })

async function play(weather: Storm, visit: StormVisit): Promise<void> {
  const { home } = weather
  if (visit.isKnown) await putOnFile(home, visit)
  const fromMs = home.clock.nowMs()
  const keys = [0, 1, 2].map((nth) => snapshotKey(visit.visitId, fromMs + nth, visit.doorId))
  const events = keys.map((key, nth) => {
    home.upload(key, picture(visit.nth, nth + 1), (visit.nth % 999) + 1)
    return s3Event(key)
  })
  const seen = events.map((event) => () => home.functions.queued.snapshots(event))
  await delivered(weather, seen)
  if (!visit.isKnown) await answered(weather, visit)
  const anySnapshot = seen[weather.dice.below(seen.length)]
  if (!anySnapshot) return
  await doorAnswers(weather, visit, anySnapshot)
  await comesIn(weather, visit)
  // All over: and everything arrives once more.
  await delivered(weather, seen, 1)
  await doorAnswers(weather, visit, anySnapshot)
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

/** The owner presses twenty times, in several windows. */
async function answered(weather: Storm, { household, doorId, visitId, nth, phone }: StormVisit) {
  const { home } = weather
  const mail = home.aws.mailbox.find(({ to }) => to[0] === `owner-${nth}@example.org`)
  const { request, token } = linkIn(mail?.text ?? null)
  const ref = { household, doorId, visitId, subject: 'stranger-1' }
  const asked = await home.deps.requests.find(ref)
  await delivered(weather, [
    () =>
      decideRequest(home.deps, {
        ...{ request, visitNumber: (nth % 999) + 1, language: 'en' },
        faceSha256: asked?.face.sha256 ?? '',
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

const told = (home: CloudHome, visit: StormVisit): readonly CloudBody[] =>
  home.told.filter(({ doorId }) => doorId === visit.doorId).map(({ body }) => body)

const grantsOf = (home: CloudHome, visit: StormVisit) => [
  ...new Map(
    told(home, visit).flatMap((body) =>
      body.type === 'grant' ? [[body.grantId, body] as const] : [],
    ),
  ).values(),
]

/** While the door answers, what was seen before is still coming in. */
async function doorAnswers(weather: Storm, visit: StormVisit, seen: Delivery): Promise<void> {
  const says = grantsOf(weather.home, visit).map(({ grantId, visitId, visitorId }, nth) =>
    saying(weather.home, visit, nth + 1, { type: 'grant-stored', grantId, visitId, visitorId }),
  )
  await delivered(weather, [...says, seen])
}

async function comesIn(weather: Storm, visit: StormVisit): Promise<void> {
  const [grant] = grantsOf(weather.home, visit)
  if (!grant) return
  const { grantId, visitorId } = grant
  const { visitId } = visit
  await delivered(weather, [
    saying(weather.home, visit, 100, {
      ...{ type: 'entry-accepted', grantId, visitorId, visitId, holdMs: 5_000 },
    }),
    saying(weather.home, visit, 101, { type: 'visit-ended', visitId, lastedMs: 60_000 }),
  ])
}

const saying =
  (home: CloudHome, { doorId }: StormVisit, seq: number, body: DoorBody) =>
  () =>
    home.fromDoor(doorMessage(body, doorId, seq, home.clock.nowMs()))

/** Each of them 2 to 20 times, all mixed up, many at once; what fails comes again, as in AWS. */
async function delivered(
  weather: Storm,
  events: readonly Delivery[],
  copies?: number,
): Promise<void> {
  const { dice } = weather
  const many = () => copies ?? fewestCopies + dice.below(mostCopies - fewestCopies + 1)
  const waiting = events.flatMap((event) => Array.from({ length: many() }, () => event))
  shuffle(waiting, dice)
  weather.count += waiting.length
  const hands = Array.from({ length: functionsAtOnce / visitsAtOnce }, async () => {
    for (let event = waiting.pop(); event; event = waiting.pop()) await handedOver(weather, event)
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

async function handedOver(weather: Storm, event: Delivery): Promise<void> {
  for (let nth = 1; ; nth += 1) {
    try {
      const said = failures.safeParse(await event()).data
      if (!said || said.batchItemFailures.length === 0) return
    } catch {
      // A function that throws is run again, too.
    }
    weather.failures += 1
    if (nth === receives) {
      weather.lost.push(`an event failed ${receives} times`)
      return
    }
    await setTimeout(comesAgainAfterMs)
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
  const revoked = told(home, visit).filter(({ type }) => type === 'revoke-grant')
  const figures = {
    mails: [mails.length, visit.isKnown ? 0 : 1],
    texts: [texts.length, 1],
    'different codes': [grants.size, 1],
    'withdrawn codes': [revoked.length, 0],
  } as const
  const who = `visit ${visit.nth} (${visit.isKnown ? 'known' : 'stranger'})`
  return Object.entries(figures)
    .filter(([, [is, should]]) => is !== should)
    .map(([what, [is, should]]) => `${who}: ${is} ${what} instead of ${should}`)
}
