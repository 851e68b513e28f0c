/** Who came in a visit, and what became of it: for the history, its filters and its index. */
import { subjectOf, type Visit } from './visit.ts'

export const credentials = ['code', 'member'] as const
/** What opened the door: a code at the keypad, or a person or program from afar. */
export type Credential = (typeof credentials)[number]

export const outcomes = ['came-in', 'turned-away', 'no-answer', 'no-entry'] as const
export type Outcome = (typeof outcomes)[number]

/** An outcome, more closely where the door was opened. */
type Result = Credential | Exclude<Outcome, 'came-in'>

/** Stands for a visitor who is not on file. */
export const unknownPerson = 'unknown'

/** Visitors on file, before any correction. */
export const recognisedIn = ({ matches, grants, timeline }: Visit): readonly string[] => [
  ...new Set([
    ...Object.keys(matches),
    ...Object.keys(grants),
    ...timeline.flatMap(({ visitorId }) => visitorId ?? []),
  ]),
]

/** Who a person in a visit is, by its correction; null when that is not known. */
export function personIs(
  { corrections }: Visit,
  subject: { readonly recognised: string } | { readonly stranger: number },
): string | null {
  if ('stranger' in subject) return corrections[subjectOf(subject.stranger)]?.visitorId ?? null
  const correction = corrections[subject.recognised]
  return correction ? correction.visitorId : subject.recognised
}

/** Visitors on file, by what was recognised and by what members corrected. */
export function peopleIn(visit: Visit): readonly string[] {
  const people = [
    ...recognisedIn(visit).map((recognised) => personIs(visit, { recognised })),
    ...visit.strangers.map(({ number }) => personIs(visit, { stranger: number })),
  ]
  return [...new Set(people.filter((id) => id !== null))]
}

const openings: Readonly<Record<string, Credential>> = {
  'code-accepted': 'code',
  unlocked: 'member',
}

/** Empty if the door did not open, or the lock did not move. */
export function credentialsIn({ timeline }: Visit): readonly Credential[] {
  if (timeline.some(({ what }) => what === 'lock-failed')) return []
  return [...new Set(timeline.flatMap(({ what }) => openings[what] ?? []))]
}

/** Null while a visit goes on and nothing is decided. A decision that was taken back does not count. */
export function outcomeOf(visit: Visit): Outcome | null {
  const takenBackMs = Math.max(
    ...visit.timeline.map(({ what, atMs }) => (what === 'undone' ? atMs : -1)),
  )
  const stands = visit.timeline.filter(({ atMs }) => atMs > takenBackMs)
  const happened = new Set(stands.map(({ what }) => what))
  if (credentialsIn(visit).length > 0) return 'came-in'
  if (happened.has('denied') || happened.has('turned-away')) return 'turned-away'
  if (happened.has('no-answer')) return 'no-answer'
  return visit.endedAtMs === null ? null : 'no-entry'
}

function resultsOf(visit: Visit): readonly Result[] {
  const outcome = outcomeOf(visit)
  if (outcome === 'came-in') return credentialsIn(visit)
  return outcome ? [outcome] : []
}

// ---------------------------------------------------------------- filters

export interface VisitFilter {
  readonly doorId?: string | undefined
  readonly outcome?: Outcome | undefined
  readonly credential?: Credential | undefined
  /** Any of these, or `unknownPerson`. */
  readonly people?: readonly string[] | undefined
}

export function fits(visit: Visit, filter: VisitFilter): boolean {
  const { doorId, outcome, credential, people } = filter
  return (
    (doorId === undefined || visit.doorId === doorId) &&
    (outcome === undefined || outcomeOf(visit) === outcome) &&
    (credential === undefined || credentialsIn(visit).includes(credential)) &&
    (people === undefined || peopleOrUnknown(visit).some((one) => people.includes(one)))
  )
}

function peopleOrUnknown(visit: Visit): readonly string[] {
  const people = peopleIn(visit)
  return people.length === 0 && visit.strangers.length > 0 ? [unknownPerson] : people
}

// ---------------------------------------------------------------- index

const indexKey = (doorId: string, result: string, person: string): string =>
  [doorId, result, person].join('#')
const noFilter = indexKey('', '', '')

/** Each combination of filters that finds the visit. */
export function indexKeysOf(visit: Visit): ReadonlySet<string> {
  const keys = ['', visit.doorId].flatMap((doorId) =>
    ['', ...resultsOf(visit)].flatMap((result) =>
      ['', ...peopleOrUnknown(visit)].map((person) => indexKey(doorId, result, person)),
    ),
  )
  return new Set(keys.filter((key) => key !== noFilter))
}

/** The keys that together hold all visits of a filter; null when every visit fits. */
export function indexKeysFor(filter: VisitFilter): readonly string[] | null {
  const { doorId = '', outcome, credential, people = [''] } = filter
  const results = resultsFor(outcome, credential)
  const keys = results.flatMap((result) => people.map((one) => indexKey(doorId, result, one)))
  return keys.includes(noFilter) ? null : keys
}

function resultsFor(outcome?: Outcome, credential?: Credential): readonly (Result | '')[] {
  if (outcome === undefined) return [credential ?? '']
  if (outcome !== 'came-in') return credential === undefined ? [outcome] : []
  return credential === undefined ? credentials : [credential]
}
