/**
 * What a door tells. Messages come at least once and in any order, so everything here is a
 * conditional step of something that is kept elsewhere, or is named by the message's own id.
 */
import { type DoorMessage, parseDoorMessage } from '../../protocol/messages/door.ts'
import { parseTopic } from '../../protocol/topics.ts'
import type { Alarm } from '../letters/letters.ts'
import { doorOf } from '../members/core/household.ts'
import { wireGrant } from '../passcodes/core/grant.ts'
import { findGrant } from '../passcodes/find-grant.ts'
import { type SendDeps, sendCode } from '../passcodes/send-code.ts'
import type { Uses } from '../ports.ts'
import { command, commandAsOfNow } from './commands.ts'
import { type DoorRef, doorRef } from './core/door-ref.ts'
import { tellOwner } from './owner-alarms.ts'

export type FromDoorDeps = SendDeps & Uses<'visits'>

/** As the IoT rule hands it over: the message's own fields, and the topic it came on. */
export async function takeFromDoor(deps: FromDoorDeps, topic: string, body: object): Promise<void> {
  const parsed = parseDoorMessage(JSON.stringify(body))
  if (!parsed.ok) {
    deps.log.warn({ reason: parsed.reason, detail: parsed.detail }, 'door message refused')
    return
  }
  const { message } = parsed
  const { doorId, type, seq, id, prev } = message
  const said = parseTopic(topic)
  const door = doorRef(doorId)
  // The broker vouches for the topic only, so nothing else may say whose message it is.
  if (!door || said?.doorId !== doorId || said.type !== type || said.direction !== 'evt') {
    deps.log.warn({ reason: 'wrong-topic', topic }, 'door message refused')
    return
  }
  await act(deps, door, message)
  // Every message names the hash of the one before, so this line keeps the head of the door's log.
  deps.log.info({ doorId, seq, id, prev, type, visitId: visitOf(message) }, 'door message')
}

const visitOf = (message: DoorMessage): string | null =>
  'visitId' in message ? message.visitId : null

async function act(deps: FromDoorDeps, door: DoorRef, message: DoorMessage): Promise<void> {
  switch (message.type) {
    case 'grant-stored':
      return textAndShow(deps, door, message)
    case 'grant-refused':
      return grantRefused(deps, door, message)
    case 'entry-accepted':
      return entered(deps, door, message)
    case 'entry-refused':
      return refused(deps, door, message)
    case 'visit-ended':
      return deps.visits.end(
        { ...door, visitId: message.visitId, number: null, seenAtMs: startOf(message) },
        message.lastedMs,
      )
    case 'keypad-paused':
    case 'door-forced':
    case 'door-held-open':
    case 'lock-failed':
      return alarm(deps, door, message, message.type)
    case 'time-wanted':
      return command(deps, door.doorId, { type: 'time', answers: message.ask })
    case 'resync-wanted':
      await watchLog(deps, door, message)
      return resync(deps, door, message.ask)
    default:
      // All else is only logged: the door has decided it and its own log is the record.
      return
  }
}

type Message<T extends DoorMessage['type']> = Extract<DoorMessage, { type: T }>

const startOf = ({ atMs, lastedMs }: Message<'visit-ended'>): number => Math.max(1, atMs - lastedMs)

async function textAndShow(
  deps: FromDoorDeps,
  door: DoorRef,
  { grantId }: Message<'grant-stored'>,
): Promise<void> {
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
  const found = await findGrant(deps, door, message.grantId)
  if (!found) return
  const { grant, ref } = found
  await deps.passcodes.close(ref, 'revoked', deps.clock.nowMs())
  if (grant.visitId !== null) {
    const why = `the door did not take the code: ${message.reason}`
    await tell(deps, door, grant.visitId, message, { what: 'no-code', why }, grant.visitorId)
  }
  await tellOwner(deps, door, message.id, 'grant-refused')
}

async function entered(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'entry-accepted'>,
): Promise<void> {
  const found = await findGrant(deps, door, message.grantId)
  const { visitorId, atMs } = message
  if (found) await deps.passcodes.close(found.ref, 'used', atMs)
  const visitId = message.visitId ?? found?.grant.visitId ?? null
  if (visitId === null) return
  await tell(
    ...([deps, door, visitId, message] as const),
    { what: 'entered', why: found?.grant.why ?? 'a code the door accepted' },
    visitorId,
  )
}

async function refused(
  deps: FromDoorDeps,
  door: DoorRef,
  message: Message<'entry-refused'>,
): Promise<void> {
  const { visitId, reason } = message
  if (visitId === null) return
  await tell(deps, door, visitId, message, { what: 'refused', why: `code ${reason}` }, null)
}

async function alarm(
  deps: FromDoorDeps,
  door: DoorRef,
  message: DoorMessage,
  kind: Alarm,
): Promise<void> {
  await tellOwner(deps, door, message.id, kind)
  const visitId = visitOf(message)
  if (visitId === null) return
  await tell(deps, door, visitId, message, { what: kind, why: 'the door says so' }, null)
}

const tell = (
  deps: FromDoorDeps,
  door: DoorRef,
  visitId: string,
  { id, atMs }: DoorMessage,
  said: { readonly what: string; readonly why: string },
  visitorId: string | null,
): Promise<void> =>
  deps.visits.addTimelineEntry({ ...door, visitId, number: null, seenAtMs: atMs }, id, {
    ...said,
    atMs,
    visitorId,
  })

/**
 * A log only ever grows. Looked at when a door comes back, for that is after whatever may have
 * happened to it. A message that is merely late is older than the one that it comes after.
 */
async function watchLog(
  deps: FromDoorDeps,
  door: DoorRef,
  { seq, id, atMs, timeKnown }: Message<'resync-wanted'>,
): Promise<void> {
  if (!timeKnown) return
  const last = await deps.idempotency.highest(`log#${door.doorId}`, { seq, id, atMs })
  const isBehind = last.seq >= seq && last.id !== id && last.atMs < atMs
  if (isBehind) await tellOwner(deps, door, `log-${last.id}`, 'log-broken')
}

/** How long a door may have been away and still hear by itself who was taken off file. */
const rememberRemovedMs = 90 * 24 * 3_600_000
/** As many as a message may hold; a visitor's grants are withdrawn whether they are named or not. */
const mostRemoved = 1_000

async function resync(deps: FromDoorDeps, door: DoorRef, answers: string): Promise<void> {
  const nowMs = deps.clock.nowMs()
  // A code that is issued while this reads is not in it, and must not be withdrawn by it.
  const answer = commandAsOfNow(deps)
  const [live, removed, household] = await Promise.all([
    deps.passcodes.live(door, nowMs),
    deps.visitors.removedSince(door.household, nowMs - rememberRemovedMs),
    deps.household(door.household),
  ])
  const at = doorOf(household, door.doorId)
  await answer(door.doorId, {
    type: 'state',
    answers,
    grants: live.map(wireGrant),
    removedVisitors: removed.slice(-mostRemoved),
    settings: at && { revision: at.revision, settings: at.settings },
  })
}
