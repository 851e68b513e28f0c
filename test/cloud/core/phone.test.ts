/** Numbers as people type them, and the countries that they cost in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countriesOf, isIn, phoneNumber } from '../../../cloud/core/phone.ts'

test.each([
  ['+49 170 1234567', '+491701234567'],
  ['0049 (170) 123-45-67', '+491701234567'],
  ['+1 (555) 010-0199', '+15550100199'],
  ['+44 20 7946 0000', '+442079460000'],
  ['+49\u00a0170\u20111234567', '+491701234567'],
  ['0170 1234567', null],
  ['1234567', null],
  ['+49', null],
  ['+0 170 1234567', null],
  ['+49 170 1234567 ext 5', null],
  ['+4917012345678901234', null],
  ['++491701234567', null],
  ['+999 1234567', null],
  ['+1 900 555 0199', null],
  ['', null],
])('“%s” is %s', (typed, number) => {
  expect(phoneNumber(typed)).toBe(number)
})

describe('the country of a number', () => {
  test.each([
    ['+12025550143', ['US']],
    ['+14165550143', ['CA']],
    ['+18765550143', ['JM']],
    ['+491701234567', ['DE']],
    ['+393331234567', ['IT', 'VA']],
    ['+79161234567', ['RU', 'KZ']],
  ])('%s', (number, countries) => {
    expect(countriesOf(number)).toEqual(countries)
  })

  test('is what a household’s list is asked for', () => {
    expect(isIn('+18765550143', ['US', 'CA'])).toBe(false)
    expect(isIn('+14165550143', ['CA'])).toBe(true)
    expect(isIn('+491701234567', [])).toBe(false)
  })
})

test('whatever is typed becomes a number of E.164, or none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 ()-]{1,25}$/)), (typed) => {
      const number = phoneNumber(typed)
      if (number === null) return
      expect(number).toMatch(/^\+[1-9]\d{6,14}$/)
      expect(phoneNumber(number)).toBe(number)
      expect(countriesOf(number)).not.toEqual([])
    }),
  )
})
