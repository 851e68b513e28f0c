/**
 * What the page says, in every language. English defines which texts there are; the type checker
 * demands all of them of the other languages.
 *
 * To add a language: add its code to `languages` in protocol/messages/shared.ts, copy `en.ts`, translate it, list it
 * below, and add its button to index.html.
 */
import type { KeypadState } from '../../protocol/keypad-api.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

export type Language = KeypadState['language']
export type Translation = typeof en

export const translations: Readonly<Record<Language, Translation>> = { en, de, es, fr }

export const isLanguage = (value: unknown): value is Language =>
  typeof value === 'string' && Object.hasOwn(translations, value)

export const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder))
