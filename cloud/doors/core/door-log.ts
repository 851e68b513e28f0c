/** Whether the messages of a door are one log that only grows. Each names the hash of the one before. */

export interface KnownRow {
  readonly seq: number
  readonly hash: string
  readonly prev: string
}

/**
 * Whether a row contradicts the known rows beside it. Messages arrive in any order and several times,
 * so a missing row proves nothing; a different one does.
 */
export function contradicts(row: KnownRow, near: readonly KnownRow[]): boolean {
  const at = (seq: number) => near.filter((other) => other.seq === row.seq + seq)
  const [before, beside, after] = [at(-1), [...at(0), row], at(1)]
  const isFork = beside.some((other) => other.prev === row.prev && other.hash !== row.hash)
  const follows = before.length === 0 || before.some(({ hash }) => hash === row.prev)
  const isFollowed = after.every(({ prev }) => beside.some(({ hash }) => hash === prev))
  return isFork || !follows || !isFollowed
}

/** The first row after each place where rows are missing. The lowest is where the cloud began. */
export function afterGaps<Row extends KnownRow>(rows: readonly Row[]): readonly Row[] {
  const known = new Set(rows.map(({ seq }) => seq))
  const first = Math.min(...known)
  return rows.filter(({ seq }) => seq !== first && !known.has(seq - 1))
}
