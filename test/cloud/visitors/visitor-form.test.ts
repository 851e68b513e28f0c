/** The form about a visitor: each field for itself, and what they make together. */
import { describe, expect, test } from 'vitest'
import { readVisitorForm, type TypedVisitor } from '../../../cloud/visitors/core/visitor-form.ts'

const nowMs = Date.UTC(2026, 10, 21)
const dayMs = 86_400_000
const typed: TypedVisitor = {
  ...{ name: 'Robin Vale', phone: '+49 170 1234567', email: '', prefers: 'sms' },
  ...{ language: 'de', remembersFace: '', validity: 'day' },
}

const read = (changes: Partial<TypedVisitor>) =>
  readVisitorForm({ ...typed, ...changes }, ['DE', 'US'], nowMs)

const fieldsOf = (changes: Partial<TypedVisitor>) => {
  const form = read(changes)
  return form.ok ? form.fields : form.problems
}

test('as it should be makes a visitor’s fields', () => {
  expect(fieldsOf({ name: '  Robin   Vale ' })).toEqual({
    ...{ name: 'Robin Vale', language: 'de', remembersFace: false },
    contact: { prefers: 'sms', phone: '+491701234567', email: null },
    welcomeUntilMs: nowMs + dayMs,
  })
})

test.each([
  ['day', nowMs + dayMs],
  ['week', nowMs + 7 * dayMs],
  ['month', nowMs + 30 * dayMs],
  ['always', null],
])('“%s” lasts until %s', (validity, welcomeUntilMs) => {
  expect(fieldsOf({ validity })).toMatchObject({ welcomeUntilMs })
})

test('consent is only what was ticked', () => {
  expect(fieldsOf({ remembersFace: 'yes' })).toMatchObject({ remembersFace: true })
  expect(fieldsOf({ remembersFace: '' })).toMatchObject({ remembersFace: false })
})

describe('codes go', () => {
  const email = 'robin@example.org'
  test.each([
    ['by text when there is only a number', { prefers: 'email' }, 'sms'],
    ['by mail when there is only an address', { phone: '', email, prefers: 'sms' }, 'email'],
    ['by text when both and wished', { email, prefers: 'sms' }, 'sms'],
    ['by mail when both and wished', { email, prefers: 'email' }, 'email'],
  ])('%s', (_, changes, prefers) => {
    expect(fieldsOf(changes)).toMatchObject({ contact: { prefers } })
  })
})

test.each([
  [{ name: '' }, { name: 'missing' }],
  [{ name: 'x'.repeat(61) }, { name: 'too-long' }],
  [{ name: 'Robin\u202eelaV' }, { name: 'unfit' }],
  [{ name: 'Robin\nVale' }, { name: 'unfit' }],
  [{ phone: '' }, { phone: 'no-way' }],
  [{ phone: '0170 1234567' }, { phone: 'not-international' }],
  [{ phone: '+33 6 12 34 56 78' }, { phone: 'country-not-allowed' }],
  [{ phone: '+49 900 1 234567' }, { phone: 'costs-extra' }],
  [{ phone: '+1 (622) 555-0143' }, { phone: 'country-not-allowed' }],
  [{ email: 'robin' }, { email: 'unfit' }],
  [{ email: 'robin@example' }, { email: 'unfit' }],
  [{ email: 'a@b.example\nBcc: c@d.example' }, { email: 'unfit' }],
  [{ email: `${'a'.repeat(250)}@example.org` }, { email: 'unfit' }],
  [{ language: 'nl' }, { language: 'unfit' }],
  [{ validity: 'constructor' }, { validity: 'unfit' }],
  [
    { name: '', phone: '1', email: '1', language: '', validity: '' },
    {
      ...{ name: 'missing', phone: 'not-international', email: 'unfit' },
      ...{ language: 'unfit', validity: 'unfit' },
    },
  ],
])('%j has the problems %j', (changes, problems) => {
  expect(read(changes)).toEqual({ ok: false, problems })
})
