/**
 * How much of AWS one door uses in a month. What a visit asks for was counted while it was played
 * against the stand-ins, and a test plays it again; everything else is written down as assumed.
 */

import type { Settings } from '../settings.ts'
import type { Priced } from './prices.ts'

export type Recognition = Settings['recognition']
export type Usage = Readonly<Partial<Record<Priced, number>>>

/**
 * A visit with three stills. The cache of a door's key is warm and the household's collection is
 * there. Tables may be asked less than this says, never more; every read asks for the newest, which
 * is one unit, and a write in a transaction is two.
 */
export const counted = {
  known: {
    ...{ faceCalls: 6, storedObjects: 3, readObjects: 3, queueCalls: 4, texts: 1 },
    ...{ toDoor: 2, reads: 20, writes: 8, transactions: 1 },
  },
  stranger: {
    ...{ faceCalls: 9, storedObjects: 5, readObjects: 8, queueCalls: 6, texts: 1, mails: 1 },
    ...{ toDoor: 4, reads: 24, writes: 12, transactions: 4 },
  },
} as const

export const assumed = {
  snapshots: 3,
  strangerShare: 0.2,
  /** Presence twice, grant stored, code accepted, door closed. */
  fromDoor: 5,
  /** At most five items each, of less than 1 kB; one unit of them is among the writes already. */
  unitsOfTransaction: 9,
  /** Every still, what the door says, and what was put off; not measured in AWS. */
  runs: 11,
  runSeconds: 0.4,
  runGb: 1,
  /** The page, its style, its script, the face, the answer. */
  pagesOfApproval: 5,
  videoSeconds: 60,
  videoMbitPerSecond: 0.8,
  videoKeptDays: 7,
  days: 30,
  /** What a queue is asked although there is nothing in it: five at a time, for 20 s each. */
  pollsOfQueue: (5 * 30 * 24 * 3_600) / 20,
} as const

/** Of one door in one month. */
export function usageOf(recognition: Recognition, visitsPerDay: number): Usage {
  const visits = visitsPerDay * assumed.days
  const strangers = visits * assumed.strangerShare
  const mixed = (of: (visit: Visit) => number): number =>
    (visits - strangers) * of(counted.known) + strangers * of(counted.stranger)
  return {
    ...{ ...videoOf(visits), ...recognitionOf(recognition, visits, mixed) },
    tableReads: mixed(({ reads }) => reads),
    tableWrites: mixed(
      ({ writes, transactions }) => writes + transactions * assumed.unitsOfTransaction,
    ),
    readObjects: mixed(({ readObjects }) => readObjects),
    // Sent, received and removed.
    queueCalls: mixed(({ queueCalls }) => queueCalls * 3) + visits * assumed.snapshots * 3,
    ...{ runs: visits * assumed.runs, runTime: visits * assumed.runs * assumed.runSeconds },
    doorMinutes: assumed.days * 24 * 60,
    doorMessages: mixed(({ toDoor }) => toDoor) + visits * assumed.fromDoor,
    rules: visits * assumed.fromDoor * 2,
    texts: mixed(({ texts }) => texts),
    ...{ mails: strangers, pages: strangers * assumed.pagesOfApproval, secrets: 1 },
  }
}

type Visit = (typeof counted)[keyof typeof counted]

function videoOf(visits: number): Usage {
  const gb = (visits * assumed.videoSeconds * assumed.videoMbitPerSecond) / 8 / 1_024
  return { videoIn: gb, videoKept: (gb * assumed.videoKeptDays) / assumed.days }
}

/** The door streams while somebody is there, either way; only who looks at it differs. */
function recognitionOf(
  recognition: Recognition,
  visits: number,
  mixed: (of: (visit: Visit) => number) => number,
): Usage {
  const stored = mixed(({ storedObjects }) => storedObjects)
  if (recognition === 'snapshots') {
    return {
      faceCalls: mixed(({ faceCalls }) => faceCalls),
      storedObjects: stored + visits * assumed.snapshots,
    }
  }
  // Nobody played this one. Finding and searching is the processor's; telling strangers apart and
  // learning is not.
  const asked = mixed(({ faceCalls }) => faceCalls - 2 * assumed.snapshots)
  return {
    ...{ faceCalls: asked, storedObjects: stored },
    streamAnalysis: (visits * assumed.videoSeconds) / 60,
    // Once by the processor, once for the picture.
    videoOut: (videoOf(visits).videoIn ?? 0) * 2,
  }
}

/** Of a deployment even when nobody comes, however many doors share it. */
export const usageOfDeployment = (
  recognition: Recognition,
  alarms: number,
  queues: number,
): Usage => ({
  alarms,
  queueCalls: queues * assumed.pollsOfQueue,
  ...(recognition === 'stream-processor' && { shardHours: assumed.days * 24 }),
})
