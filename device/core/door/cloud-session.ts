/**
 * The line to the cloud: how the door introduces itself when it is up, and asks for the time and for
 * whatever it may have missed, until it is told.
 */
import type { DoorBody } from '../../../protocol/messages.ts'
import { pausedForMs } from '../credentials/lockout.ts'
import { type Decision, type DoorState, decision, followedBy, type Moment } from './state.ts'

/** After a shorter absence the messages that were missed still come by themselves. */
const resyncAfterOfflineMs = 60 * 60_000
const askAgainAfterMs = 30_000
/** A cloud that does not answer for days must not fill the disk with questions. */
const patientAfterTries = 4
const askAgainAtLeastEveryMs = 5 * 60_000
/** A line that comes and goes must not fill the disk with what the door says each time. */
const introduceEveryMs = 5_000

export function linkChanged(state: DoorState, online: boolean, moment: Moment): Decision {
  const { link } = state
  if (online === link.online) return decision(state)
  if (!online) {
    return decision({
      ...state,
      link: {
        ...link,
        online,
        offlineSinceRunMs: moment.runMs,
        introduced: false,
        ...{ asked: null, unanswered: 0 },
      },
    })
  }
  const wasLong = moment.runMs - link.offlineSinceRunMs > resyncAfterOfflineMs
  const synced = link.synced && !wasLong
  return introductionDue({ ...state, link: { ...link, online, synced } }, moment)
}

export const introductionDueAtRunMs = ({ link }: DoorState): number | null => {
  if (!link.online || link.introduced) return null
  return link.introducedAtRunMs === null ? 0 : link.introducedAtRunMs + introduceEveryMs
}

/** The time is asked for in any case: the machine may have been asleep while the line was down. */
export function introductionDue(state: DoorState, moment: Moment): Decision {
  const dueAtRunMs = introductionDueAtRunMs(state)
  if (dueAtRunMs === null || moment.runMs < dueAtRunMs) return decision(state)
  const link = { ...state.link, introduced: true, introducedAtRunMs: moment.runMs }
  const record = [selfDescription(state, moment)]
  return followedBy(decision({ ...state, link }, { record }), (next) =>
    link.synced ? askTheTime(next, moment) : ask(next, moment),
  )
}

export const selfDescription = (state: DoorState, { runMs }: Moment): DoorBody => ({
  type: 'door-state',
  lock: state.openUntilRunMs === null ? 'locked' : 'unlocked',
  contact: state.contact.is,
  pausedForMs: pausedForMs(state.lockout, runMs),
  visitId: state.presence.visit?.visitId ?? null,
  settingsRevision: state.settings.revision,
})

/** One question at a time; whatever is missing is asked for, and nothing when nothing is. */
function ask(state: DoorState, { runMs, id }: Moment): Decision {
  const { link, time, commands } = state
  if (link.synced && time.confirmed) return decision({ ...state, link: { ...link, asked: null } })
  if (link.synced) return askTheTime(state, { runMs, id })
  const { lastSeq } = commands
  const cause = lastSeq === 0 ? 'started' : 'reconnected'
  return question(state, runMs, { type: 'resync-wanted', ask: id, cause, lastCommandSeq: lastSeq })
}

/** A question under way will be answered with the time as well. */
export const askTheTime = (state: DoorState, { runMs, id }: Moment): Decision =>
  state.link.introduced && !state.link.asked
    ? question(state, runMs, { type: 'time-wanted', ask: id })
    : decision(state)

const question = (
  state: DoorState,
  runMs: number,
  body: Extract<DoorBody, { type: 'time-wanted' | 'resync-wanted' }>,
): Decision =>
  decision(
    { ...state, link: { ...state.link, asked: { ask: body.ask, atRunMs: runMs } } },
    { record: [body] },
  )

/** Asking for everything brings back what it said, as soon as there is somebody to ask. */
export function commandLost(state: DoorState, moment: Moment): Decision {
  const behind = { ...state, link: { ...state.link, synced: false } }
  return state.link.introduced && !state.link.asked ? ask(behind, moment) : decision(behind)
}

export const askAgainDueAtRunMs = ({ link }: DoorState): number | null =>
  link.online && link.asked ? link.asked.atRunMs + patienceMs(link.unanswered) : null

const patienceMs = (unanswered: number): number =>
  Math.min(
    askAgainAfterMs * 2 ** Math.max(0, unanswered - patientAfterTries),
    askAgainAtLeastEveryMs,
  )

export function askAgainDue(state: DoorState, moment: Moment): Decision {
  const dueAtRunMs = askAgainDueAtRunMs(state)
  if (dueAtRunMs === null || moment.runMs < dueAtRunMs) return decision(state)
  const { link } = state
  return ask({ ...state, link: { ...link, asked: null, unanswered: link.unanswered + 1 } }, moment)
}
