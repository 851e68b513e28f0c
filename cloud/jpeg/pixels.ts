/** Crops, shrinks and rotates pixels of three bytes, row by row. */
import type { Crop, Size } from '../visits/core/sighting.ts'

export interface Pixels extends Size {
  readonly rgb: Uint8Array
}

export function cut({ rgb, widthPx }: Pixels, area: Crop): Pixels {
  const rowBytes = area.widthPx * 3
  const piece = new Uint8Array(rowBytes * area.heightPx)
  for (let row = 0; row < area.heightPx; row += 1) {
    const from = ((area.topPx + row) * widthPx + area.leftPx) * 3
    piece.set(rgb.subarray(from, from + rowBytes), row * rowBytes)
  }
  return { widthPx: area.widthPx, heightPx: area.heightPx, rgb: piece }
}

// ---------------------------------------------------------------- shrinking

/** Every new pixel is the mean of the area that it covers, including fractions of old pixels. */
export function shrunk(pixels: Pixels, to: Size): Pixels {
  const columns = sharesOf(pixels.widthPx, to.widthPx)
  const rows = sharesOf(pixels.heightPx, to.heightPx)
  const sums = new Float32Array(to.widthPx * to.heightPx * 3)
  const line = new Float32Array(to.widthPx * 3)
  for (let row = 0; row < pixels.heightPx; row += 1) {
    shrinkRow(pixels, row, columns, line)
    const { first = 0, part = 0 } = rows[row] ?? {}
    addTo(sums, first * line.length, line, part)
    addTo(sums, (first + 1) * line.length, line, 1 - part)
  }
  const oldPixelsPerNew = (pixels.widthPx / to.widthPx) * (pixels.heightPx / to.heightPx)
  // Uint8ClampedArray rounds.
  const rgb = new Uint8ClampedArray(sums.map((sum) => sum / oldPixelsPerNew))
  return { ...to, rgb: new Uint8Array(rgb.buffer) }
}

/** The part of an old pixel that goes to new pixel `first`. The next one gets the rest. */
interface Share {
  readonly first: number
  readonly part: number
}

function sharesOf(oldLength: number, newLength: number): Share[] {
  const ratio = newLength / oldLength
  return Array.from({ length: oldLength }, (_, at) => {
    const first = Math.min(newLength - 1, Math.floor(at * ratio))
    const last = first === newLength - 1
    return { first, part: last ? 1 : Math.min(1, (first + 1 - at * ratio) / ratio) }
  })
}

function shrinkRow(pixels: Pixels, row: number, columns: readonly Share[], line: Float32Array) {
  line.fill(0)
  let from = row * pixels.widthPx * 3
  for (const { first, part } of columns) {
    const to = first * 3
    for (let channel = 0; channel < 3; channel += 1) {
      const value = pixels.rgb[from + channel] ?? 0
      line[to + channel] = (line[to + channel] ?? 0) + value * part
      if (part < 1) line[to + 3 + channel] = (line[to + 3 + channel] ?? 0) + value * (1 - part)
    }
    from += 3
  }
}

function addTo(sums: Float32Array, at: number, line: Float32Array, part: number): void {
  if (part === 0) return
  for (let index = 0; index < line.length; index += 1) {
    sums[at + index] = (sums[at + index] ?? 0) + (line[index] ?? 0) * part
  }
}

// ---------------------------------------------------------------- rotating

/** Whether width and height are swapped. */
export const isSideways = (orientation: number): boolean => orientation >= 5

/** By Exif's orientation: whether x and y of the new picture count from the other end. */
const flips: readonly (readonly [x: boolean, y: boolean])[] = [
  [false, false],
  [true, false],
  [true, true],
  [false, true],
  [false, false],
  [false, true],
  [true, true],
  [true, false],
]

export function upright(pixels: Pixels, orientation: number): Pixels {
  if (orientation === 1) return pixels
  const { widthPx: oldWidth, heightPx: oldHeight, rgb } = pixels
  const aside = isSideways(orientation)
  const [width, height] = aside ? [oldHeight, oldWidth] : [oldWidth, oldHeight]
  const [flipX, flipY] = flips[orientation - 1] ?? [false, false]
  const turned = new Uint8Array(rgb.length)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [oldX, oldY] = aside ? [y, x] : [x, y]
      const column = flipX ? oldWidth - 1 - oldX : oldX
      const row = flipY ? oldHeight - 1 - oldY : oldY
      copyPixel(rgb, (row * oldWidth + column) * 3, turned, (y * width + x) * 3)
    }
  }
  return { widthPx: width, heightPx: height, rgb: turned }
}

/** Byte by byte, because a view of each pixel would be much slower. */
export function copyPixel(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  target[to] = source[from] ?? 0
  target[to + 1] = source[from + 1] ?? 0
  target[to + 2] = source[from + 2] ?? 0
}
