/** Crops and shrinks JPEGs. The results have pixels only, no metadata. */
import { decode, encode } from 'jpeg-js'
import type { Pictures } from '../ports.ts'
import type { Crop, Size } from '../visits/core/sighting.ts'
import { type JpegHeader, readHeader } from './header.ts'
import { copyPixel, cut, isSideways, type Pixels, shrunk, upright } from './pixels.ts'

/** Sizes and areas refer to the upright picture, as Rekognition's do. */
export const picturesJpeg: Pictures = {
  size(jpeg) {
    const header = readHeader(jpeg)
    return header && uprightSize(header)
  },

  crop(jpeg, area) {
    const header = readHeader(jpeg)
    if (!header) return null
    if (!isWithin(area, uprightSize(header))) {
      throw new RangeError('The area is not in the picture.')
    }
    const pixels = pixelsOf(jpeg)
    return pixels && encoded(cut(upright(pixels, header.orientation), area))
  },

  shrink(jpeg, longestPx) {
    const header = readHeader(jpeg)
    const pixels = header && pixelsOf(jpeg)
    if (!header || !pixels) return null
    const size = shrunkSize(header.stored, longestPx)
    const small = size ? shrunk(pixels, size) : pixels
    return encoded(upright(small, header.orientation))
  },
}

function uprightSize({ stored, orientation }: JpegHeader): Size {
  const { widthPx, heightPx } = stored
  return isSideways(orientation) ? { widthPx: heightPx, heightPx: widthPx } : stored
}

function isWithin(area: Crop, { widthPx, heightPx }: Size): boolean {
  const whole = [area.leftPx, area.topPx, area.widthPx, area.heightPx].every(Number.isInteger)
  const begins = area.leftPx >= 0 && area.topPx >= 0 && area.widthPx > 0 && area.heightPx > 0
  const right = area.leftPx + area.widthPx
  const bottom = area.topPx + area.heightPx
  return whole && begins && right <= widthPx && bottom <= heightPx
}

/** Null for a picture that is small enough. */
function shrunkSize({ widthPx, heightPx }: Size, longestPx: number): Size | null {
  const ratio = longestPx / Math.max(widthPx, heightPx)
  if (ratio >= 1) return null
  const scaled = (px: number) => Math.max(1, Math.round(px * ratio))
  return { widthPx: scaled(widthPx), heightPx: scaled(heightPx) }
}

/** For a picture that is larger than its header says. */
const mostMegapixels = 25
const mostMemoryMb = 512

/** Null for bytes that cannot be decoded, which a retry would not change. */
function pixelsOf(jpeg: Uint8Array): Pixels | null {
  try {
    const { width, height, data } = decode(jpeg, {
      useTArray: true,
      formatAsRGBA: false,
      maxResolutionInMP: mostMegapixels,
      maxMemoryUsageInMB: mostMemoryMb,
    })
    return { widthPx: width, heightPx: height, rgb: data }
  } catch {
    return null
  }
}

const quality = 85

function encoded({ widthPx, heightPx, rgb }: Pixels): Uint8Array {
  const rgba = Buffer.alloc(widthPx * heightPx * 4, 255)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) copyPixel(rgb, from, rgba, to)
  return encode({ width: widthPx, height: heightPx, data: rgba }, quality).data
}
