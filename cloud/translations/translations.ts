/**
 * What mails, texts and pages say, in every language. English defines which texts there are; the
 * type checker demands all of them of the other languages.
 *
 * To add a language: add its code to `languages` in protocol/messages/shared.ts, copy `en.ts`,
 * translate it, and list it below. The keypad page has its own, in keypad-ui/translations/.
 */
import type { Language } from '../../protocol/messages/shared.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

export type Translation = typeof en

export const translations: Readonly<Record<Language, Translation>> = { en, de, es, fr }

export const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder))
