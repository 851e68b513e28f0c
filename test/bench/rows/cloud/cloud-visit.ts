/**
 * DynamoDB calls of one visit, and processor time from a snapshot to the text. The AWS stand-ins run
 * in this process too, so the time is an upper limit.
 */
import { createHash } from 'node:crypto'
import { answerRequest } from '../../../../cloud/approvals/answer-request.ts'
import type { Visitor } from '../../../../cloud/visitors/core/visitor.ts'
import { drawSnapshot, type Person, person } from '../../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  cloudHome,
  household,
  linkIn,
  newId,
  snapshotKey,
} from '../../../support/cloud/cloud-home.ts'
import { median, percentile } from '../../support/figures.ts'
import { type Row, rowOf } from '../../support/row.ts'
import type { Workshop } from '../../support/workshop.ts'

const full = { visits: 40 }
const quick = { visits: 2 }
const limitMs = 300
const limits = { known: { writes: 5, reads: 2 }, stranger: { writes: 8, reads: 4 } } as const
/** The limit of twenty codes an hour for a door is over then. */
const hourMs = 3_600_000

type Kind = keyof typeof limits

interface Cost {
  readonly writes: number
  readonly reads: number
}

interface Visited {
  /** Until the text is sent. */
  readonly cost: Cost
  /** Including the delayed checks of the visit. */
  readonly afterwards: Cost
  /** Wall-clock and processor time. */
  readonly tookMs: number
  readonly workedMs: number
}

export async function benchCloudVisit(workshop: Workshop): Promise<Row[]> {
  const { visits } = workshop.quick ? quick : full
  workshop.say(`cloud visit: ${visits} visits of each kind`)
  const home = await cloudHome()
  const known: Visited[] = []
  const strangers: Visited[] = []
  try {
    for (let nth = 0; nth < visits; nth += 1) {
      const guest = person(`guest ${nth}`)
      await putOnFile(home, guest, nth)
      known.push(await visited(home, guest, 'known', nth))
      strangers.push(await visited(home, person(`stranger ${nth}`), 'stranger', nth))
      home.clock.advance(hourMs)
    }
  } finally {
    await home.close()
  }
  return [...callRows('known', known), ...callRows('stranger', strangers), timeRow(known)]
}

async function putOnFile(home: CloudHome, guest: Person, nth: number): Promise<void> {
  const visitor: Visitor = {
    ...{ household, visitorId: newId(), revision: 0, name: 'Kim Lake', language: 'en' },
    contact: { prefers: 'sms', phone: `+1555${2_000_000 + nth}`, email: null },
    ...{ photo: null, remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
  }
  await home.deps.visitors.put(visitor)
  const { visitorId } = visitor
  const owner = { kind: 'visitor', visitorId } as const
  const faceIds = await home.deps.faces.remember(household, snapshot(guest, 99), owner)
  await home.deps.visitors.setFaceIds(household, visitorId, faceIds)
  await home.settled()
}

const snapshot = (guest: Person, seed: number): Uint8Array =>
  drawSnapshot({ people: [{ person: guest }], seed })

/** A warm function has cached the household. */
async function visited(home: CloudHome, guest: Person, kind: Kind, nth: number): Promise<Visited> {
  const pictures = [1, 2].map((seed) => snapshot(guest, seed))
  const visitId = newId()
  await home.deps.household(household)
  home.dynamodb.resetCounts()
  let [tookMs, workedMs] = [0, 0]
  for (const picture of pictures) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), picture, 7)
    const [beganMs, before] = [performance.now(), process.cpuUsage()]
    await home.settled()
    tookMs = performance.now() - beganMs
    const { user, system } = process.cpuUsage(before)
    workedMs = (user + system) / 1_000
    home.clock.advance(1_000)
  }
  if (kind === 'stranger') await allowed(home, nth)
  const cost = costSoFar(home)
  home.clock.advance(11_000)
  await home.settled()
  return { cost, afterwards: costSoFar(home), tookMs, workedMs }
}

function costSoFar({ dynamodb }: CloudHome): Cost {
  const { writes, reads, scans } = dynamodb.counts()
  if (scans > 0) throw new Error('A table was scanned.')
  return { writes, reads }
}

async function allowed(home: CloudHome, nth: number): Promise<void> {
  const mail = home.aws.mailbox.at(-1)
  const { request, token } = linkIn(mail?.text ?? null)
  // The photo in the mail is that of the request.
  const face = mail?.attachments[0]?.bytes ?? new Uint8Array()
  const faceSha256 = createHash('sha256').update(face).digest('hex')
  const { outcome } = await answerRequest(home.deps, {
    ...{ request, visitNumber: 7, faceSha256, language: 'en' },
    asker: { kind: 'mail', token },
    answer: {
      kind: 'allow',
      visitor: {
        ...{ name: 'Sam Field', phone: `+1555${3_000_000 + nth}`, email: '', prefers: 'sms' },
        ...{ language: 'en', remembersFace: '', validity: 'day' },
      },
    },
  })
  if (outcome !== 'allowed') throw new Error(`The owner was ${outcome}, so nothing was measured.`)
  await home.settled()
}

// ---------------------------------------------------------------- rows

/** The most expensive visit counts. */
function callRows(kind: Kind, visits: readonly Visited[]): Row[] {
  const dearest = (of: (visit: Visited) => number) => Math.max(...visits.map(of))
  const calls = (what: 'writes' | 'reads') =>
    rowOf({
      row: `cloud visit, DynamoDB ${what} of a ${kind}`,
      unit: 'calls',
      ours: dearest(({ cost }) => cost[what]),
      peer: limits[kind][what],
      peerIs: 'limit',
      figures: { withChecksAfterwards: dearest(({ afterwards }) => afterwards[what]) },
    })
  return [calls('writes'), calls('reads')]
}

/**
 * Processor time, because waiting and other programs are not ours. It includes the stand-ins and new
 * connections, so the real figure is lower.
 */
const timeRow = (visits: readonly Visited[]): Row => {
  const [worked, onFrame] = [visits.map((one) => one.workedMs), visits.map((one) => one.tookMs)]
  return rowOf({
    row: 'cloud visit, our share from the second snapshot to the text, p95',
    unit: 'ms',
    ours: percentile(worked, 0.95),
    ...{ peer: limitMs, peerIs: 'limit' },
    figures: {
      medianMs: median(worked),
      ...{ medianByClockMs: median(onFrame), p95ByClockMs: percentile(onFrame, 0.95) },
    },
  })
}
