/** The digits in the order of their places, from the top left. */
export const usualOrder = '1234567890'

/** `below(n)` is a random number from 0 to n - 1. */
export function shuffled(below: (limit: number) => number): string {
  const digits = [...usualOrder]
  for (let last = digits.length - 1; last > 0; last -= 1) {
    const at = below(last + 1)
    const [one = '', other = ''] = [digits[at], digits[last]]
    digits[at] = other
    digits[last] = one
  }
  return digits.join('')
}

/** Every number equally often: those of the last, incomplete round are drawn again. */
export function randomBelow(limit: number): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint8Array(1))
  return drawn < 256 - (256 % limit) ? drawn % limit : randomBelow(limit)
}
