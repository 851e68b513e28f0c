/**
 * How drawn people differ: each wears a hood of one colour, and the face in it is a mirrored pattern of
 * light and dark squares. Drawing and recognition share these definitions.
 */

/** Squares along each side, the hood included. */
export const cellsPerSide = 9
export const patternCells = 7
const columns = 4
export const codeBits = columns * patternCells

export type Rgb = readonly [red: number, green: number, blue: number]

export const hood: Rgb = [200, 40, 140]
export const lightSkin: Rgb = [241, 217, 181]
export const darkSkin: Rgb = [58, 42, 30]

/** A shade of the hood in any light, and of nothing else that is drawn. */
export const isHood = (red: number, green: number, blue: number): boolean =>
  red >= 12 && red - green > 0.45 * red && blue - green > 0.2 * red && blue < red

/** The right half mirrors the left. */
export const bitAt = (row: number, column: number): number =>
  row * columns + Math.min(column, patternCells - 1 - column)

export const isDark = (code: number, row: number, column: number): boolean =>
  ((code >> bitAt(row, column)) & 1) === 1

export function distance(one: number, other: number): number {
  let different = 0
  for (let left = one ^ other; left !== 0; left >>>= 1) different += left & 1
  return different
}
