/** What a form about a code contains, and what is wrong with it in words. */
import * as z from 'zod/mini'
import { hexId } from '../../../api/shared.ts'
import { isChosen, type Purpose } from '../../../credentials/core/credential.ts'
import type { PinFlaw } from '../../../credentials/core/pin.ts'
import type { TermsProblems, TypedTerms } from '../../../credentials/core/terms-form.ts'
import type { AskedOutcome } from '../../../credentials/owner-credentials.ts'
import { fill } from '../../../translations/translations.ts'
import type { Here } from '../console.ts'
import type { CodeProblems } from './form-view.ts'

const text = z._default(z.string().check(z.maxLength(300)), '')
const termsSchema = z.object({
  ...{ begins: text, ends: text, from: text, to: text, visits: text },
  ...{ hoursAfterUse: text, face: text },
})
/** A checkbox sends its name and `yes`. */
export const anyForm = z.record(z.string(), z.string().check(z.maxLength(300)))

export function typedTermsIn(given: z.infer<typeof anyForm>): TypedTerms {
  const weekdays = Object.keys(given).flatMap((name) => /^day-([1-7])$/.exec(name)?.[1] ?? [])
  return { ...termsSchema.parse(given), weekdays: weekdays.sort().join('') }
}

export const newCodeSchema = z.object({
  formId: hexId,
  for: z.enum(['pin', 'duress', 'guest', 'courier']),
  ...{ doorId: text, pin: text, name: text },
})

export const termsSentences = (here: Here, problems: TermsProblems): CodeProblems =>
  Object.fromEntries(
    Object.entries(problems).map(([name, problem]) => [name, here.words.codes.problems[problem]]),
  )

/** Empty when it was set. */
export function outcomeSentences(here: Here, done: AskedOutcome, purpose: Purpose): CodeProblems {
  const words = here.words.codes
  const field = isChosen(purpose) ? 'pin' : 'ends'
  switch (done.outcome) {
    case 'set':
      return {}
    case 'unfit':
      return { pin: flawSentence(here, done.flaw) }
    case 'unfit-terms':
      return { ends: words.problems[done.flaw] }
    case 'unknown-door':
      return { [field]: words.problems.unfit }
    default:
      return { [field]: words.flaws[done.outcome] }
  }
}

function flawSentence({ words: { codes: words } }: Here, flaw: PinFlaw): string {
  if (flaw.flaw !== 'too-short') return fill(words.flaws[flaw.flaw], { ...flaw })
  const isFirst = flaw.pins === 0
  return fill(words.flaws[isFirst ? 'too-shortFirst' : 'too-short'], { ...flaw })
}

// ---------------------------------------------------------------- sending

export const waySchema = z.strictObject({ way: z.enum(['sms', 'email']) })

export const saidSchema = z.enum(['sms', 'email', 'link', 'notAtDoor', 'again'])
