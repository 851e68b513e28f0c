/**
 * The connection to the cloud: when it comes up, the door introduces itself and asks for the time
 * and for what it may have missed, until it gets an answer.
 */

import { type CloudMessage, cloudBodies } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { protocolVersion } from '../../../protocol/messages/shared.ts'
import { pausedForMs } from '../credentials/lockout.ts'
import { modeAt, modeUntilMs } from '../mode/mode.ts'
import { isConfirmed } from '../time/trusted-time.ts'
import { withGrantsSettled } from './freshness.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

/** After a shorter absence the broker delivers what was missed. */
const resyncAfterOfflineMs = 60 * 60_000
const askAgainAfterMs = 30_000
/** Questions to a cloud that does not answer for days must not fill the disk. */
const patientAfterTries = 4
const askAgainAtLeastEveryMs = 5 * 60_000
/** Introductions over a connection that comes and goes must not fill the disk. */
const introduceEveryMs = 5_000

export function linkChanged(state: DoorState, online: boolean, context: EventContext): Decision {
  const { link } = state
  if (online === link.online) return decision(state)
  if (!online) {
    return decision({
      ...state,
      link: {
        ...link,
        online,
        offlineSinceUptimeMs: context.uptimeMs,
        introduced: false,
        asked: null,
        unanswered: 0,
      },
    })
  }
  const wasLong = context.uptimeMs - link.offlineSinceUptimeMs > resyncAfterOfflineMs
  const synced = link.synced && !wasLong
  return introductionDue({ ...state, link: { ...link, online, synced } }, context)
}

export const introductionDueAtUptimeMs = ({ link }: DoorState): number | null => {
  if (!link.online || link.introduced) return null
  return link.introducedAtUptimeMs === null ? 0 : link.introducedAtUptimeMs + introduceEveryMs
}

/** Always asks for the time: the machine may have been asleep while the connection was down. */
export function introductionDue(state: DoorState, context: EventContext): Decision {
  const dueAtUptimeMs = introductionDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || context.uptimeMs < dueAtUptimeMs) return decision(state)
  const link = { ...state.link, introduced: true, introducedAtUptimeMs: context.uptimeMs }
  const record = [introduction(state), selfDescription(state, context)]
  return followedBy(decision({ ...state, link }, { record }), (next) =>
    link.synced ? askTheTime(next, context) : ask(next, context),
  )
}

const introduction = ({ rules }: DoorState): DoorBody => ({
  type: 'door-introduced',
  protocol: protocolVersion,
  software: rules.software,
  capabilities: [
    ...Object.keys(cloudBodies).filter((type) => type !== 'watch-live' || rules.hasLiveView),
    'credential:one-time',
    'credential:standing',
  ],
})

export const selfDescription = (state: DoorState, { uptimeMs }: EventContext): DoorBody => ({
  type: 'door-state',
  lock: state.openUntilUptimeMs === null ? 'locked' : 'unlocked',
  contact: state.contact.is,
  pausedForMs: pausedForMs(state.lockout, uptimeMs),
  visitId: state.visits.visit?.visitId ?? null,
  settingsRevision: state.settings.revision,
  mode: modeAt(state, uptimeMs),
  modeUntilMs: modeUntilMs(state, uptimeMs),
})

/** One question at a time, and only if something is missing. */
function ask(state: DoorState, { uptimeMs, id }: EventContext): Decision {
  const { link, time, commands } = state
  if (link.synced && isConfirmed(time))
    return decision({ ...state, link: { ...link, asked: null } })
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

/** The answer to any open question has the time too. */
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

/** Once every message of an answer is here, the door holds all that the cloud listed. */
export function withState(
  state: DoorState,
  {
    answers,
    page,
    seq,
  }: Pick<Extract<CloudMessage, { type: 'state' }>, 'answers' | 'page' | 'seq'>,
  /** Whether the door had asked for it, and none of its messages has come before. */
  isFirst: boolean,
): DoorState {
  const { link } = state
  const before = link.pages?.ask === answers ? link.pages : null
  const isWanted = isFirst || before !== null
  const arrived = [...new Set([...(before?.arrived ?? []), page?.number ?? 1])]
  const pages = { ask: answers, arrived, seq: Math.min(seq, before?.seq ?? seq) }
  if (arrived.length < (page?.of ?? 1)) {
    return isWanted ? { ...state, link: { ...link, pages } } : state
  }
  return {
    ...state,
    commands: withGrantsSettled(state.commands, pages.seq),
    link: { ...link, pages: null, synced: link.synced || isWanted },
  }
}

/** What the lost command said is part of the whole state, which is asked for. */
export function commandLost(state: DoorState, context: EventContext): Decision {
  const behind = { ...state, link: { ...state.link, synced: false } }
  return state.link.introduced && !state.link.asked ? ask(behind, context) : decision(behind)
}

export const askAgainDueAtUptimeMs = ({ link }: DoorState): number | null =>
  link.online && link.asked ? link.asked.atUptimeMs + patienceMs(link.unanswered) : null

const patienceMs = (unanswered: number): number =>
  Math.min(
    askAgainAfterMs * 2 ** Math.max(0, unanswered - patientAfterTries),
    askAgainAtLeastEveryMs,
  )

export function askAgainDue(state: DoorState, context: EventContext): Decision {
  const dueAtUptimeMs = askAgainDueAtUptimeMs(state)
  if (dueAtUptimeMs === null || context.uptimeMs < dueAtUptimeMs) return decision(state)
  const { link } = state
  return ask({ ...state, link: { ...link, asked: null, unanswered: link.unanswered + 1 } }, context)
}
