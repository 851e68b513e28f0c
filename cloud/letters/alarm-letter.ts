/** Tells an owner what went wrong at a door, in one sentence, and what they can do about it. */
import type { Language } from '../../protocol/messages/shared.ts'
import { dayAndTime, type Place } from './date-words.ts'
import { letterOf, type WrittenLetter } from './letter.ts'
import { type Alarm, fill, wordsIn } from './translations/translations.ts'

export interface AlarmLetterFacts {
  readonly language: Language
  readonly place: Place
  readonly doorName: string
  readonly atMs: number
  readonly alarm: Alarm
}

export function alarmLetter(facts: AlarmLetterFacts): WrittenLetter {
  const { language, place, doorName: door, atMs } = facts
  const { alarm: words } = wordsIn[language]
  const { title, what, advice } = words.kinds[facts.alarm]
  return letterOf(language, fill(words.subject, { what: title, door }), [
    { kind: 'title', text: title },
    { kind: 'line', text: what },
    { kind: 'line', text: advice },
    { kind: 'fact', label: words.door, text: door },
    { kind: 'fact', label: words.when, text: dayAndTime(atMs, language, place) },
  ])
}

export type { Alarm } from './translations/translations.ts'
