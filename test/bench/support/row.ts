/** One row of the result: our figure beside that of a peer, and whether the target is met. */

export interface Row {
  readonly row: string
  readonly ours: number
  /** Of `peerIs`, measured alternately with ours; without a peer, the limit. */
  readonly peer: number
  readonly ratio: number
  /** The ratio must not be above it. */
  readonly target: number
  readonly ok: boolean
  /** Of `ours` and `peer`. */
  readonly unit: string
  readonly peerIs: string
  /** Further figures that explain the result. */
  readonly figures: Readonly<Record<string, number>>
}

export interface Measured extends Omit<Row, 'ratio' | 'target' | 'ok' | 'figures'> {
  /** Default 1: no more than the peer or the limit. */
  readonly target?: number
  /** A lower ratio fails too. */
  readonly exactly?: boolean
  readonly figures?: Row['figures']
}

export function rowOf({ target = 1, exactly = false, figures = {}, ...measured }: Measured): Row {
  const ratio = measured.ours / measured.peer
  const rounded = Object.entries(figures).map(([name, value]) => [name, readable(value)])
  return {
    ...measured,
    ours: readable(measured.ours),
    peer: readable(measured.peer),
    ratio: readable(ratio),
    target,
    ok: exactly ? ratio === target : ratio <= target,
    figures: Object.fromEntries(rounded),
  }
}

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ row, ours, peer, ratio, target, ok, unit, peerIs }) => [
    ok ? 'ok' : 'NOT OK',
    row,
    `${ours} ${unit}`,
    `${peer} ${unit} (${peerIs})`,
    `${ratio}`,
    `≤ ${target}`,
  ])
  const lines = [['', 'row', 'ours', 'peer', 'ratio', 'target'], ...cells]
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths?.[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Four significant digits; more would only be noise. */
const readable = (value: number): number => Number(value.toPrecision(4))
