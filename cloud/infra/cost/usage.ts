/**
 * How much of AWS one door uses in a month. The calls of a visit were counted against the stand-ins,
 * and a test counts them again; everything else is an assumption, listed as such.
 */
import type { Settings } from '../settings.ts'
import type { Priced } from './prices.ts'

export type Recognition = Settings['recognition']
export type Usage = Readonly<Partial<Record<Priced, number>>>

/**
 * A visit with three snapshots, while the door's key is cached and the household's collection
 * exists. Table calls are upper limits, with one look for calendars. Every read is consistent, which
 * is one unit; a write in a transaction is two.
 */
export const counted = {
  known: {
    faceCalls: 4,
    storedObjects: 2,
    readObjects: 2,
    queueCalls: 4,
    texts: 1,
    toDoor: 2,
    reads: 26,
    writes: 19,
    transactions: 1,
  },
  stranger: {
    faceCalls: 9,
    storedObjects: 4,
    readObjects: 8,
    queueCalls: 7,
    texts: 1,
    mails: 1,
    toDoor: 4,
    reads: 33,
    writes: 22,
    transactions: 4,
  },
} as const

export const assumed = {
  /** In a day. */
  looksForCalendars: 48,
  snapshots: 3,
  /** Of a visitor on file: once they have a code, the next is not searched. */
  searchedSnapshots: 2,
  strangerShare: 0.2,
  /** People who live there: recorded and recognised as visitors are, but they get no text. */
  residentShare: 0.4,
  /** Visit started and ended, grant stored, code accepted, door closed. */
  fromDoor: 5,
  /** What became of a visit is indexed when the door reports it: four entries, and that they are there. */
  resultWrites: 5,
  /** At most five items each, below 1 kB; one of the units is among the writes already. */
  unitsOfTransaction: 9,
  /** Snapshots, door messages and delayed messages; not measured in AWS. */
  runs: 11,
  runSeconds: 0.4,
  runGb: 1,
  /** The page, its style, its script, the face, the answer. */
  pagesOfApproval: 5,
  videoSeconds: 60,
  videoMbitPerSecond: 0.8,
  videoStoredDays: 7,
  /** Recordings that are played, once. */
  playedShare: 0.2,
  liveMinutesPerDay: 2,
  days: 30,
  /** Polls of an empty queue: five at a time, for 20 s each. */
  pollsOfQueue: (5 * 30 * 24 * 3_600) / 20,
} as const

type Visit = (typeof counted)[keyof typeof counted]

const gbOf = (seconds: number): number => (seconds * assumed.videoMbitPerSecond) / 8 / 1_024

/** Of one door in one month. */
export function usageOf(recognition: Recognition, visitsPerDay: number): Usage {
  const visits = visitsPerDay * assumed.days
  const strangers = visits * assumed.strangerShare
  const mixed = (of: (visit: Visit) => number): number =>
    (visits - strangers) * of(counted.known) + strangers * of(counted.stranger)
  const snapshots = visits * assumed.snapshots
  const runs = visits * assumed.runs
  const gb = gbOf(visits * assumed.videoSeconds)
  const live = gbOf(assumed.liveMinutesPerDay * 60 * assumed.days)
  const byProcessor = recognition === 'stream-processor'
  return {
    // The processor finds and searches; comparing strangers and adding faces remains.
    faceCalls: mixed(
      ({ faceCalls }) => faceCalls - (byProcessor ? 2 * assumed.searchedSnapshots : 0),
    ),
    storedObjects: mixed(({ storedObjects }) => storedObjects) + (byProcessor ? 0 : snapshots),
    videoIn: gb + live,
    videoStored: ((gb + live) * assumed.videoStoredDays) / assumed.days,
    videoPlayed: gb * assumed.playedShare + live,
    // Number and hash of each message of the door are stored, and compared with those beside it, if
    // its household still has the door.
    tableReads:
      mixed(({ reads }) => reads) +
      visits * assumed.fromDoor * 2 +
      assumed.days * assumed.looksForCalendars * 2,
    tableWrites:
      mixed(({ writes, transactions }) => writes + transactions * assumed.unitsOfTransaction) +
      visits * (assumed.fromDoor + assumed.resultWrites),
    indexWrites:
      mixed(({ writes, transactions }) => writes + transactions) + visits * assumed.resultWrites,
    readObjects: mixed(({ readObjects }) => readObjects),
    // Send, receive, delete.
    queueCalls: (mixed(({ queueCalls }) => queueCalls) + snapshots) * 3,
    runs,
    runTime: runs * assumed.runSeconds * assumed.runGb,
    doorMinutes: assumed.days * 24 * 60,
    doorMessages: mixed(({ toDoor }) => toDoor) + visits * assumed.fromDoor,
    rules: visits * assumed.fromDoor * 2,
    texts: visits * (1 - assumed.residentShare),
    mails: strangers,
    pages: strangers * assumed.pagesOfApproval,
    secrets: 1,
    ...(byProcessor && {
      streamAnalysis: (visits * assumed.videoSeconds) / 60,
      // Once by the processor, once for the picture.
      videoOut: gb * 2,
    }),
  }
}

/** Of a deployment without any visits, shared by all its doors. */
export const usageOfDeployment = (
  recognition: Recognition,
  alarms: number,
  queues: number,
): Usage => ({
  alarms,
  // That the keys of pushes are made from.
  secrets: 1,
  queueCalls: queues * assumed.pollsOfQueue,
  ...(recognition === 'stream-processor' && { shardHours: assumed.days * 24 }),
})
