/**
 * What a door reports. Messages come at least once and in any order, so each step is a conditional
 * write elsewhere, or is identified by the message's own id.
 */
import { chainHash } from '../../protocol/log-chain.ts'
import {
  type DoorMessage,
  parseDoorEnvelope,
  parseDoorMessage,
} from '../../protocol/messages/door.ts'
import { parseTopic } from '../../protocol/topics.ts'
import { type AskAgainDeps, askAgain } from '../approvals/ask-again.ts'
import {
  credentialAt,
  credentialGone,
  credentialRefused,
  credentialStored,
} from '../credentials/door-answers.ts'
import { notifyOfBell, type VisitNoticeDeps } from '../notices/about-visits.ts'
import { findGrant } from '../passcodes/find-grant.ts'
import { type SendDeps, sendCode } from '../passcodes/send-code.ts'
import type { Uses } from '../ports.ts'
import type { UntimedEntry } from '../visits/core/timeline.ts'
import { command } from './commands.ts'
import { type DoorRef, doorRef } from './core/door-ref.ts'
import { modeIn, reportIn } from './core/door-state.ts'
import { lookForGaps, watchLog } from './door-log.ts'
import { entered } from './entries.ts'
import { notifyOwner } from './owner-alarms.ts'
import { sendState } from './whole-state.ts'

export type FromDoorDeps = SendDeps &
  AskAgainDeps &
  VisitNoticeDeps &
  Uses<'visits' | 'introductions' | 'doorLogs' | 'households' | 'doorStates' | 'credentials'>

interface Received {
  readonly text: string
  /** Whether it is what the door sent, byte by byte. */
  readonly isExact: boolean
}

export async function takeFromDoor(
  deps: FromDoorDeps,
  topic: string,
  { text, isExact }: Received,
): Promise<void> {
  const parsed = parseDoorMessage(text)
  const refusal = parsed.ok ? null : parsed
  const envelope = parsed.ok ? parsed.message : parseDoorEnvelope(text)
  if (!envelope || (refusal && refusal.reason !== 'unknown-type')) {
    deps.log.warn({ reason: refusal?.reason, detail: refusal?.detail }, 'door message refused')
    return
  }
  const { doorId, type, seq, id, prev } = envelope
  const source = parseTopic(topic)
  const door = doorRef(doorId)
  // Only the topic is authenticated by the broker, so it must name the same door and type.
  if (!door || source?.doorId !== doorId || source.type !== type || source.direction !== 'evt') {
    deps.log.warn({ reason: 'wrong-topic', topic }, 'door message refused')
    return
  }
  if (!parsed.ok) deps.log.warn({ doorId, type }, 'door message of an unknown type')
  const hash = isExact ? chainHash(text) : null
  await Promise.all([
    parsed.ok && act(deps, door, parsed.message),
    parsed.ok &&
      deps.doorStates.report(door, envelope, reportIn(parsed.message), deps.clock.nowMs()),
    hash !== null && watchLog(deps, door, { seq, hash, prev }),
  ])
  const visitId = parsed.ok ? visitOf(parsed.message) : null
  deps.log.info({ doorId, seq, id, hash, prev, type, visitId }, 'door message')
}

const visitOf = (message: DoorMessage): string | null =>
  'visitId' in message ? message.visitId : null

async function act(deps: FromDoorDeps, door: DoorRef, message: DoorMessage): Promise<void> {
  switch (message.type) {
    case 'door-introduced': {
      const { protocol, software, capabilities, atMs } = message
      await deps.introductions.put(door, { protocol, software, capabilities, atMs })
      return lookForGaps(deps, door, message.seq)
    }
    case 'grant-stored':
      return textAndShow(deps, door, message)
    case 'grant-refused':
      return grantRefused(deps, door, message)
    case 'grant-revoked': {
      const credential = await credentialAt(deps, door, message.grantId)
      return credential ? credentialGone(deps, credential) : undefined
    }
    case 'entry-accepted':
      return entered(deps, door, message)
    case 'entry-refused':
      return refused(deps, door, message)
    case 'unlock-accepted':
      return unlocked(deps, door, message)
    case 'bell-rung':
      return rung(deps, door, message)
    case 'request-refused':
      return requestRefused(deps, door, message)
    case 'visit-ended':
      return deps.visits.end(
        { ...door, visitId: message.visitId, number: null, seenAtMs: startOf(message) },
        message.lastedMs,
      )
    case 'keypad-paused':
    case 'door-forced':
    case 'door-held-open':
    case 'lock-failed':
    case 'sensor-unsteady':
      return alarm(deps, door, message, message.type)
    case 'time-wanted':
      await command(deps, door.doorId, { type: 'time', answers: message.ask })
      return
    case 'resync-wanted':
      return sendState(deps, door, message.ask)
    default:
      // Everything else is only logged: the door has decided it and its own log is the record.
      return
  }
}

