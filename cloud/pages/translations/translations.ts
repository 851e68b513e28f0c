/** What the approval page says. Whoever adds a text here cannot forget a language. */
import { type Language, languages } from '../../../protocol/messages/shared.ts'
import type { CodeNews, DecisionRefusal } from '../../approvals/core/answer.ts'
import type { FormProblem, validitiesMs } from '../../visitors/core/visitor-form.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

type With<Placeholder extends string> = `${string}{${Placeholder}}${string}`

export interface PageWords {
  readonly title: string
  readonly oneMoment: string
  readonly needsScript: string
  readonly linkIncomplete: string
  readonly noAnswer: string
  readonly tryAgain: string

  readonly somebody: With<'door'>
  readonly when: string
  readonly why: string
  readonly reasons: { readonly [Reason in 'nobody-on-file' | 'weak-match' | 'seen-once']: string }
  readonly looksLike: With<'name'>
  readonly faceAlt: string
  readonly noPicture: string
  readonly noNumber: string

  readonly visitNumber: string
  readonly visitNumberHint: string
  readonly letIn: string
  readonly name: string
  readonly phone: string
  readonly phoneHint: string
  readonly email: string
  readonly reach: string
  readonly prefers: string
  readonly bySms: string
  readonly byEmail: string
  readonly language: string
  readonly validity: string
  readonly validities: Readonly<Record<keyof typeof validitiesMs, string>>
  readonly remember: string
  readonly rememberHint: string
  readonly allow: string
  readonly turnAway: string
  readonly block: string
  readonly deny: string

  readonly allowed: With<'name'>
  readonly codes: Readonly<Record<CodeNews, string>>
  readonly denied: string
  readonly deniedDetail: string
  readonly alreadyAllowed: `${With<'by'>}${With<'time'>}`
  readonly alreadyDenied: `${With<'by'>}${With<'time'>}`
  readonly byMail: string
  readonly expired: string
  readonly expiredDetail: string
  readonly refused: Readonly<Record<DecisionRefusal, string>>
  readonly wrongOrigin: string
  readonly faulty: string
  readonly pleaseMend: string
  readonly problems: Readonly<Record<FormProblem, string>>
  readonly numberMissing: string
}

export const wordsIn: Readonly<Record<Language, PageWords>> = { en, de, es, fr }

export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
}

export const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder))

/** The first language that a browser asks for and that there is; how much it likes it is its order. */
export function languageFrom(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? '').slice(0, 200).split(',').map(wishOf)
  const wanted = wishes.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
  for (const { tag } of wanted) {
    const language = languages.find((one) => one === tag)
    if (language) return language
  }
  return 'en'
}

function wishOf(entry: string) {
  const [range = '', ...parameters] = entry.trim().toLowerCase().split(';')
  const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean)
  return { tag: range.split('-')[0] ?? '', weight: quality === undefined ? 1 : Number(quality) }
}
