/** Pictures that say which one they are, so plainly that no encoder takes it away. */
import jpeg from 'jpeg-js'
import { encodeJpeg } from '../../../simulation/scenes/encode-jpeg.ts'

const bits = 12
const dark = 30
const light = 225

export interface PictureSize {
  readonly widthPx: number
  readonly heightPx: number
}

/** The number in stripes, dark for 0 and light for 1; above them its opposite, so that none is plain. */
export function numbered(number: number, { widthPx, heightPx }: PictureSize): Uint8Array {
  const row = Buffer.alloc(widthPx * 4, 255)
  const opposite = Buffer.from(row)
  for (let x = 0; x < widthPx; x += 1) {
    const bit = (number >> Math.floor((x * bits) / widthPx)) & 1
    row.fill(bit === 1 ? light : dark, 4 * x, 4 * x + 3)
    opposite.fill(bit === 1 ? dark : light, 4 * x, 4 * x + 3)
  }
  const above = Math.ceil(heightPx / 4)
  const rows = Array.from({ length: heightPx }, (_, y) => (y < above ? opposite : row))
  const data = Buffer.concat(rows)
  return encodeJpeg({ width: widthPx, height: heightPx, data }, 80)
}

/** The number in a picture of any size and quality. */
export function numberIn(picture: Uint8Array): number {
  const { data, width, height } = jpeg.decode(picture, { useTArray: true })
  let number = 0
  for (let bit = 0; bit < bits; bit += 1) {
    const x = Math.floor(((bit + 0.5) * width) / bits)
    const level = data[4 * (Math.floor(height * 0.6) * width + x)] ?? 0
    if (level > (dark + light) / 2) number |= 1 << bit
  }
  return number
}