type Message<T extends DoorMessage['type']> = Extract<DoorMessage, { type: T }>

type ReportedAlarm =
  | 'keypad-paused'
  | 'door-forced'
  | 'door-held-open'
  | 'lock-failed'
  | 'sensor-unsteady'

const startOf = ({ atMs, lastedMs }: Message<'visit-ended'>): number => Math.max(1, atMs - lastedMs)

async function textAndShow(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'grant-stored'>,
): Promise<void> {
  const { grantId } = message
  // Standing credentials belong to no visit.
  const credential = message.visitId === null ? await credentialAt(deps, door, grantId) : null
  if (credential) return credentialStored(deps, credential, message)
  const sent = await sendCode(deps, door, grantId)
  const visitId = sent?.visitId ?? null
  if (visitId === null) return
  await command(deps, door.doorId, { type: 'visit-status', visitId, status: 'code-sent' })
}

async function grantRefused(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'grant-refused'>,
): Promise<void> {
  const credential = await credentialAt(deps, door, message.grantId)
  if (credential) {
    await credentialRefused(deps, credential, message)
    return
  }
  const found = await findGrant(deps, door, message.grantId)
  if (!found) return
  const { grant, ref } = found
  await deps.passcodes.close(ref, 'revoked', deps.clock.nowMs())
  if (grant.visitId !== null) {
    const why = `the door refused the code: ${message.reason}` as const
    const { visitId, visitorId } = grant
    await tell(deps, door, visitId, message, { what: 'no-code', why, visitorId })
  }
  await notifyOwner(deps, door, message.id, 'grant-refused')
}

async function refused(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'entry-refused'>,
): Promise<void> {
  const { visitId, reason } = message
  if (visitId === null) return
  await tell(deps, door, visitId, message, {
    what: 'refused',
    why: `code ${reason}`,
    visitorId: null,
  })
}

/** Without a code: `by` says who wanted it. */
async function unlocked(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'unlock-accepted'>,
): Promise<void> {
  const { visitId, by: why } = message
  if (visitId === null) return
  await tell(deps, door, visitId, message, { what: 'unlocked', why, visitorId: null })
}

async function rung(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'bell-rung'>,
): Promise<void> {
  const entry = { what: 'bell-rung', why: 'the door reported it', visitorId: null } as const
  const visit = { ...door, visitId: message.visitId }
  await tell(deps, door, message.visitId, message, entry)
  // In privacy mode the bell disturbs no one.
  if (modeIn(await deps.doorStates.find(door), deps.clock.nowMs()) === 'privacy') return
  await notifyOfBell(deps, visit, message.id)
  await askAgain(deps, visit)
}

/** The door stays locked, so it is not the lock that failed. */
async function requestRefused(
  deps: FromDoorDeps,
  door: DoorRef,
  { id, request, reason }: Message<'request-refused'>,
): Promise<void> {
  if (request === 'unlock' && reason === 'door-locked')
    await notifyOwner(deps, door, id, 'door-locked')
}

async function alarm(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<ReportedAlarm>,
  kind: ReportedAlarm,
): Promise<void> {
  await notifyOwner(deps, door, message.id, kind)
  const visitId = visitOf(message)
  if (visitId === null) return
  await tell(deps, door, visitId, message, {
    what: kind,
    why: 'the door reported it',
    visitorId: null,
  })
}

async function tell(
  deps: FromDoorDeps,
  door: DoorRef,
  visitId: string,
  { id, atMs }: DoorMessage,
  entry: UntimedEntry,
): Promise<void> {
  const visit = { ...door, visitId, number: null, seenAtMs: atMs }
  await deps.visits.addTimelineEntry(visit, id, { ...entry, atMs })
}
