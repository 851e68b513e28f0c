/** What an owner fills in about a visitor, checked field by field, and the visitor it makes. */
import { languages } from '../../../protocol/messages/shared.ts'
import { costsExtra, countriesOf, isIn, phoneNumber } from '../../passcodes/core/phone.ts'
import type { Contact, Visitor } from './people.ts'

/** As typed: every field is a text, and an unticked box is an empty one. */
export interface TypedVisitor {
  readonly name: string
  readonly phone: string
  readonly email: string
  readonly prefers: string
  readonly language: string
  readonly remembersFace: string
  readonly validity: string
}

export type FormProblem =
  | 'missing'
  | 'too-long'
  | 'unfit'
  /** A way to reach them, whichever. */
  | 'no-way'
  | 'not-international'
  | 'country-not-allowed'
  /** In a country that is allowed, but more than a text is meant to cost. */
  | 'costs-extra'
export type FormProblems = Partial<Record<keyof TypedVisitor, FormProblem>>

export type VisitorFields = Pick<
  Visitor,
  'name' | 'language' | 'contact' | 'remembersFace' | 'welcomeUntilMs'
>

export type ReadForm =
  | { readonly ok: true; readonly fields: VisitorFields }
  | { readonly ok: false; readonly problems: FormProblems }

const dayMs = 24 * 3_600_000
/** For how long somebody is welcome. Null is for good. */
export const validitiesMs = {
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  always: null,
} as const satisfies Record<string, number | null>

export const longestName = 60
/** Names are shown on screens and in letters, so nothing in them may steer either. */
const steering = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u
const mailAddress =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/i

export function readVisitorForm(
  typed: TypedVisitor,
  countries: readonly string[],
  nowMs: number,
): ReadForm {
  const name = typed.name.trim().replace(/ +/g, ' ')
  const ways = waysOf(typed, countries)
  const { contact } = ways
  const language = languages.find((one) => one === typed.language)
  const validity = validityOf(typed.validity)
  const problems: FormProblems = {
    ...problemIn('name', nameProblem(name)),
    ...ways.problems,
    ...problemIn('language', language ? null : 'unfit'),
    ...problemIn('validity', validity ? null : 'unfit'),
  }
  if (Object.keys(problems).length > 0 || !contact || !language || !validity) {
    return { ok: false, problems }
  }
  const lastsMs = validitiesMs[validity]
  return {
    ok: true,
    fields: {
      ...{ name, language, contact },
      remembersFace: typed.remembersFace !== '',
      welcomeUntilMs: lastsMs === null ? null : nowMs + lastsMs,
    },
  }
}

const problemIn = (field: keyof TypedVisitor, problem: FormProblem | null): FormProblems =>
  problem ? { [field]: problem } : {}

function nameProblem(name: string): FormProblem | null {
  if (name === '') return 'missing'
  if (name.length > longestName) return 'too-long'
  return steering.test(name) ? 'unfit' : null
}

const validityOf = (typed: string): keyof typeof validitiesMs | null =>
  typed === 'day' || typed === 'week' || typed === 'month' || typed === 'always' ? typed : null

/** One way is enough. Which they prefer only matters when there are two. */
function waysOf(
  typed: TypedVisitor,
  countries: readonly string[],
): { readonly contact: Contact | null; readonly problems: FormProblems } {
  const [typedPhone, typedEmail] = [typed.phone.trim(), typed.email.trim()]
  if (typedPhone === '' && typedEmail === '')
    return { contact: null, problems: { phone: 'no-way' } }
  const phone = typedPhone === '' ? null : phoneNumber(typedPhone)
  const email = typedEmail === '' ? null : typedEmail
  const problems: FormProblems = {
    ...problemIn('phone', typedPhone === '' ? null : phoneProblem(phone, countries)),
    ...problemIn('email', email === null || fitsMail(email) ? null : 'unfit'),
  }
  const wish = typed.prefers === 'email' ? 'email' : 'sms'
  const only = phone === null ? 'email' : 'sms'
  const prefers = phone !== null && email !== null ? wish : only
  return { contact: { prefers, phone, email }, problems }
}

function phoneProblem(phone: string | null, countries: readonly string[]): FormProblem | null {
  if (phone === null) return 'not-international'
  if (isIn(phone, countries)) return null
  const isThere = countriesOf(phone).some((country) => countries.includes(country))
  return isThere && costsExtra(phone) ? 'costs-extra' : 'country-not-allowed'
}

const fitsMail = (address: string): boolean => address.length <= 254 && mailAddress.test(address)

export interface NewVisitor {
  readonly household: string
  readonly visitorId: string
  readonly fields: VisitorFields
  readonly photo: Visitor['photo']
  readonly nowMs: number
}

export const newVisitor = ({
  household,
  visitorId,
  fields,
  photo,
  nowMs,
}: NewVisitor): Visitor => ({
  ...{ household, visitorId, revision: 0, ...fields, photo, createdAtMs: nowMs },
  ...{ faceIds: [], trusted: false, tags: [], removedAtMs: null },
})
