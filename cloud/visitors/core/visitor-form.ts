/** What an owner types about a visitor: checked field by field, then made into a visitor. */
import { languages } from '../../../protocol/messages/shared.ts'
import { costsExtra, countriesOf, isIn, phoneNumber } from '../../passcodes/core/phone.ts'
import type { Contact, Visitor } from './visitor.ts'

/** As typed: every field is a string, and an unticked box an empty one. */
export interface TypedVisitor {
  readonly name: string
  readonly phone: string
  readonly email: string
  readonly prefers: string
  readonly language: string
  readonly remembersFace: string
  readonly validity: string
}

type FormProblem =
  | 'missing'
  | 'too-long'
  | 'unfit'
  /** Neither a phone number nor a mail address. */
  | 'no-way'
  | 'not-international'
  | 'country-not-allowed'
  /** In an allowed country, but a premium number. */
  | 'costs-extra'
/** Fields that only a signed-in owner fills in. */
type OwnersField = 'notes' | 'tags' | 'lists'
export type FormProblems = Partial<Record<keyof TypedVisitor | OwnersField, FormProblem>>

export type VisitorFields = Pick<
  Visitor,
  'name' | 'language' | 'contact' | 'remembersFace' | 'welcomeUntilMs'
>

export type ReadForm =
  | { readonly ok: true; readonly fields: VisitorFields }
  | { readonly ok: false; readonly problems: FormProblems }

const dayMs = 24 * 3_600_000
/** How long a visitor is welcome. Null means no end. */
const validitiesMs = {
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  always: null,
} as const satisfies Record<string, number | null>

const longestName = 60
/** Control characters could change how screens and letters show a name. */
const controls = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u
const mailAddress =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/i

export function readVisitorForm(
  typed: TypedVisitor,
  countries: readonly string[],
  nowMs: number,
  needsAddress = true,
): ReadForm {
  const name = nameIn(typed.name)
  // To send a code next time, which a recognised face leads to.
  const mayLackAddress = !needsAddress && typed.remembersFace === ''
  const { contact, problems: contactProblems } = contactOf(typed, countries, mayLackAddress)
  const language = languages.find((one) => one === typed.language)
  const validity = validityOf(typed.validity)
  const problems: FormProblems = {
    ...problemIn('name', nameProblem(name)),
    ...contactProblems,
    ...problemIn('language', language ? null : 'unfit'),
    ...problemIn('validity', validity ? null : 'unfit'),
  }
  if (Object.keys(problems).length > 0 || !contact || !language || !validity) {
    return { ok: false, problems }
  }
  const lastsMs = validitiesMs[validity]
  const remembersFace = typed.remembersFace !== ''
  const welcomeUntilMs = lastsMs === null ? null : nowMs + lastsMs
  return { ok: true, fields: { name, language, contact, remembersFace, welcomeUntilMs } }
}

const problemIn = (field: keyof FormProblems, problem: FormProblem | null): FormProblems =>
  problem ? { [field]: problem } : {}

export const nameIn = (typed: string): string => typed.trim().replace(/ +/g, ' ')

export function nameProblem(name: string): FormProblem | null {
  if (name === '') return 'missing'
  if (name.length > longestName) return 'too-long'
  return controls.test(name) ? 'unfit' : null
}

const validityOf = (typed: string): keyof typeof validitiesMs | null =>
  typed === 'day' || typed === 'week' || typed === 'month' || typed === 'always' ? typed : null

const noAddress: Contact = { prefers: 'sms', phone: null, email: null }

/** `prefers` matters only when there are both. */
function contactOf(
  typed: TypedVisitor,
  countries: readonly string[],
  mayLackAddress: boolean,
): { readonly contact: Contact | null; readonly problems: FormProblems } {
  const [typedPhone, typedEmail] = [typed.phone.trim(), typed.email.trim()]
  if (typedPhone === '' && typedEmail === '') {
    if (mayLackAddress) return { contact: noAddress, problems: {} }
    return { contact: null, problems: { phone: 'no-way' } }
  }
  const phone = typedPhone === '' ? null : phoneNumber(typedPhone)
  const email = typedEmail === '' ? null : typedEmail
  const problems: FormProblems = {
    ...problemIn('phone', typedPhone === '' ? null : phoneProblem(phone, countries)),
    ...problemIn('email', email === null || fitsMail(email) ? null : 'unfit'),
  }
  const preferred = typed.prefers === 'email' ? 'email' : 'sms'
  const only = phone === null ? 'email' : 'sms'
  const prefers = phone !== null && email !== null ? preferred : only
  return { contact: { prefers, phone, email }, problems }
}

function phoneProblem(phone: string | null, countries: readonly string[]): FormProblem | null {
  if (phone === null) return 'not-international'
  if (isIn(phone, countries)) return null
  const isThere = countriesOf(phone).some((country) => countries.includes(country))
  return isThere && costsExtra(phone) ? 'costs-extra' : 'country-not-allowed'
}

export const fitsMail = (address: string): boolean =>
  address.length <= 254 && mailAddress.test(address)

export const newVisitor = ({
  nowMs,
  fields,
  ...given
}: Pick<Visitor, 'household' | 'visitorId' | 'photo' | 'consent'> & {
  readonly fields: VisitorFields
  readonly nowMs: number
}): Visitor => ({
  ...given,
  ...fields,
  revision: 0,
  createdAtMs: nowMs,
  faceIds: [],
  trusted: false,
  tags: [],
  removedAtMs: null,
})

// ---------------------------------------------------------------- editing

/** Fields that are missing stay as they are. */
export type VisitorEdit = {
  readonly [Field in keyof Omit<TypedVisitor, 'remembersFace'>]?: string | undefined
} & {
  readonly remembersFace?: boolean | undefined
  readonly trusted?: boolean | undefined
  readonly tags?: readonly string[] | undefined
  readonly notes?: string | undefined
  readonly lists?: readonly string[] | undefined
  readonly blocked?: boolean | undefined
  /** Which state of the visitor the editor saw. Without it the edit applies to any. */
  readonly revision?: number | undefined
}

const longestTag = 30
const mostTags = 20
const longestNotes = 1_000
/** Apart from line breaks. */
const controlsInNotes = /[^\P{Cc}\n\t]|[\u2028-\u202e\u2066-\u2069]/u

/** Tags as they are typed: between commas. */
export const tagsIn = (typed: string): readonly string[] => [
  ...new Set(
    typed
      .split(',')
      .map((tag) => tag.trim().replace(/ +/g, ' '))
      .filter((tag) => tag !== ''),
  ),
]

/** In what an edit says beyond the form. `listIds` are those of the household. */
export function editProblems(
  { tags = [], notes = '', lists = [] }: VisitorEdit,
  listIds: readonly string[],
): FormProblems {
  const fitTag = /^[\p{L}\p{N} _-]+$/u
  const tooLong = tags.length > mostTags || tags.some((tag) => tag.length > longestTag)
  return {
    ...problemIn('tags', tooLong ? 'too-long' : null),
    ...problemIn('tags', tags.every((tag) => fitTag.test(tag)) ? null : 'unfit'),
    ...problemIn('notes', notes.length > longestNotes ? 'too-long' : null),
    ...problemIn('notes', controlsInNotes.test(notes) ? 'unfit' : null),
    ...problemIn('lists', lists.every((id) => listIds.includes(id)) ? null : 'unfit'),
  }
}

export type EditOutcome =
  | { readonly outcome: 'changed'; readonly visitor: Visitor }
  | { readonly outcome: 'unfit'; readonly problems: FormProblems }
  /** The visitor was changed since it was read. */
  | { readonly outcome: 'conflict' }
