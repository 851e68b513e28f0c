import { expect, test } from 'vitest'
import { readScript } from '../../simulation/script/script.ts'

const mistakeInSteps = (steps: readonly unknown[]) => {
  const read = readScript(JSON.stringify({ title: 'a visit', steps }))
  return read.ok ? null : read.mistake
}
const mistakeIn = (...steps: unknown[]) => mistakeInSteps([{ bell: true }, ...steps])

test.each([
  [{ bel: true }, /^step 2: there is no step "bel"\. There are: arrive, leave, bell, /],
  [
    { press: 'texted' },
    'step 2: outcome is not understood. It takes "accepted" or "denied" or "paused".',
  ],
  [{ unlock: 'maybe' }, 'step 2: unlock is not understood. It takes "done" or "unreachable".'],
  [
    { bell: true, loud: 1 },
    'step 2: loud is not understood. It takes an object with "bell" (true).',
  ],
  [
    { trouble: { network: 'cut' } },
    'step 2: trouble.network is not understood. It takes true or false.',
  ],
  ['bell', /^step 2: there is no step "bell"/],
] as const)('names the step as people count, and what it takes: %j', (step, sentence) => {
  expect(mistakeIn(step)).toMatch(sentence)
})

test('a script without steps is refused with what it takes', () => {
  const read = readScript('{"title":"x"}')
  expect(read.ok ? null : read.mistake).toMatch(/^steps is not understood\. It takes /)
  expect(mistakeInSteps([])).toBe('steps is not understood. It takes a list that is not empty.')
  expect(readScript('{')).toEqual({ ok: false, mistake: 'it is not valid JSON.' })
})
