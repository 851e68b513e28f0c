/** A code opened a door, as the door reports it. */
import type { DoorMessage } from '../../protocol/messages/door.ts'
import { publicNameOf } from '../credentials/core/credential.ts'
import { credentialAt, credentialUsed } from '../credentials/door-answers.ts'
import { notifyOfEntry, type VisitNoticeDeps } from '../notices/about-visits.ts'
import { findGrant } from '../passcodes/find-grant.ts'
import type { Uses } from '../ports.ts'
import { acceptedWhy, standingWhys, type UntimedEntry } from '../visits/core/timeline.ts'
import type { DoorRef } from './core/door-ref.ts'
import { type AlarmDeps, notifyOwner } from './owner-alarms.ts'

type Deps = VisitNoticeDeps &
  AlarmDeps &
  Uses<'passcodes' | 'credentials' | 'secrets' | 'visits' | 'visitors' | 'doors' | 'introductions'>

type Entry = Extract<DoorMessage, { type: 'entry-accepted' }>

export async function entered(deps: Deps, door: DoorRef, message: Entry): Promise<void> {
  switch (message.credential) {
    case 'standing':
      return byCredential(deps, door, message)
    case 'break-glass':
      await notifyOwner(deps, door, message.id, 'break-glass')
      return addEntry(deps, door, message, { why: 'a break-glass code', visitorId: null })
    default:
      return byOneTimeCode(deps, door, message)
  }
}

async function byOneTimeCode(deps: Deps, door: DoorRef, message: Entry): Promise<void> {
  const found = await findGrant(deps, door, message.grantId)
  const { visitorId, atMs } = message
  if (found) await deps.passcodes.close(found.ref, 'used', atMs)
  await notifyOfEntry(deps, door, { key: message.id })
  const visitId = message.visitId ?? found?.grant.visitId ?? null
  const why = acceptedWhy(found?.grant.why)
  await addEntry(deps, door, { ...message, visitId }, { why, visitorId })
}

/** What is stored of a visit does not say that its PIN was a duress PIN. */
async function byCredential(deps: Deps, door: DoorRef, message: Entry): Promise<void> {
  const { id, grantId, visitId, visitorId, duress } = message
  const credential = await credentialAt(deps, door, grantId)
  // First: help comes before the books.
  if (duress) await alarmOfDuress(deps, door, message)
  if (credential) await credentialUsed(deps, credential, message)
  // A code that is typed again in the same visit is no news.
  const key = visitId === null ? id : `${grantId}-${visitId}`
  await notifyOfEntry(deps, door, {
    key,
    visitId,
    name: credential ? publicNameOf(credential) : undefined,
  })
  const why = credential ? standingWhys[credential.purpose] : 'a code the door accepted'
  await addEntry(deps, door, message, { why, visitorId })
}

/** Not to its holder, whose phone the person beside them may see. */
async function alarmOfDuress(deps: Deps, door: DoorRef, { id, visitorId }: Entry): Promise<void> {
  const holder = await deps.visitors.find(door.household, visitorId)
  await notifyOwner(deps, door, id, 'duress', holder?.contact.email ?? undefined)
}

/** Not that someone came in: the lock may fail, which the door reports next. */
async function addEntry(
  deps: Deps,
  door: DoorRef,
  { id, atMs, visitId }: Pick<Entry, 'id' | 'atMs' | 'visitId'>,
  entry: Omit<UntimedEntry<'code-accepted'>, 'what'>,
): Promise<void> {
  if (visitId === null) return
  const visit = { ...door, visitId, number: null, seenAtMs: atMs }
  await deps.visits.addTimelineEntry(visit, id, { what: 'code-accepted', atMs, ...entry })
}
