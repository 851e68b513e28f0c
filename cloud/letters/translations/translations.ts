/** What letters and texts say. Whoever adds one cannot forget a language: it does not compile. */
import type { Language } from '../../../protocol/messages/shared.ts'
import type { AskReason } from '../../visits/core/visit.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

export interface Words {
  readonly approval: {
    readonly subject: With<'door'>
    readonly subjectWithNumber: `${With<'door'>}${With<'number'>}`
    readonly somebody: With<'door'>
    readonly visitNumber: string
    readonly noNumber: string
    readonly when: string
    readonly whyWeAsk: string
    readonly why: Readonly<Record<AskReason, string>>
    readonly looksLike: With<'name'>
    readonly decide: string
    readonly until: With<'time'>
    readonly pictureOf: With<'door'>
    readonly keepIt: string
  }
  readonly code: {
    readonly subject: With<'door'>
    readonly hello: With<'name'>
    readonly yours: With<'door'>
    readonly validity: With<'minutes'>
    readonly notYou: string
    /** One segment of a text message: only characters that GSM 03.38 has, and few of them. */
    readonly text: string
  }
  readonly alarm: {
    readonly subject: `${With<'what'>}${With<'door'>}`
    readonly when: string
    readonly door: string
    readonly kinds: Readonly<Record<Alarm, AlarmWords>>
  }
}

type With<Placeholder extends string> = `${string}{${Placeholder}}${string}`

export interface AlarmWords {
  readonly title: string
  readonly what: string
  readonly advice: string
}

/** Told without names: who it was stands in the history, behind a sign-in. */
export type Alarm =
  | 'keypad-paused'
  | 'door-forced'
  | 'door-held-open'
  | 'lock-failed'
  | 'door-offline'
  | 'limit-hit'
  | 'grant-refused'
  | 'text-not-sent'
  | 'log-broken'
  | 'too-much'

export const wordsIn: Readonly<Record<Language, Words>> = { en, de, es, fr }

export const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder))
