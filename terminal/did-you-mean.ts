/** Suggestions for typing mistakes. */

export const didYouMean = (meant: string | null): string =>
  meant === null ? '' : `Did you mean ${meant}?`

/** The known word that differs least, if it is similar enough to have been meant. */
export function closestTo(word: string, known: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const [closest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return closest?.candidate ?? null
}

/** Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...from.toLowerCase()].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...to.toLowerCase()].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      const added = (current[column] ?? 0) + 1
      current.push(Math.min(replaced, added, (above[column + 1] ?? 0) + 1))
    }
    above = current
  }
  return above.at(-1) ?? 0
}
