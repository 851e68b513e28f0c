/**
 * JPEGs read, cut and written again. What comes out has pixels and nothing else: no place, no
 * camera, no time, no second picture hidden behind the first.
 */
import { decode, encode } from 'jpeg-js'
import type { Pictures } from '../ports.ts'
import type { Crop, Size } from '../visits/core/sighting.ts'
import { type JpegHeader, readHeader } from './header.ts'
import { copyPixel, cut, liesOnItsSide, type Pixels, shrunk, upright } from './pixels.ts'

/** Sizes and areas are those of the picture as it is looked at, as Rekognition's are too. */
export const picturesJpeg = (): Pictures => ({
  size(jpeg) {
    const header = readHeader(jpeg)
    return header && seenSize(header)
  },

  crop(jpeg, area) {
    const header = readHeader(jpeg)
    if (!header) return null
    if (!liesWithin(area, seenSize(header))) throw new RangeError('The area is not in the picture.')
    const pixels = pixelsOf(jpeg)
    return pixels && written(cut(upright(pixels, header.orientation), area))
  },

  shrink(jpeg, longestPx) {
    const header = readHeader(jpeg)
    const pixels = header && pixelsOf(jpeg)
    if (!header || !pixels) return null
    const size = shrunkSize(header.stored, longestPx)
    const small = size ? shrunk(pixels, size) : pixels
    return written(upright(small, header.orientation))
  },
})

function seenSize({ stored, orientation }: JpegHeader): Size {
  const { widthPx, heightPx } = stored
  return liesOnItsSide(orientation) ? { widthPx: heightPx, heightPx: widthPx } : stored
}

function liesWithin(area: Crop, { widthPx, heightPx }: Size): boolean {
  const whole = [area.leftPx, area.topPx, area.widthPx, area.heightPx].every(Number.isInteger)
  const begins = area.leftPx >= 0 && area.topPx >= 0 && area.widthPx > 0 && area.heightPx > 0
  const right = area.leftPx + area.widthPx
  const bottom = area.topPx + area.heightPx
  return whole && begins && right <= widthPx && bottom <= heightPx
}

/** Null when it is small enough. */
function shrunkSize({ widthPx, heightPx }: Size, longestPx: number): Size | null {
  const ratio = longestPx / Math.max(widthPx, heightPx)
  if (ratio >= 1) return null
  const scaled = (px: number) => Math.max(1, Math.round(px * ratio))
  return { widthPx: scaled(widthPx), heightPx: scaled(heightPx) }
}

/** Should a picture's header be better than what follows it. */
const mostMegapixels = 25
const mostMemoryMb = 512

/** What cannot be decoded will not be the next time either, so that is an answer. */
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

function written({ widthPx, heightPx, rgb }: Pixels): Uint8Array {
  const rgba = Buffer.alloc(widthPx * heightPx * 4, 255)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) copyPixel(rgb, from, rgba, to)
  return encode({ width: widthPx, height: heightPx, data: rgba }, quality).data
}
