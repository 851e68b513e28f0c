/** Asks an owner about somebody at the door. The face goes with the letter as a picture of it. */
import type { Language } from '../../protocol/messages/shared.ts'
import type { ApprovalRequest } from '../approvals/core/approval.ts'
import { dayAndTime, type Place, timeOfDay } from './date-words.ts'
import { letterOf, type Part, type WrittenLetter } from './letter.ts'
import { fill, type Words, wordsIn } from './translations/translations.ts'

/** Under which name the letter expects the picture. */
export const facePictureName = 'face'

export interface ApprovalLetterFacts {
  readonly language: Language
  readonly place: Place
  readonly doorName: string
  readonly request: Pick<ApprovalRequest, 'visitNumber' | 'askedAtMs' | 'expiresAtMs' | 'why'>
  /** The name of the visitor on file whom they look like. */
  readonly looksLike: string | null
  readonly link: string
}

export function approvalLetter(facts: ApprovalLetterFacts): WrittenLetter {
  const { approval: words } = wordsIn[facts.language]
  const door = facts.doorName
  const { visitNumber: number, askedAtMs, expiresAtMs } = facts.request
  const subject = number === null ? words.subject : words.subjectWithNumber
  return letterOf(facts.language, fill(subject, { door, number: number ?? '' }), [
    { kind: 'title', text: fill(words.somebody, { door }) },
    { kind: 'picture', name: facePictureName, text: fill(words.pictureOf, { door }) },
    numberPart(words, number),
    { kind: 'link', url: facts.link, text: words.decide },
    { kind: 'fact', label: words.when, text: dayAndTime(askedAtMs, facts.language, facts.place) },
    { kind: 'fact', label: words.whyWeAsk, text: reasonFor(words, facts) },
    {
      kind: 'line',
      text: fill(words.until, { time: timeOfDay(expiresAtMs, facts.language, facts.place) }),
    },
    { kind: 'small', text: words.keepIt },
  ])
}

const numberPart = (words: Words['approval'], number: number | null): Part =>
  number === null
    ? { kind: 'line', text: words.noNumber }
    : { kind: 'large', label: words.visitNumber, text: String(number) }

const reasonFor = (words: Words['approval'], { looksLike, request }: ApprovalLetterFacts) =>
  looksLike === null ? words.why[request.why] : fill(words.looksLike, { name: looksLike })
