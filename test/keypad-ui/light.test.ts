import { expect, it } from 'vitest'
import { lightAt } from '../../keypad-ui/light.ts'

it.each([
  [5, 'night'],
  [6, 'day'],
  [12, 'day'],
  [21, 'day'],
  [22, 'night'],
  [0, 'night'],
] as const)('at %i o’clock it is %s, if the screen gives no hint', (hour, light) => {
  expect(lightAt(hour, false)).toBe(light)
  expect(lightAt(hour, true)).toBe('night')
})
