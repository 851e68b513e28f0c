/** What happened in a visit, in sentences, from what door and cloud have stored about it. */
import { longestGrantMs } from '../../../../protocol/messages/cloud.ts'
import type { ApprovalRequest } from '../../../approvals/core/approval-request.ts'
import type { Member } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import { reasonOf } from '../../../visits/core/timeline.ts'
import { type TimelineEntry, takenAtOf, type Visit } from '../../../visits/core/visit.ts'
import { personIs } from '../../../visits/core/who-came.ts'
import type { Here } from '../console.ts'
import { doorNameOf, nameOf, type People } from './shown.ts'

export interface Happened {
  readonly atMs: number
  readonly sentence: string
  /** Empty when the sentence says it all. */
  readonly reason: string
}

export interface VisitFacts {
  readonly visit: Visit
  readonly people: People
  readonly requests: readonly ApprovalRequest[]
  readonly members: readonly Member[]
}

/** Oldest first. */
export function timelineOf(here: Here, facts: VisitFacts): readonly Happened[] {
  return [
    ...began(here, facts),
    ...recognised(here, facts),
    ...asked(here, facts),
    ...facts.visit.timeline.map((entry) => stored(here, facts, entry)),
    ...ended(here, facts),
  ].sort((one, other) => one.atMs - other.atMs)
}

const plain = (atMs: number, sentence: string): Happened => ({ atMs, sentence, reason: '' })

function began(here: Here, { visit }: VisitFacts): readonly Happened[] {
  const door = doorNameOf(here, visit.doorId)
  return [plain(visit.startedAtMs, fill(here.words.timeline.began, { door }))]
}

const ended = ({ words }: Here, { visit }: VisitFacts): readonly Happened[] =>
  visit.endedAtMs === null ? [] : [plain(visit.endedAtMs, words.timeline.ended)]

/** Each person when they were first seen, and the code that they got for it. */
function recognised(here: Here, { visit, people }: VisitFacts): readonly Happened[] {
  const words = here.words.timeline
  const who = (id: string) => {
    const is = personIs(visit, { recognised: id })
    return is === null ? words.somebodyElse : nameOf(here, people, is)
  }
  const seen = Object.entries(visit.matches).map(([id, keys]) =>
    plain(Math.min(...keys.map(takenAtOf)), fill(words.recognised, { name: who(id) })),
  )
  const strangers = visit.strangers.map(({ snapshots, face }) =>
    plain(Math.min(...[face.key, ...snapshots].map(takenAtOf)), words.strangerSeen),
  )
  const codes = Object.entries(visit.grants).map(([id, { expiresAtMs }]) =>
    plain(expiresAtMs - longestGrantMs, fill(words.codeMade, { name: nameOf(here, people, id) })),
  )
  return [...seen, ...strangers, ...codes].filter(({ atMs }) => Number.isFinite(atMs))
}

function asked(
  { words: { timeline: words } }: Here,
  { requests }: VisitFacts,
): readonly Happened[] {
  return requests.flatMap(({ askedAtMs, decision }) => {
    const by = decision && decision.by !== 'mail' ? decision.by : words.anOwner
    return [
      plain(askedAtMs, words.asked),
      ...(decision ? [plain(decision.atMs, fill(words.decided[decision.outcome], { by }))] : []),
    ]
  })
}

function stored(
  here: Here,
  facts: VisitFacts,
  { atMs, what, why, visitorId }: TimelineEntry,
): Happened {
  const words = here.words.timeline
  const sentences: Readonly<Record<string, string>> = words.happened
  const reasons: Readonly<Record<string, string>> = words.reasons
  const name = visitorId === null ? words.theVisitor : nameOf(here, facts.people, visitorId)
  const by = byWhom(here, facts, why)
  const sentence = fill(sentences[what] ?? words.unknownEntry, { name, by })
  return { atMs, sentence, reason: reasons[reasonOf(why)] ?? '' }
}

/** Of an entry whose reason is a person: a member by id or address, or a program. */
function byWhom({ words }: Here, { members }: VisitFacts, why: string): string {
  const [, memberId] = /^member (\S+)$/.exec(why) ?? []
  if (memberId !== undefined) {
    return members.find((one) => one.memberId === memberId)?.email ?? words.timeline.aMember
  }
  const by = why.replace(/ took the decision back$/, '')
  return by === 'mail' || by === '' ? words.timeline.anOwner : by
}
