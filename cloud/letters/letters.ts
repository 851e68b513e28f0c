/** The mails: to owners, about a visitor or an alarm, and to visitors, with their code. */
import type { Language } from '../../protocol/messages/shared.ts'
import { grouped } from '../../protocol/passcode.ts'
import type { ApprovalRequest } from '../approvals/core/approval-request.ts'
import { fill, type Translation, translations } from '../translations/translations.ts'
import { type AskReason, isRecognised, type ScannedBy } from '../visits/core/visit.ts'
import { dayAndTime, type Place, timeOfDay } from './date-words.ts'
import { letterOf, type WrittenLetter } from './letter.ts'

// ---------------------------------------------------------------- to owners

/** The name under which the mail shows the picture. */
export const facePictureName = 'face'

interface ApprovalFacts {
  readonly language: Language
  readonly place: Place
  readonly doorName: string
  readonly request: Pick<
    ApprovalRequest,
    'visitNumber' | 'askedAtMs' | 'expiresAtMs' | 'why' | 'face' | 'scan'
  >
  /** The name of the similar visitor on file. */
  readonly looksLike: string | null
  readonly link: string
}

/** The picture of the face is attached to the mail. */
export function approvalLetter(facts: ApprovalFacts): WrittenLetter {
  const { language, place, doorName: door, looksLike, link } = facts
  const { visitNumber: number, askedAtMs, expiresAtMs, why, face, scan } = facts.request
  const { request: words, requestMail } = translations[language]
  const subject =
    number === null
      ? fill(requestMail.subject, { door })
      : fill(requestMail.subjectWithNumber, { door, number })
  const reason = reasonWords(words, why, looksLike)
  const time = timeOfDay(expiresAtMs, language, place)
  return letterOf(language, subject, [
    { kind: 'title', text: fill(words.question, { door }) },
    ...(face ? [pictureOf(fill(requestMail.pictureOf, { door }))] : []),
    ...(scan ? scanParts(words, scan) : []),
    number === null
      ? { kind: 'line', text: requestMail.noNumber }
      : { kind: 'large', label: words.visitNumber, text: String(number) },
    { kind: 'link', url: link, text: requestMail.decide },
    { kind: 'fact', label: words.when, text: dayAndTime(askedAtMs, language, place) },
    { kind: 'fact', label: words.why, text: reason },
    { kind: 'line', text: fill(requestMail.until, { time }) },
    { kind: 'small', text: requestMail.confidential },
  ])
}

const scanParts = ({ givenName, noNumber }: Translation['request'], { name }: ScannedBy) =>
  [
    { kind: 'fact', label: givenName, text: name },
    { kind: 'line', text: noNumber },
  ] as const

const pictureOf = (text: string) => ({ kind: 'picture', name: facePictureName, text }) as const

/** `looksLike` is the name of the visitor on file whom the face resembles, or who was recognised. */
export function reasonWords(
  { reasons, looksLike: like, recognised }: Translation['request'],
  why: AskReason,
  looksLike: string | null,
): string {
  const reason = reasons[why]
  if (looksLike === null) return reason
  return fill(isRecognised(why) ? recognised : like, { name: looksLike, reason })
}

/** Named without the visitor: who it was is in the history, behind a sign-in. */
export type Alarm = keyof Translation['alarmMail']['kinds']

interface AlarmFacts {
  readonly language: Language
  readonly place: Place
  readonly doorName: string
  readonly atMs: number
  readonly alarm: Alarm
}

export function alarmLetter(facts: AlarmFacts): WrittenLetter {
  const { language, place, doorName: door, atMs, alarm } = facts
  const { alarmMail: words } = translations[language]
  const { title, what, advice } = words.kinds[alarm]
  return letterOf(language, fill(words.subject, { what: title, door }), [
    { kind: 'title', text: title },
    { kind: 'line', text: what },
    { kind: 'line', text: advice },
    { kind: 'fact', label: words.door, text: door },
    { kind: 'fact', label: words.when, text: dayAndTime(atMs, language, place) },
  ])
}

/** A plain notice, such as that the bell rings. */
export function noticeLetter({
  language,
  place,
  doorName: door,
  atMs,
  title,
  hasPicture = false,
}: Omit<AlarmFacts, 'alarm'> & {
  readonly title: string
  readonly hasPicture?: boolean
}): WrittenLetter {
  const { alarmMail: words, requestMail } = translations[language]
  const text = fill(requestMail.pictureOf, { door })
  return letterOf(language, title, [
    { kind: 'title', text: title },
    ...(hasPicture ? [{ kind: 'picture' as const, name: facePictureName, text }] : []),
    { kind: 'fact', label: words.door, text: door },
    { kind: 'fact', label: words.when, text: dayAndTime(atMs, language, place) },
  ])
}

// ---------------------------------------------------------------- to visitors

interface CodeFacts {
  readonly language: Language
  readonly visitorName: string
  readonly doorName: string
  readonly code: string
  readonly minutes: number
}

export function codeLetter(facts: CodeFacts): WrittenLetter {
  const { language, visitorName: name, doorName: door, code, minutes } = facts
  const { codeMail: words } = translations[language]
  return letterOf(language, fill(words.subject, { door }), [
    { kind: 'title', text: fill(words.hello, { name }) },
    { kind: 'large', label: fill(words.intro, { door }), text: grouped(code) },
    { kind: 'line', text: fill(words.validity, { minutes }) },
    { kind: 'small', text: words.notYou },
  ])
}

interface GuestCodeFacts extends Omit<CodeFacts, 'minutes'> {
  /** Null: without an end. */
  readonly until: string | null
}

export function guestCodeLetter(facts: GuestCodeFacts): WrittenLetter {
  const { language, visitorName: name, doorName: door, code, until } = facts
  const { codeMail: words, guestCode } = translations[language]
  const validity = until === null ? [] : [fill(guestCode.validity, { until })]
  return letterOf(language, fill(words.subject, { door }), [
    { kind: 'title', text: fill(words.hello, { name }) },
    { kind: 'large', label: fill(words.intro, { door }), text: grouped(code) },
    { kind: 'line', text: [guestCode.typeIt, ...validity].join(' ') },
    { kind: 'small', text: guestCode.keep },
  ])
}

interface PinLinkFacts {
  readonly language: Language
  readonly visitorName: string
  readonly homeName: string
  readonly link: string
}

export function pinLinkLetter({
  language,
  visitorName: name,
  homeName: home,
  link,
}: PinLinkFacts): WrittenLetter {
  const { codeMail, pinLink: words } = translations[language]
  return letterOf(language, words.subject, [
    { kind: 'title', text: fill(codeMail.hello, { name }) },
    { kind: 'line', text: fill(words.intro, { home }) },
    { kind: 'link', url: link, text: words.choose },
    { kind: 'small', text: words.once },
  ])
}
