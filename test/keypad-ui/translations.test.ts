import { describe, expect, it } from 'vitest'
import {
  fill,
  isLanguage,
  type Translation,
  translations,
} from '../../keypad-ui/translations/translations.ts'
import { languages } from '../../protocol/messages/shared.ts'

const placeholdersIn = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted()

describe('the translations', () => {
  it('exist for exactly the languages of the protocol', () => {
    expect(Object.keys(translations).toSorted()).toEqual([...languages].toSorted())
    expect(languages.every(isLanguage)).toBe(true)
    expect(['', 'it', 'toString', null, 1].some(isLanguage)).toBe(false)
  })

  describe.each(languages)('in %s', (language) => {
    const words: Translation = translations[language]
    const entries = Object.entries(words)

    it('have the keys of English', () => {
      expect(Object.keys(words)).toEqual(Object.keys(translations.en))
    })

    it('are not empty and have no stray spaces', () => {
      const untidy = entries.filter(([, text]) => text.trim() === '' || /^\s|\s$|\s\s/.test(text))
      expect(untidy).toEqual([])
    })

    it('have the placeholders of English', () => {
      for (const [key, text] of entries) {
        const english = Object.entries(translations.en).find(([name]) => name === key)?.[1] ?? ''
        expect([key, placeholdersIn(text)]).toEqual([key, placeholdersIn(english)])
      }
    })

    it('share no sentence with another language', () => {
      const others = languages
        .filter((other) => other !== language)
        .flatMap((other) => Object.values(translations[other]))
      expect(entries.filter(([, text]) => others.includes(text))).toEqual([])
    })

    it('use typographic quotes and ellipses', () => {
      expect(entries.filter(([, text]) => /['"]|\.\.\./.test(text))).toEqual([])
    })
  })

  it('never say why a code was refused', () => {
    const reasons = /wrong|expired|used|falsch|abgelaufen|incorrect|caducad|faux|expir|erron/i
    for (const { denied, tryAgain } of Object.values(translations)) {
      expect(`${denied} ${tryAgain}`).not.toMatch(reasons)
    }
  })

  it('end sentences with a full stop, and use narrow spaces in French', () => {
    expect(
      Object.values(translations.fr).filter((text) => /[^\u202f][!?:;»]|«[^\u202f]/.test(text)),
    ).toEqual([])
    for (const { idle, denied, paused, offline } of Object.values(translations)) {
      for (const sentence of [idle, denied, paused, offline]) expect(sentence).toMatch(/\.$/)
    }
  })
})

describe('fill', () => {
  it('replaces known placeholders and leaves the others', () => {
    expect(fill('{count} of {digits}', { count: 1, digits: 6 })).toBe('1 of 6')
    expect(fill('Welcome, {name}!', {})).toBe('Welcome, {name}!')
  })

  it('inserts values verbatim, including braces and dollar signs', () => {
    expect(fill('Welcome, {name}!', { name: '$& {count}', count: 3 })).toBe('Welcome, $& {count}!')
  })
})
