/**
 * The visits of a home, from what the door reports, what the cloud answers and the timeline that the
 * cloud stores.
 */
import type { Visits } from '../../cloud/ports.ts'
import type { Visit as StoredVisit } from '../../cloud/visits/core/visit.ts'
import type { CloudBody } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { VisitState } from './state.ts'

export interface VisitBook {
  /** The visit that the door reported last, while it lasts. */
  current(): { readonly visitId: string; readonly number: number | null } | null
  numberOf(visitId: string | null): number | null
  nameOf(visitorId: string): string | null
  name(visitorId: string, name: string): void
  fromDoor(message: DoorMessage): void
  toDoor(body: CloudBody): void
  /** Reads what the cloud has stored. */
  refresh(visits: Visits, household: string): Promise<void>
  /** Newest first. */
  all(): readonly VisitState[]
}

interface Known {
  readonly visitId: string
  number: number | null
  state: string
  reason: string | null
  over: boolean
  /** All messages about it arrived here, from its beginning. */
  beganHere: boolean
}

const mostStored = 50

export function openVisitBook(): VisitBook {
  const known = new Map<string, Known>()
  const names = new Map<string, string>()
  let stored: readonly StoredVisit[] = []
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
    if (known.size > mostStored) known.delete(known.keys().next().value ?? '')
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
      if (body.type === 'grant') {
        const { holder } = body.credential
        names.set(holder.visitorId, holder.name)
      }
      if (body.type === 'visitor-changed') names.set(body.visitorId, body.name)
      if (body.type !== 'visit-status') return
      const one = entry(body.visitId)
      if (one.state !== 'entered') one.state = body.status
    },
    async refresh(visits, household) {
      stored = (await visits.history({ household, limit: mostStored })).visits
      for (const { visitId, number, endedAtMs, timeline, grants } of stored.toReversed()) {
        const one = entry(visitId, number)
        if (!one.beganHere && one.state === 'here') one.state = stateBefore(timeline, grants)
        // A visitor who has come in stays so, whatever is tried later.
        const entered = timeline.find(({ what }) => what === 'entered')
        one.over ||= endedAtMs !== null
        one.reason = (entered ?? timeline.at(-1))?.why ?? null
        if (entered) one.state = 'entered'
      }
    },
    all: () =>
      newestFirst([...known.values()].reverse(), stored).map(
        ({ visitId, number, state, reason, over }) => ({
          id: visitId,
          number,
          reason,
          state: over && state === 'here' ? 'left' : state,
          people: peopleIn(
            stored.find((visit) => visit.visitId === visitId),
            names,
          ),
        }),
      ),
  }
}

/** In the cloud's order; visits that it has not stored yet are the newest. */
function newestFirst(visits: readonly Known[], stored: readonly StoredVisit[]): readonly Known[] {
  const ranks = new Map(stored.map(({ visitId }, rank) => [visitId, rank]))
  const rankOf = ({ visitId }: Known) => ranks.get(visitId) ?? -1
  return visits.toSorted((a, b) => rankOf(a) - rankOf(b))
}

/** For a visit from before this program started, only what the cloud has stored is known. */
function stateBefore(timeline: StoredVisit['timeline'], grants: StoredVisit['grants']): string {
  const status = { 'no-answer': 'no-answer', 'turned-away': 'denied' }[timeline.at(-1)?.what ?? '']
  return status ?? (Object.keys(grants).length > 0 ? 'code-sent' : 'here')
}

function peopleIn(visit: StoredVisit | undefined, names: ReadonlyMap<string, string>): string[] {
  if (!visit) return []
  const timeline = visit.timeline.flatMap(({ visitorId }) => visitorId ?? [])
  const ids = new Set([...Object.keys(visit.matches), ...Object.keys(visit.grants), ...timeline])
  const visitors = [...ids].map((id) => names.get(id) ?? 'a visitor on file')
  return [...visitors, ...visit.strangers.map(({ number }) => `stranger ${number}`)]
}
