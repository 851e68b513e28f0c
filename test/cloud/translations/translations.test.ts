/** Every language has every text, and browsers get the language they prefer. */
import { expect, test } from 'vitest'
import { languageFrom } from '../../../cloud/api/shared.ts'
import { translations } from '../../../cloud/translations/translations.ts'
import { languages } from '../../../protocol/messages/shared.ts'

const leaves = (value: unknown, path = ''): [string, string][] =>
  typeof value === 'string'
    ? [[path, value]]
    : Object.entries(Object(value)).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`))

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort()

test.each(languages)(
  '%s has every text, with the placeholders of English, and is not a copy of English',
  (language) => {
    const english = new Map(leaves(translations.en))
    const own = leaves(translations[language])
    expect(own.map(([path]) => path).sort()).toEqual([...english.keys()].sort())
    for (const [path, text] of own) {
      expect(text.trim(), path).not.toBe('')
      expect([path, placeholders(text)]).toEqual([path, placeholders(english.get(path) ?? '')])
    }
    const words = (text: string) => text.replace(/\{\w+\}/g, '')
    const same = own.filter(([path, text]) => words(text).length > 12 && english.get(path) === text)
    if (language !== 'en') expect(same).toEqual([])
  },
)

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['fr-CH, fr;q=0.9, en;q=0.8', 'fr'],
  ['en;q=0.1, es;q=0.9', 'es'],
  ['de;q=0, es;q=0.5', 'es'],
  ['nl, pl, *', 'en'],
  ['xx;q=nonsense, de-AT', 'de'],
  [`${'x,'.repeat(5_000)}de`, 'en'],
])('“%s” gets %s', (header, language) => {
  expect(languageFrom(header)).toBe(language)
})
