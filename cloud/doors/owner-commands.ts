/** What a signed-in owner may ask for through the console or tools of their own. */
import { timingSafeEqual } from 'node:crypto'
import { breakGlassSheet } from '../../protocol/break-glass.ts'
import type { CloudBody, Settings } from '../../protocol/messages/cloud.ts'
import { passcodeTag } from '../../protocol/passcode.ts'
import { calendarCommands } from '../calendars/owner-calendars.ts'
import { credentialCommands } from '../credentials/owner-credentials.ts'
import type { CodeOutcome } from '../passcodes/core/grant.ts'
import { issueCode } from '../passcodes/issue-code.ts'
import type { Uses } from '../ports.ts'
import { addVisitor, type EditingMember, editVisitor } from '../visitors/change-visitor.ts'
import type { VisitorEdit } from '../visitors/core/visitor-form.ts'
import { mergeVisitors } from '../visitors/merge-visitors.ts'
import type { Visit } from '../visits/core/visit.ts'
import { correctVisit, type VisitCorrection } from '../visits/correct-visit.ts'
import { command } from './commands.ts'
import type { DoorRef } from './core/door-ref.ts'

export type OwnersDeps = Uses<
  | 'visitors'
  | 'households'
  | 'household'
  | 'photos'
  | 'passcodes'
  | 'secrets'
  | 'delayedQueue'
  | 'doors'
  | 'introductions'
  | 'visits'
  | 'approvalRequests'
  | 'credentials'
  | 'calendars'
  | 'idempotency'
  | 'doorStates'
>

export const ownersCommands = (deps: OwnersDeps) => ({
  sendCode: (door: DoorRef, visitorId: string) => sendCode(deps, door, visitorId),
  wouldAccept: (door: DoorRef, code: string) => wouldAccept(deps, door, code),
  sheetCodes: async (doorId: string, sheetId: string) =>
    breakGlassSheet(await deps.secrets.doorKey(doorId), sheetId),
  editVisitor: (member: EditingMember, visitorId: string, edit: VisitorEdit) =>
    editVisitor(deps, member, visitorId, edit),
  addVisitor: (member: EditingMember, visitorId: string, edit: VisitorEdit) =>
    addVisitor(deps, member, visitorId, edit),
  mergeVisitors: (household: string, keptId: string, goneId: string) =>
    mergeVisitors(deps, household, keptId, goneId),
  changeSettings: (door: DoorRef, settings: Settings) => changeSettings(deps, door, settings),
  correctVisit: (visit: Visit, correction: VisitCorrection) =>
    correctVisit(deps, visit, correction),
  credentials: credentialCommands(deps),
  calendars: calendarCommands(deps),
  command: (doorId: string, body: CloudBody, id: string) => command(deps, doorId, body, id),
})

/** Belongs to no visit, so it may be asked for again: only the limits end that. */
async function sendCode(
  deps: OwnersDeps,
  door: DoorRef,
  visitorId: string,
): Promise<CodeOutcome | 'blocked' | null> {
  const visitor = await deps.visitors.find(door.household, visitorId)
  if (!visitor) return null
  if (visitor.blocked) return 'blocked'
  const why = 'an owner asked for it'
  return (await issueCode(deps, { door, visitId: null, visitor, why })).outcome
}

/** Compares what the door would compare. That the code was used a moment ago, only the door knows. */
async function wouldAccept(deps: OwnersDeps, door: DoorRef, code: string): Promise<boolean> {
  const tag = passcodeTag(await deps.secrets.doorKey(door.doorId), code)
  const live = await deps.passcodes.live(door, deps.clock.nowMs())
  return live
    .filter(({ storedAtMs }) => storedAtMs !== null)
    .some((grant) => timingSafeEqual(Buffer.from(grant.tag, 'hex'), tag))
}

async function changeSettings(
  deps: OwnersDeps,
  door: DoorRef,
  settings: Settings,
): Promise<{ readonly revision: number } | null> {
  const revision = await deps.households.changeSettings(door, settings)
  if (revision === null) return null
  await command(deps, door.doorId, { type: 'settings', revision, settings })
  return { revision }
}
