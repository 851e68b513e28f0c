/**
 * The visits of a home, from what the door reports, what the cloud answers and the timeline that the
 * cloud stores.
 */
import type { Visits } from '../../cloud/ports.ts'
import type { Visit as StoredVisit } from '../../cloud/visits/core/visit.ts'
import type { CloudBody } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { VisitState } from './state.ts'

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

export class VisitBook {
  readonly #known = new Map<string, Known>()
  readonly #names = new Map<string, string>()
  #stored: readonly StoredVisit[] = []
  #current: Known | null = null

  /** The visit that the door reported last, while it lasts. */
  current = (): Readonly<Known> | null => this.#current

  numberOf = (visitId: string | null): number | null =>
    (visitId && this.#known.get(visitId)?.number) || null

  nameOf = (visitorId: string): string | null => this.#names.get(visitorId) ?? null

  name(visitorId: string, name: string): void {
    this.#names.set(visitorId, name)
  }

  fromDoor(message: DoorMessage): void {
    if (message.type === 'visit-started') {
      this.#current = this.#entry(message.visitId, message.visitNumber)
      this.#current.beganHere = true
    } else if (message.type === 'visit-ended') {
      this.#entry(message.visitId).over = true
      if (this.#current?.visitId === message.visitId) this.#current = null
    } else if (message.type === 'door-state') {
      this.#current = message.visitId === null ? null : this.#entry(message.visitId)
    } else if (message.type === 'entry-accepted' && message.visitId !== null) {
      this.#entry(message.visitId).state = 'entered'
    }
  }

  toDoor(body: CloudBody): void {
    if (body.type === 'grant')
      this.name(body.credential.holder.visitorId, body.credential.holder.name)
    if (body.type === 'visitor-changed') this.name(body.visitorId, body.name)
    if (body.type !== 'visit-status') return
    const visit = this.#entry(body.visitId)
    if (visit.state !== 'entered') visit.state = body.status
  }

  /** Reads what the cloud has stored. */
  async refresh(visits: Visits, household: string): Promise<void> {
    this.#stored = (await visits.history({ household, limit: mostStored })).visits
    for (const { visitId, number, endedAtMs, timeline, grants } of this.#stored.toReversed()) {
      const visit = this.#entry(visitId, number)
      if (!visit.beganHere && visit.state === 'here') visit.state = stateBefore(timeline, grants)
      // A visitor who has come in stays so, whatever is tried later.
      const entered = timeline.find(({ what }) => what === 'code-accepted')
      visit.over ||= endedAtMs !== null
      visit.reason = (entered ?? timeline.at(-1))?.why ?? null
      if (entered) visit.state = 'entered'
    }
  }

  /** Newest first. */
  all(): readonly VisitState[] {
    const storedById = new Map(this.#stored.map((visit) => [visit.visitId, visit]))
    return newestFirst([...this.#known.values()].reverse(), this.#stored).map(
      ({ visitId, number, state, reason, over }) => ({
        id: visitId,
        number,
        reason,
        state: over && state === 'here' ? 'left' : state,
        people: peopleIn(storedById.get(visitId), this.#names),
      }),
    )
  }

  #entry(visitId: string, number: number | null = null): Known {
    const found = this.#known.get(visitId)
    if (found) {
      found.number ??= number
      return found
    }
    const visit = { visitId, number, state: 'here', reason: null, over: false, beganHere: false }
    this.#known.set(visitId, visit)
    if (this.#known.size > mostStored) this.#known.delete(this.#known.keys().next().value ?? '')
    return visit
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
