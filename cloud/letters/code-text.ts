/**
 * A passcode as one text message, always in one segment: 160 characters when all of them are in
 * the old alphabet of text messages, else 70. The code, its validity and the words stay whole; it
 * is the door's name that gives way.
 */
import type { Language } from '../../protocol/messages/shared.ts'
import { fill, wordsIn } from './translations/translations.ts'

export interface CodeTextFacts {
  readonly doorName: string
  readonly code: string
  readonly minutes: number
  readonly language: Language
}

/** GSM 03.38: the characters that take one septet. */
const single = new Set(
  `@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà`,
)
/** Those that take two. */
const double = new Set('^{}\\[~]|€')

export const gsmSeptets = 160
export const ucs2Units = 70

/** How much of a segment a text takes, and of which kind. */
export function segmentUse(text: string) {
  const characters = [...text]
  const inGsm = characters.every((one) => single.has(one) || double.has(one))
  if (!inGsm) return { alphabet: 'ucs-2', used: text.length, room: ucs2Units } as const
  const used = characters.reduce((sum, one) => sum + (double.has(one) ? 2 : 1), 0)
  return { alphabet: 'gsm-7', used, room: gsmSeptets } as const
}

export const fitsOneSegment = (text: string): boolean => {
  const { used, room } = segmentUse(text)
  return used <= room
}

export function codeText({ doorName, code, minutes, language }: CodeTextFacts): string {
  const template = wordsIn[language].code.text
  const written = (door: string) => fill(template, { door, code, minutes })
  const name = inOldLetters(doorName.replace(/\s+/g, ' ').trim())
  if (fitsOneSegment(written(name))) return written(name)
  return written(shortened(name, (door) => fitsOneSegment(written(door))))
}

/** `ç` becomes `c` and so on; a name in another script stays as it is. */
function inOldLetters(name: string): string {
  const plain = [...name.replace(/[‘’‚]/g, "'").replace(/[“”„]/g, '"').replace(/[–—]/g, '-')]
    .map((one) => (single.has(one) || double.has(one) ? one : withoutMarks(one)))
    .join('')
  return segmentUse(plain).alphabet === 'gsm-7' ? plain : name
}

const withoutMarks = (one: string): string => one.normalize('NFD').replace(/\p{M}/gu, '')

/** Cut between what a reader takes for characters, never within one. */
function shortened(name: string, fits: (name: string) => boolean): string {
  const dots = segmentUse(name).alphabet === 'gsm-7' ? '...' : '…'
  const characters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment)
  for (let kept = characters.length - 1; kept > 0; kept--) {
    const short = characters.slice(0, kept).join('').trimEnd() + dots
    if (fits(short)) return short
  }
  return dots
}
