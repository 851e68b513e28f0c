import { describe, expect, it } from 'vitest'
import {
  fill,
  isLanguage,
  type Translation,
  translations,
} from '../../keypad-ui/translations/translations.ts'
import { languages } from '../../protocol/messages/shared.ts'

const placeholdersIn = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted()

describe('the words of the page', () => {
  it('exist in exactly the languages that a door can have', () => {
    expect(Object.keys(translations).toSorted()).toEqual([...languages].toSorted())
    expect(languages.every(isLanguage)).toBe(true)
    expect(['', 'it', 'toString', null, 1].some(isLanguage)).toBe(false)
  })

  describe.each(languages)('in %s', (language) => {
    const words: Translation = translations[language]
    const entries = Object.entries(words)

    it('lack no key and have none too many', () => {
      expect(Object.keys(words)).toEqual(Object.keys(translations.en))
    })

    it('are none of them empty or untidy', () => {
      const untidy = entries.filter(([, text]) => text.trim() === '' || /^\s|\s$|\s\s/.test(text))
      expect(untidy).toEqual([])
    })

    it('have the placeholders that the English ones have', () => {
      for (const [key, text] of entries) {
        const english = Object.entries(translations.en).find(([name]) => name === key)?.[1] ?? ''
        expect([key, placeholdersIn(text)]).toEqual([key, placeholdersIn(english)])
      }
    })

    it('share no text with another language', () => {
      const others = languages
        .filter((other) => other !== language)
        .flatMap((other) => Object.values(translations[other]))
      expect(entries.filter(([, text]) => others.includes(text))).toEqual([])
    })

    it('use the marks and quotes of good print', () => {
      expect(entries.filter(([, text]) => /['"]|\.\.\./.test(text))).toEqual([])
    })
  })

  it('never tell a visitor why a code was refused', () => {
    const reasons = /wrong|expired|used|falsch|abgelaufen|incorrect|caducad|faux|expir|erron/i
    for (const { denied, tryAgain } of Object.values(translations)) {
      expect(`${denied} ${tryAgain}`).not.toMatch(reasons)
    }
  })

  it('ends a sentence like one, and sets the narrow space where French wants it', () => {
    expect(
      Object.values(translations.fr).filter((text) => /[^\u202f][!?:;»]|«[^\u202f]/.test(text)),
    ).toEqual([])
    for (const { idle, denied, paused, offline } of Object.values(translations)) {
      for (const sentence of [idle, denied, paused, offline]) expect(sentence).toMatch(/\.$/)
    }
  })
})

describe('filling in', () => {
  it('puts values where their names are and leaves what it does not know', () => {
    expect(fill('{count} of {digits}', { count: 1, digits: 6 })).toBe('1 of 6')
    expect(fill('Welcome, {name}!', {})).toBe('Welcome, {name}!')
  })

  it('takes a name as it is, braces and dollar signs included', () => {
    expect(fill('Welcome, {name}!', { name: '$& {count}', count: 3 })).toBe('Welcome, $& {count}!')
  })
})
