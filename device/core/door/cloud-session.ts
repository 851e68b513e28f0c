/**
 * The line to the cloud: how the door introduces itself when it is up, and asks for the time and for
 * whatever it may have missed, until it is told.
 */
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { pausedForMs } from '../credentials/lockout.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

/** After a shorter absence the messages that were missed still come by themselves. */
const resyncAfterOfflineMs = 60 * 60_000
const askAgainAfterMs = 30_000
/** A cloud that does not answer for days must not fill the disk with questions. */
const patientAfterTries = 4
const askAgainAtLeastEveryMs = 5 * 60_000
/** A line that comes and goes must not fill the disk with what the door says each time. */
const introduceEveryMs = 5_000

export function linkChanged(state: DoorState, online: boolean, moment: EventContext): Decision {
  const { link } = state
  if (online === link.online) return decision(state)
  if (!online) {
    return decision({
      ...state,
      link: {
        ...link,
        online,
        offlineSinceUptimeMs: moment.uptimeMs,
        introduced: false,
        ...{ asked: null, unanswered: 0 },
      },
    })
  }
  const wasLong = moment.uptimeMs - link.offlineSinceUptimeMs > resyncAfterOfflineMs
  const synced = link.synced && !wasLong
  return introductionDue({ ...state, link: { ...link, online, synced } }, moment)
}

export const introductionDueAtUptimeMs = ({ link }: DoorState): number | null => {
  if (!link.online || link.introduced) return null
  return link.introducedAtUptimeMs === null ? 0 : link.introducedAtUptimeMs + introduceEveryMs
}

/** The time is asked for in any case: the machine may have been asleep while the line was down. */
export function introductionDue(state: DoorState, moment: EventContext): Decision {
  const dueAtUptimeMs = introductionDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || moment.uptimeMs < dueAtUptimeMs) return decision(state)
  const link = { ...state.link, introduced: true, introducedAtUptimeMs: moment.uptimeMs }
  const record = [selfDescription(state, moment)]
  return followedBy(decision({ ...state, link }, { record }), (next) =>
    link.synced ? askTheTime(next, moment) : ask(next, moment),
  )
}

export const selfDescription = (state: DoorState, { uptimeMs }: EventContext): DoorBody => ({
  type: 'door-state',
  lock: state.openUntilUptimeMs === null ? 'locked' : 'unlocked',
  contact: state.contact.is,
  pausedForMs: pausedForMs(state.lockout, uptimeMs),
  visitId: state.visits.visit?.visitId ?? null,
  settingsRevision: state.settings.revision,
})

/** One question at a time; whatever is missing is asked for, and nothing when nothing is. */
function ask(state: DoorState, { uptimeMs, id }: EventContext): Decision {
  const { link, time, commands } = state
  if (link.synced && time.confirmed) return decision({ ...state, link: { ...link, asked: null } })
  if (link.synced) return askTheTime(state, { uptimeMs, id })
  const { lastSeq } = commands
  const cause = lastSeq === 0 ? 'started' : 'reconnected'
  return question(state, uptimeMs, {
    type: 'resync-wanted',
    ask: id,
    cause,
    lastCommandSeq: lastSeq,
  })
}

/** A question under way will be answered with the time as well. */
export const askTheTime = (state: DoorState, { uptimeMs, id }: EventContext): Decision =>
  state.link.introduced && !state.link.asked
    ? question(state, uptimeMs, { type: 'time-wanted', ask: id })
    : decision(state)

const question = (
  state: DoorState,
  uptimeMs: number,
  body: Extract<DoorBody, { type: 'time-wanted' | 'resync-wanted' }>,
): Decision =>
  decision(
    { ...state, link: { ...state.link, asked: { ask: body.ask, atUptimeMs: uptimeMs } } },
    { record: [body] },
  )

/** Asking for everything brings back what it said, as soon as there is somebody to ask. */
export function commandLost(state: DoorState, moment: EventContext): Decision {
  const behind = { ...state, link: { ...state.link, synced: false } }
  return state.link.introduced && !state.link.asked ? ask(behind, moment) : decision(behind)
}

export const askAgainDueAtUptimeMs = ({ link }: DoorState): number | null =>
  link.online && link.asked ? link.asked.atUptimeMs + patienceMs(link.unanswered) : null

const patienceMs = (unanswered: number): number =>
  Math.min(
    askAgainAfterMs * 2 ** Math.max(0, unanswered - patientAfterTries),
    askAgainAtLeastEveryMs,
  )

export function askAgainDue(state: DoorState, moment: EventContext): Decision {
  const dueAtUptimeMs = askAgainDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || moment.uptimeMs < dueAtUptimeMs) return decision(state)
  const { link } = state
  return ask({ ...state, link: { ...link, asked: null, unanswered: link.unanswered + 1 } }, moment)
}
