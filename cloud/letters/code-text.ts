/**
 * A passcode as a text message of one segment: 160 characters in the GSM alphabet, or 70 in others.
 * If the text is too long, the door's name is shortened.
 */
import type { Language } from '../../protocol/messages/shared.ts'
import { grouped } from '../../protocol/passcode.ts'
import { fill, translations } from '../translations/translations.ts'

/** The page for visitors about what is stored. Short, because a text has little room. */
export const aboutPath = '/you'

interface CodeTextFacts {
  readonly doorName: string
  readonly code: string
  readonly minutes: number
  readonly language: Language
  /** What is stored about visitors. Left out when the text would need another segment. */
  readonly aboutUrl?: string
}

/** GSM 03.38: characters of one septet. */
const single = new Set(
  `@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà`,
)
/** GSM 03.38: characters of two septets. */
const double = new Set('^{}\\[~]|€')

const gsmSeptets = 160
const ucs2Units = 70

/** How much of a segment a text uses. */
export function segmentUse(text: string) {
  const characters = [...text]
  const inGsm = characters.every((one) => single.has(one) || double.has(one))
  if (!inGsm) return { alphabet: 'ucs-2', used: text.length, room: ucs2Units } as const
  const used = characters.reduce((sum, one) => sum + (double.has(one) ? 2 : 1), 0)
  return { alphabet: 'gsm-7', used, room: gsmSeptets } as const
}

const fitsOneSegment = (text: string): boolean => {
  const { used, room } = segmentUse(text)
  return used <= room
}

export function codeText({
  doorName,
  code,
  minutes,
  language,
  aboutUrl = '',
}: CodeTextFacts): string {
  const template = translations[language].codeText
  return fitted(doorName, aboutUrl, (door) =>
    fill(template, { door, code: grouped(code), minutes }),
  )
}

/** The code of a guest, which is valid until some day. */
export function guestCodeText({
  doorName,
  code,
  until,
  language,
}: Omit<CodeTextFacts, 'minutes'> & { readonly until: string | null }): string {
  const { text, textWithoutEnd } = translations[language].guestCode
  const template = oneLine(until === null ? textWithoutEnd : text)
  const facts = { code: grouped(code), until: oneLine(until ?? '') }
  return fitted(doorName, '', (door) => fill(template, { door, ...facts }))
}

/** In letters that a text has, where that is possible. */
export const oneLine = (text: string): string => inGsmLetters(text.replace(/\s+/g, ' ').trim())

function fitted(doorName: string, aboutUrl: string, written: (door: string) => string): string {
  const name = oneLine(doorName)
  const withLink = `${written(name)} ${aboutUrl}`.trim()
  if (fitsOneSegment(withLink)) return withLink
  if (fitsOneSegment(written(name))) return written(name)
  return written(shortened(name, (door) => fitsOneSegment(written(door))))
}

/** `ç` becomes `c` and so on; a name in another script is left alone. */
function inGsmLetters(name: string): string {
  const plain = [...name.replace(/[‘’‚]/g, "'").replace(/[“”„]/g, '"').replace(/[–—]/g, '-')]
    .map((one) => (single.has(one) || double.has(one) ? one : withoutMarks(one)))
    .join('')
  return segmentUse(plain).alphabet === 'gsm-7' ? plain : name
}

const withoutMarks = (one: string): string => one.normalize('NFD').replace(/\p{M}/gu, '')

/** Cuts between grapheme clusters, never within one. */
function shortened(name: string, fits: (name: string) => boolean): string {
  const dots = segmentUse(name).alphabet === 'gsm-7' ? '...' : '…'
  const characters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment)
  for (let length = characters.length - 1; length > 0; length--) {
    const short = characters.slice(0, length).join('').trimEnd() + dots
    if (fits(short)) return short
  }
  return dots
}
