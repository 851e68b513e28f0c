/** A passcode for a visitor who prefers e-mail. */
import type { Language } from '../../protocol/messages/shared.ts'
import { letterOf, type WrittenLetter } from './letter.ts'
import { fill, wordsIn } from './translations/translations.ts'

export interface CodeLetterFacts {
  readonly language: Language
  readonly visitorName: string
  readonly doorName: string
  readonly code: string
  readonly minutes: number
}

export function codeLetter(facts: CodeLetterFacts): WrittenLetter {
  const { code: words } = wordsIn[facts.language]
  const { doorName: door, code, minutes } = facts
  return letterOf(facts.language, fill(words.subject, { door }), [
    { kind: 'title', text: fill(words.hello, { name: facts.visitorName }) },
    { kind: 'large', label: fill(words.yours, { door }), text: code },
    { kind: 'line', text: fill(words.validity, { minutes }) },
    { kind: 'small', text: words.notYou },
  ])
}
