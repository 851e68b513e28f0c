/** What a signed-in owner may ask for through the console or tools of their own. */
import { timingSafeEqual } from 'node:crypto'
import type { CloudBody, Settings } from '../../protocol/messages/cloud.ts'
import { passcodeTag } from '../../protocol/passcode.ts'
import type { Member } from '../members/core/household.ts'
import type { CodeOutcome } from '../passcodes/core/grant.ts'
import { issueCode } from '../passcodes/issue-code.ts'
import type { Uses } from '../ports.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { EditOutcome, VisitorEdit } from '../visitors/core/visitor-form.ts'
import { readVisitorForm } from '../visitors/core/visitor-form.ts'
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
>

type EditingMember = Pick<Member, 'household' | 'email'>

export const ownersCommands = (deps: OwnersDeps) => ({
  sendCode: (door: DoorRef, visitorId: string) => sendCode(deps, door, visitorId),
  wouldAccept: (door: DoorRef, code: string) => wouldAccept(deps, door, code),
  editVisitor: (member: EditingMember, visitorId: string, edit: VisitorEdit) =>
    editVisitor(deps, member, visitorId, edit),
  changeSettings: (door: DoorRef, settings: Settings) => changeSettings(deps, door, settings),
  command: (doorId: string, body: CloudBody, id: string) => command(deps, doorId, body, id),
})

/** Belongs to no visit, so it may be asked for again: only the limits end that. */
async function sendCode(
  deps: OwnersDeps,
  door: DoorRef,
  visitorId: string,
): Promise<CodeOutcome | null> {
  const visitor = await deps.visitors.find(door.household, visitorId)
  if (!visitor) return null
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

async function editVisitor(
  deps: OwnersDeps,
  { household, email: by }: EditingMember,
  visitorId: string,
  edit: VisitorEdit,
): Promise<EditOutcome | null> {
  const visitor = await deps.visitors.find(household, visitorId)
  const home = await deps.household(household)
  if (!visitor || !home) return null
  const form = readVisitorForm(formOf(visitor, edit), home.countries, deps.clock.nowMs())
  if (!form.ok) return { outcome: 'unfit', problems: form.problems }
  const { remembersFace } = form.fields
  const photo = remembersFace ? visitor.photo : null
  const given = visitor.remembersFace
    ? visitor.consent
    : { atMs: deps.clock.nowMs(), by, wording: 'console' }
  const consent = remembersFace ? (given ?? null) : null
  const changed = { ...visitor, ...form.fields, ...unread(visitor, edit), photo, consent }
  // First, so that no crash leaves a photo without consent.
  if (!remembersFace && visitor.photo) await forgetPhotos(deps, visitor)
  const isKept = await deps.visitors.put(changed)
  return isKept ? { outcome: 'changed', visitor: changed } : { outcome: 'conflict' }
}

async function forgetPhotos({ photos }: OwnersDeps, { household, visitorId }: Visitor) {
  const kept = await photos.list(`visitors/${household}/${visitorId}/`)
  await photos.remove(kept.map(({ key }) => key))
}

/** As the form would be filled in if it showed who is on file. */
const formOf = ({ name, language, contact, remembersFace }: Visitor, edit: VisitorEdit) => ({
  name: edit.name ?? name,
  phone: edit.phone ?? contact.phone ?? '',
  email: edit.email ?? contact.email ?? '',
  prefers: edit.prefers ?? contact.prefers,
  language: edit.language ?? language,
  remembersFace: (edit.remembersFace ?? remembersFace) ? 'yes' : '',
  validity: edit.validity ?? 'always',
})

const unread = (visitor: Visitor, edit: VisitorEdit) => ({
  trusted: edit.trusted ?? visitor.trusted,
  tags: edit.tags ?? visitor.tags,
  ...(edit.validity === undefined && { welcomeUntilMs: visitor.welcomeUntilMs }),
})

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
