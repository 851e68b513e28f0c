/** What the page says. Whoever adds a text here cannot forget a language: it does not compile. */
import type { KeypadState } from '../../protocol/keypad-api.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

export type Language = KeypadState['language']

type With<Placeholder extends string> = `${string}{${Placeholder}}${string}`

export interface Texts {
  /** The language's name in itself, for those who can read nothing else on the page. */
  readonly languageName: string

  /** In place of the door's own name, until that is known. */
  readonly door: string
  readonly oneMoment: string
  readonly startingAgain: string
  readonly stillStarting: string

  readonly idle: string
  readonly here: string
  readonly hereDetail: string
  readonly waiting: string
  readonly waitingDetail: string
  readonly sent: string
  readonly sentDetail: string
  readonly noAnswer: string
  readonly noAnswerDetail: string
  readonly refused: string
  readonly refusedDetail: string
  readonly offline: string
  readonly offlineDetail: string

  readonly typing: With<'digits'>
  readonly typedCount: `${With<'count'>}${With<'digits'>}`
  /** Said when the last digit is in; names the key by the word that is on it. */
  readonly complete: With<'confirm'>

  readonly welcome: With<'name'>
  readonly welcomeDetail: string
  readonly open: string
  readonly denied: string
  readonly fault: string
  readonly tryAgain: string
  readonly paused: string
  readonly pausedDetail: string
  /** A length of time follows. */
  readonly worksAgainIn: string
  readonly clockUnknown: string
  readonly clockUnknownDetail: string
  readonly shut: string
  readonly shutDetail: string

  readonly keypad: string
  readonly confirm: string
  readonly erase: string
  readonly yourNumber: string
  /** What the number is good for. */
  readonly yourNumberDetail: string
  readonly bell: string
  readonly bellRung: string
  readonly bellFailed: string
  readonly language: string
}

export const textsIn: Readonly<Record<Language, Texts>> = { en, de, es, fr }

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(textsIn, value)

export const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder))
