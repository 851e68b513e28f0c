/** What people read: letters in text and HTML, and texts that fit one segment. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alarmLetter } from '../../../cloud/letters/alarm-letter.ts'
import { approvalLetter, facePictureName } from '../../../cloud/letters/approval-letter.ts'
import { codeLetter } from '../../../cloud/letters/code-letter.ts'
import { codeText, segmentUse } from '../../../cloud/letters/code-text.ts'
import type { WrittenLetter } from '../../../cloud/letters/letter.ts'
import { type Alarm, wordsIn } from '../../../cloud/letters/translations/translations.ts'
import { languages } from '../../../protocol/messages/shared.ts'

const place = { timeZone: 'Europe/Berlin', country: 'DE' }
const askedAtMs = Date.UTC(2026, 10, 21, 16, 5)
const link = 'https://door.example/approve/#r=maple-street_front.0.stranger-1&t=secret'
const facts = {
  ...{ place, doorName: 'Front <door> & "porch"', looksLike: null, link },
  request: {
    ...{ visitNumber: 27, askedAtMs, expiresAtMs: askedAtMs + 900_000 },
    why: 'seen-once' as const,
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

/** Neither a script nor anything from elsewhere, and nothing that was filled in as HTML. */
function expectPlain({ html, subject }: WrittenLetter): void {
  expect(html).not.toMatch(/<script|<link|<style|src="(?!cid:)|url\(|<door>/)
  expect(subject).not.toMatch(/[\r\n]/)
  expect(html).not.toMatch(/\{\w+\}/)
}

describe.each(languages)('in %s', (language) => {
  test('the owner is told who, where, when, why, until when, and the number, twice', () => {
    const letter = approvalLetter({ ...facts, language })
    for (const text of [letter.text, textOf(letter.html)]) {
      expect(text).toContain('27')
      expect(text).toContain(facts.doorName)
      expect(text).toContain('17:05')
      expect(text).toContain('17:20')
      expect(text).toContain(wordsIn[language].approval.why['seen-once'])
    }
    expect(letter.text).toContain(link)
    expect(letter.html).toContain(`href="${link.replace('&', '&amp;')}"`)
    expect(letter.html).toContain(`src="cid:${facePictureName}"`)
    expect(letter.subject).toContain('27')
    expectPlain(letter)
  })

  test('a visit without a number is told so, and somebody like a visitor by name', () => {
    const request = { ...facts.request, visitNumber: null, why: 'weak-match' as const }
    const letter = approvalLetter({ ...facts, language, request, looksLike: 'Kim <b>' })
    expect(letter.text).toContain(wordsIn[language].approval.noNumber)
    expect(letter.text).toContain('Kim <b>')
    expect(letter.html).toContain('Kim &lt;b&gt;')
    expectPlain(letter)
  })

  test('a code’s letter has the code once in each form, and for how long', () => {
    const letter = codeLetter({
      ...{ language, visitorName: 'Robin', doorName: facts.doorName, code: '042917', minutes: 5 },
    })
    for (const text of [letter.text, textOf(letter.html)]) {
      expect(text.split('042917')).toHaveLength(2)
      expect(text).toMatch(/\b5\b/)
    }
    expect(letter.subject).not.toContain('042917')
    expectPlain(letter)
  })

  test('every alarm says what happened and what to do', () => {
    for (const alarm of Object.keys(wordsIn.en.alarm.kinds).filter(isAlarm)) {
      const letter = alarmLetter({
        ...{ language, place, doorName: 'Hof', atMs: askedAtMs },
        alarm,
      })
      expect(letter.text).toContain(wordsIn[language].alarm.kinds[alarm].advice)
      expect(letter.subject).toContain('Hof')
      expectPlain(letter)
    }
  })

  test('a code’s text is one segment, with the code and the minutes whole', () => {
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
      fc.property(anyName, fc.constantFrom('042917', '12345678'), (doorName, code) => {
        const text = codeText({ doorName, code, minutes: 5, language })
        const { alphabet, used } = segmentUse(text)
        expect(used).toBeLessThanOrEqual(alphabet === 'gsm-7' ? 160 : 70)
        expect(text).toContain(code)
        expect(text).toMatch(/\b5\b/)
        expect(text.isWellFormed()).toBe(true)
      }),
    )
    const plain = codeText({ doorName: 'Front door', code: '042917', minutes: 5, language })
    expect(segmentUse(plain).alphabet).toBe('gsm-7')
    expect(plain).toContain('Front door')
  })
})

const isAlarm = (name: string): name is Alarm => name in wordsIn.en.alarm.kinds

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
