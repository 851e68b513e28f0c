/**
 * The visits of a home as somebody sees them who can look at door and cloud at once: what the door
 * says of each, what the cloud answered, and the story that the cloud keeps.
 */

import type { Visits } from '../../cloud/ports.ts'
import type { Visit as KeptVisit } from '../../cloud/visits/core/visit.ts'
import type { CloudBody } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { VisitState } from './state.ts'

export interface VisitBook {
  /** The one that the door last told of, while it lasts. */
  current(): { readonly visitId: string; readonly number: number | null } | null
  numberOf(visitId: string | null): number | null
  nameOf(visitorId: string): string | null
  name(visitorId: string, name: string): void
  fromDoor(message: DoorMessage): void
  toDoor(body: CloudBody): void
  /** What the cloud keeps, as of the last look. */
  look(visits: Visits, household: string): Promise<void>
  /** Newest first. */
  all(): readonly VisitState[]
}

interface Known {
  readonly visitId: string
  number: number | null
  state: string
  reason: string | null
  over: boolean
  /** Everything about it was heard, from its beginning. */
  beganHere: boolean
}

const mostKept = 50

export function openVisitBook(): VisitBook {
  const known = new Map<string, Known>()
  const names = new Map<string, string>()
  let kept: readonly KeptVisit[] = []
  let current: Known | null = null

  const entry = (visitId: string, number: number | null = null): Known => {
    const found = known.get(visitId)
    const one = found ?? {
      visitId,
      number,
      state: 'here',
      reason: null,
      over: false,
      beganHere: false,
    }
    one.number ??= number
    if (!found) known.set(visitId, one)
    if (known.size > mostKept) known.delete(known.keys().next().value ?? '')
    return one
  }
  const numberOf = (visitId: string | null) => (visitId && known.get(visitId)?.number) || null

  return {
    current: () => current,
    numberOf,
    nameOf: (visitorId) => names.get(visitorId) ?? null,
    name: (visitorId, name) => void names.set(visitorId, name),
    fromDoor(message) {
      if (message.type === 'visit-started') {
        current = entry(message.visitId, message.visitNumber)
        current.beganHere = true
      } else if (message.type === 'visit-ended') {
        entry(message.visitId).over = true
        if (current?.visitId === message.visitId) current = null
      } else if (message.type === 'door-state') {
        current = message.visitId === null ? null : entry(message.visitId)
      } else if (message.type === 'entry-accepted' && message.visitId !== null) {
        entry(message.visitId).state = 'entered'
      }
    },
    toDoor(body) {
      if (body.type === 'grant') names.set(body.visitorId, body.visitorName)
      if (body.type === 'visitor-changed') names.set(body.visitorId, body.name)
      if (body.type !== 'visit-status') return
      const one = entry(body.visitId)
      if (one.state !== 'entered') one.state = body.status
    },
    async look(visits, household) {
      kept = (await visits.history({ household, limit: mostKept })).visits
      for (const { visitId, number, endedAtMs, timeline, grants } of kept.toReversed()) {
        const one = entry(visitId, number)
        if (!one.beganHere && one.state === 'here') one.state = stateBefore(timeline, grants)
        // Whatever else is tried later, whoever has come in has come in.
        const entered = timeline.find(({ what }) => what === 'entered')
        one.over ||= endedAtMs !== null
        one.reason = (entered ?? timeline.at(-1))?.why ?? null
        if (entered) one.state = 'entered'
      }
    },
    all: () =>
      newestFirst([...known.values()].reverse(), kept).map(
        ({ visitId, number, state, reason, over }) => ({
          ...{ id: visitId, number, reason },
          state: over && state === 'here' ? 'left' : state,
          people: peopleIn(
            kept.find((visit) => visit.visitId === visitId),
            names,
          ),
        }),
      ),
  }
}

/** As the cloud keeps them; what it does not keep yet is newer than all that. */
function newestFirst(visits: readonly Known[], kept: readonly KeptVisit[]): readonly Known[] {
  const ranks = new Map(kept.map(({ visitId }, rank) => [visitId, rank]))
  const rankOf = ({ visitId }: Known) => ranks.get(visitId) ?? -1
  return visits.toSorted((a, b) => rankOf(a) - rankOf(b))
}

/** Of a visit from before this program was started, only what the cloud keeps is known. */
function stateBefore(timeline: KeptVisit['timeline'], grants: KeptVisit['grants']): string {
  const status = { 'no-answer': 'no-answer', 'turned-away': 'denied' }[timeline.at(-1)?.what ?? '']
  return status ?? (Object.keys(grants).length > 0 ? 'code-sent' : 'here')
}

function peopleIn(visit: KeptVisit | undefined, names: ReadonlyMap<string, string>): string[] {
  if (!visit) return []
  const timeline = visit.timeline.flatMap(({ visitorId }) => visitorId ?? [])
  const ids = new Set([...Object.keys(visit.matches), ...Object.keys(visit.grants), ...timeline])
  const visitors = [...ids].map((id) => names.get(id) ?? 'a visitor on file')
  return [...visitors, ...visit.strangers.map(({ number }) => `stranger ${number}`)]
}
