/** Random order and choice, so that nothing periodic favours one side. */
import { randomInt } from 'node:crypto'

export function shuffled<T>(things: readonly T[]): T[] {
  const keyed = things.map((thing) => ({ thing, key: randomInt(2 ** 32) }))
  return keyed.sort((a, b) => a.key - b.key).map(({ thing }) => thing)
}

export function anyOf<T>(things: readonly T[]): T {
  const chosen = things[randomInt(things.length)]
  if (chosen === undefined) throw new Error('there is nothing to choose from')
  return chosen
}
