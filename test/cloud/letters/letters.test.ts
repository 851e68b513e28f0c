/** Mails in text and HTML, and texts that fit one segment. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeText, segmentUse } from '../../../cloud/letters/code-text.ts'
import type { WrittenLetter } from '../../../cloud/letters/letter.ts'
import {
  type Alarm,
  alarmLetter,
  approvalLetter,
  codeLetter,
  facePictureName,
} from '../../../cloud/letters/letters.ts'
import { translations } from '../../../cloud/translations/translations.ts'
import { languages } from '../../../protocol/messages/shared.ts'

const place = { timeZone: 'Europe/Berlin', country: 'DE' }
const askedAtMs = Date.UTC(2026, 10, 21, 16, 5)
const link = 'https://door.example/approve/#r=maple-street_front.0.stranger-1&t=secret'
const facts = {
  place,
  doorName: 'Front <door> & "porch"',
  looksLike: null,
  link,
  request: {
    visitNumber: 27,
    askedAtMs,
    expiresAtMs: askedAtMs + 900_000,
    why: 'seen-once' as const,
    face: { key: 'faces/front/1-1.jpg', sha256: '0'.repeat(64) },
  },
}

const textOf = (html: string): string =>
  html
    .replace(/<title>.*?<\/title>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')

/** No scripts, no external resources, and no unescaped values. */
function expectPlain({ html, subject }: WrittenLetter): void {
  expect(html).not.toMatch(/<script|<link|<style|src="(?!cid:)|url\(|<door>/)
  expect(subject).not.toMatch(/[\r\n]/)
  expect(html).not.toMatch(/\{\w+\}/)
}

describe.each(languages)('in %s', (language) => {
  test('the approval mail says who, where, when, why, until when, and the number, in both forms', () => {
    const letter = approvalLetter({ ...facts, language })
    for (const text of [letter.text, textOf(letter.html)]) {
      expect(text).toContain('27')
      expect(text).toContain(facts.doorName)
      expect(text).toContain('17:05')
      expect(text).toContain('17:20')
      expect(text).toContain(translations[language].request.reasons['seen-once'])
    }
    expect(letter.text).toContain(link)
    expect(letter.html).toContain(`href="${link.replace('&', '&amp;')}"`)
    expect(letter.html).toContain(`src="cid:${facePictureName}"`)
    expect(letter.subject).toContain('27')
    expectPlain(letter)
  })

  test('the approval mail names a similar visitor and says when there is no number', () => {
    const request = { ...facts.request, visitNumber: null, why: 'weak-match' as const }
    const letter = approvalLetter({ ...facts, language, request, looksLike: 'Kim <b>' })
    expect(letter.text).toContain(translations[language].requestMail.noNumber)
    expect(letter.text).toContain('Kim <b>')
    expect(letter.html).toContain('Kim &lt;b&gt;')
    expectPlain(letter)
  })

  test('the approval mail names a visitor who rang with their phone, and shows no other picture', () => {
    const scan = { name: 'Sam <i>', language: 'fr', secretSha256: '0'.repeat(64) } as const
    const request = { ...facts.request, face: null, why: 'scanned' as const, scan }
    const letter = approvalLetter({ ...facts, language, request })
    expect(letter.text).toContain(`${translations[language].request.givenName}: Sam <i>`)
    expect(letter.text).toContain(translations[language].request.noNumber)
    expect(letter.html).toContain('Sam &lt;i&gt;')
    expect(letter.html).not.toContain('cid:')
    expectPlain(letter)
  })

  test('the code mail has the code once in each form, and its validity', () => {
    const letter = codeLetter({
      language,
      visitorName: 'Robin',
      doorName: facts.doorName,
      code: '04291728',
      minutes: 5,
    })
    for (const text of [letter.text, textOf(letter.html)]) {
      expect(text.split('0429 1728')).toHaveLength(2)
      expect(text).toMatch(/\b5\b/)
    }
    expect(letter.subject).not.toContain('0429')
    expectPlain(letter)
  })

  test('every alarm mail says what happened and what to do', () => {
    for (const alarm of Object.keys(translations.en.alarmMail.kinds).filter(isAlarm)) {
      const letter = alarmLetter({
        language,
        place,
        doorName: 'Hof',
        atMs: askedAtMs,
        alarm,
      })
      expect(letter.text).toContain(translations[language].alarmMail.kinds[alarm].advice)
      expect(letter.subject).toContain('Hof')
      expectPlain(letter)
    }
  })

  test('the code text fits one segment with the code and the minutes whole', () => {
    const anyName = fc.oneof(
      fc.string({ maxLength: 120, unit: 'grapheme' }),
      fc.constantFrom(
        'Front door',
        'Haustür',
        'Entrée du 3ᵉ',
        '玄関',
        '🚪'.repeat(60),
        'x'.repeat(120),
      ),
    )
    fc.assert(
      fc.property(anyName, fc.constantFrom('04291728', '12345678'), (doorName, code) => {
        const text = codeText({ doorName, code, minutes: 5, language })
        const { alphabet, used } = segmentUse(text)
        expect(used).toBeLessThanOrEqual(alphabet === 'gsm-7' ? 160 : 70)
        expect(text).toContain(`${code.slice(0, 4)} ${code.slice(4)}`)
        expect(text).toMatch(/\b5\b/)
        expect(text.isWellFormed()).toBe(true)
      }),
    )
    const plain = codeText({ doorName: 'Front door', code: '04291728', minutes: 5, language })
    expect(segmentUse(plain).alphabet).toBe('gsm-7')
    expect(plain).toContain('Front door')
  })

  test('the code text links to what is stored, if that fits the segment', () => {
    const aboutUrl = 'https://d111111abcdef8.cloudfront.net/you'
    const facts = { code: '04291728', minutes: 5, language, aboutUrl }
    const short = codeText({ ...facts, doorName: 'Front door' })
    expect([short.endsWith(` ${aboutUrl}`), segmentUse(short).used <= 160]).toEqual([true, true])
    const long = codeText({
      ...facts,
      doorName: 'Front door '.repeat(9),
    })
    expect([long.includes(aboutUrl), segmentUse(long).used <= 160]).toEqual([false, true])
  })
})

const isAlarm = (name: string): name is Alarm => name in translations.en.alarmMail.kinds

test.each([
  ['', 'gsm-7', 0],
  ['abc', 'gsm-7', 3],
  ['€', 'gsm-7', 2],
  ['[]', 'gsm-7', 4],
  ['ç', 'ucs-2', 1],
  ['🚪', 'ucs-2', 2],
])('“%s” is %s and takes %i', (text, alphabet, used) => {
  expect(segmentUse(text)).toMatchObject({ alphabet, used })
})
