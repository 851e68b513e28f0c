/** How an owner puts a visitor on file by hand, and changes one. */
import type { Household, Member } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'
import type { Visitor } from './core/visitor.ts'
import {
  type EditOutcome,
  editProblems,
  newVisitor,
  readVisitorForm,
  type VisitorEdit,
} from './core/visitor-form.ts'

type Deps = Uses<'visitors' | 'households' | 'photos'>

export type EditingMember = Pick<Member, 'household' | 'email'> & {
  /** Which sentences about consent the page showed. */
  readonly wording?: string
}

export async function editVisitor(
  deps: Deps,
  member: EditingMember,
  visitorId: string,
  edit: VisitorEdit,
): Promise<EditOutcome | null> {
  const visitor = await deps.visitors.find(member.household, visitorId)
  const home = await deps.households.find(member.household)
  if (!visitor || !home) return null
  if (edit.revision !== undefined && edit.revision !== visitor.revision) {
    return { outcome: 'conflict' }
  }
  return change(deps, { visitor, member, home }, edit)
}

/** The id comes with the page, so that a form that is sent twice adds one visitor. */
export async function addVisitor(
  deps: Deps,
  member: EditingMember,
  visitorId: string,
  edit: VisitorEdit,
): Promise<EditOutcome | null> {
  const { household } = member
  const home = await deps.households.find(household)
  if (!home) return null
  const contact = { prefers: 'sms', phone: null, email: null } as const
  const ended = { remembersFace: false, welcomeUntilMs: null }
  const fields = { name: '', language: 'en', contact, ...ended } as const
  const given = { household, visitorId, photo: null, consent: null }
  const blank = newVisitor({ ...given, fields, nowMs: deps.clock.nowMs() })
  return change(deps, { visitor: blank, member, home }, edit)
}

interface Editing {
  readonly visitor: Visitor
  readonly member: EditingMember
  readonly home: Household
}

async function change(
  deps: Deps,
  { visitor, member, home }: Editing,
  edit: VisitorEdit,
): Promise<EditOutcome> {
  const nowMs = deps.clock.nowMs()
  const listIds = home.lists.map(({ listId }) => listId)
  const form = readVisitorForm(formOf(visitor, edit), home.countries, nowMs)
  const problems = { ...(form.ok ? {} : form.problems), ...editProblems(edit, listIds) }
  if (!form.ok || Object.keys(problems).length > 0) return { outcome: 'unfit', problems }
  const { remembersFace } = form.fields
  const isWithdrawn = visitor.remembersFace && !remembersFace
  const { email: by, wording = 'console' } = member
  const given = visitor.remembersFace ? visitor.consent : { atMs: nowMs, by, wording }
  const changed = {
    ...visitor,
    ...form.fields,
    ...unread(visitor, edit),
    photo: isWithdrawn ? null : visitor.photo,
    consent: remembersFace ? (given ?? null) : null,
  }
  // First, so that no crash leaves a photo without consent.
  if (isWithdrawn && visitor.photo) await forgetPhotos(deps, visitor)
  const isStored = await deps.visitors.put(changed)
  return isStored ? { outcome: 'changed', visitor: changed } : { outcome: 'conflict' }
}

async function forgetPhotos({ photos }: Deps, { household, visitorId }: Visitor) {
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
  notes: edit.notes ?? visitor.notes,
  lists: edit.lists ?? visitor.lists,
  blocked: edit.blocked ?? visitor.blocked,
  ...(edit.validity === undefined && { welcomeUntilMs: visitor.welcomeUntilMs }),
})
