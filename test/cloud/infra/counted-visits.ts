/** Plays the two visits that the cost is computed from and counts the AWS calls of each. */
import { answerRequest } from '../../../cloud/approvals/answer-request.ts'
import { assumed } from '../../../cloud/infra/cost/usage.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  household,
  linkIn,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'

export type Counted = Readonly<Record<string, number>>

type Person = ReturnType<typeof person>

async function stands(home: CloudHome, who: Person, seed: number): Promise<string> {
  const visitId = newId()
  for (let nth = 0; nth < assumed.snapshots; nth += 1) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), snapshots.front(who, seed + nth), 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  home.clock.advance(20_000)
  await home.settled()
  return visitId
}

async function isAllowed(home: CloudHome): Promise<void> {
  const { request, token } = linkIn(home.aws.mailbox.at(-1)?.text ?? null)
  const [, visitId = '', subject = ''] = request.split('.')
  const asked = await home.deps.approvalRequests.find({ household, doorId, visitId, subject })
  await answerRequest(home.deps, {
    ...{ request, visitNumber: 7, faceSha256: asked?.face?.sha256 ?? '', language: 'en' },
    asker: { kind: 'mail', token },
    answer: {
      kind: 'allow',
      visitor: {
        ...{ name: 'Robin Vale', phone: '+15550100', email: '', prefers: 'sms', language: 'en' },
        ...{ remembersFace: 'yes', validity: 'always' },
      },
    },
  })
  await home.settled()
}

function countsSince(home: CloudHome, from: number): Counted {
  const counts: Record<string, number> = {}
  for (const { service, operation } of home.aws.calls.slice(from)) {
    if (service === 'dynamodb') continue
    const name = `${service}:${operation}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  const { reads, writes, transactions } = home.dynamodb.counts()
  return { ...counts, reads, writes, transactions }
}

const dayMs = 24 * 3_600_000

/** Another visitor comes first, so that the collection exists and the door's key is cached. */
export async function countedVisits(): Promise<{ stranger: Counted; known: Counted }> {
  const home = await cloudHome()
  // The nightly tidying reads tables, too, and belongs to no visit.
  home.clock.advance(dayMs - (home.clock.nowMs() % dayMs) + dayMs / 2)
  await home.settled()
  const count = async (visit: () => Promise<unknown>): Promise<Counted> => {
    const before = home.aws.calls.length
    home.dynamodb.resetCounts()
    await visit()
    home.clock.advance(3_600_000)
    return countsSince(home, before)
  }
  const comesFirst = async (who: Person) => {
    await stands(home, who, 1)
    await isAllowed(home)
  }
  const robin = person('robin')
  try {
    await count(() => comesFirst(person('sasha')))
    const stranger = await count(() => comesFirst(robin))
    const known = await count(() => stands(home, robin, 11))
    return { stranger, known }
  } finally {
    await home.close()
  }
}
