/** Numbers as people type them, and the countries that they cost in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costsExtra, countriesOf, isIn, phoneNumber } from '../../../cloud/passcodes/core/phone.ts'

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
  ['+49 (0)170 1234567', '+491701234567'],
  ['+49 0170 1234567', '+491701234567'],
  ['0044 (0) 20 7946 0000', '+442079460000'],
  ['+39 06 698 12345', '+390669812345'],
  ['+225 07 12 34 56 78', '+2250712345678'],
  ['+7 701 123 45 67', '+77011234567'],
  ['+49 00170 1234567', null],
  ['049 0170 1234567', null],
  ['+45 01 23 45 67', null],
  ['+1 012 555 0143', null],
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
    ['+79161234567', ['RU']],
    ['+77011234567', ['KZ']],
    ['+19425550143', ['CA']],
    ['+16225550143', ['CA']],
  ])('%s', (number, countries) => {
    expect(countriesOf(number)).toEqual(countries)
  })

  test('is what a household’s list is asked for', () => {
    expect(isIn('+18765550143', ['US', 'CA'])).toBe(false)
    expect(isIn('+14165550143', ['CA'])).toBe(true)
    expect(isIn('+491701234567', [])).toBe(false)
  })
})

describe('what costs its caller extra', () => {
  test.each([
    ...['+19005550143', '+19765550143', '+12129765550', '+15005550143', '+15335550143'],
    ...['+17005550143', '+16005550143', '+16225550143'],
    ...['+447012345678', '+449098790000', '+448712345678', '+447601234567'],
    ...['+4990012345678', '+491371234567', '+491805123456', '+4970012345678', '+4911833'],
    ...['+33899123456', '+34803123456', '+34902123456', '+43900123456', '+41901123456'],
    ...['+39899123456', '+31900123456', '+3290012345'],
  ])('%s is in no household’s countries', (number) => {
    expect(phoneNumber(number)).toBe(number)
    expect(costsExtra(number)).toBe(true)
    expect(isIn(number, countriesOf(number))).toBe(false)
  })

  test.each([
    ...['+12025550143', '+15550100199', '+15345550143', '+15485550143', '+15595550143'],
    ...['+447912345678', '+447624123456', '+442079460000', '+491512345678', '+491791234567'],
    ...['+493012345678', '+4990612345', '+4970711234', '+33612345678', '+33912345678'],
    ...['+34612345678', '+34912345678', '+436641234567', '+41791234567', '+41912345678'],
    ...['+393331234567', '+390669812345', '+31612345678', '+3292345678'],
  ])('%s does not', (number) => {
    expect(phoneNumber(number)).toBe(number)
    expect(costsExtra(number)).toBe(false)
    expect(isIn(number, countriesOf(number))).toBe(true)
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
