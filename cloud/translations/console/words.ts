/**
 * What the pages for owners say, in English and German. Spanish and French see them in English; what
 * visitors see has all four languages.
 */
import type { Language } from '../../../protocol/messages/shared.ts'
import { de } from './de.ts'
import { en } from './en.ts'

export type ConsoleWords = typeof en
/** The languages that these pages have. */
export type ConsoleLanguage = 'en' | 'de'

export const consoleLanguage = (language: Language): ConsoleLanguage =>
  language === 'de' ? 'de' : 'en'

export const consoleWords: Readonly<Record<ConsoleLanguage, ConsoleWords>> = { en, de }
