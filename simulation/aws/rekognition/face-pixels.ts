/** Finds drawn faces in a JPEG by their pixels, and measures how well each can be seen. */
import { createHash } from 'node:crypto'
import jpeg from 'jpeg-js'
import { bitAt, cellsPerSide, hood, isHood, patternCells } from '../../scenes/face-code.ts'
import { AwsError } from '../wire.ts'

export interface DrawnFace {
  readonly code: number
  /** As parts of the picture. */
  readonly box: { left: number; top: number; width: number; height: number }
  readonly confidence: number
  readonly sharpness: number
  readonly brightness: number
  /** 0 looks into the camera. */
  readonly yaw: number
}

interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const leastCellPx = 2
/** Rekognition's own limits: of a picture's side, and of a face's in a picture of this width. */
const leastPicturePx = 80
const leastFacePx = 40
const widthOfLeastFace = 1_920

/** Decoding is slow, and the same pictures come again and again. */
const found = new Map<string, readonly DrawnFace[]>()
const mostRemembered = 200

/** The largest first. */
export function findFaces(image: Uint8Array): readonly DrawnFace[] {
  const key = createHash('sha256').update(image).digest('base64')
  const faces = found.get(key) ?? lookFor(image)
  found.set(key, faces)
  if (found.size > mostRemembered) found.delete(found.keys().next().value ?? '')
  return faces
}

function lookFor(image: Uint8Array): readonly DrawnFace[] {
  const pixels = decode(image)
  if (Math.min(pixels.width, pixels.height) < leastPicturePx) {
    throw new AwsError(400, 'InvalidParameterException', 'Request has invalid parameters')
  }
  const leastPx = leastFacePx * Math.max(1, pixels.width / widthOfLeastFace)
  return hoods(pixels)
    .flatMap((area) => faceIn(pixels, area) ?? [])
    .filter(
      ({ box }) => box.width * pixels.width >= leastPx && box.height * pixels.height >= leastPx,
    )
    .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
}

function decode(image: Uint8Array): Pixels {
  try {
    return jpeg.decode(image, { useTArray: true, maxResolutionInMP: 40 })
  } catch {
    const said = 'Request has invalid image format'
    throw new AwsError(400, 'InvalidImageFormatException', said)
  }
}

// ---------------------------------------------------------------- where hoods are

function hoods(pixels: Pixels): readonly Area[] {
  const { width, height, data } = pixels
  const left = new Uint8Array(width * height)
  for (let at = 0; at < left.length; at += 1) {
    left[at] = isHood(data[at * 4] ?? 0, data[at * 4 + 1] ?? 0, data[at * 4 + 2] ?? 0) ? 1 : 0
  }
  const areas: Area[] = []
  for (let at = 0; at < left.length; at += 1) if (left[at]) areas.push(takeArea(left, width, at))
  const least = leastCellPx * cellsPerSide
  return areas.filter(
    ({ left, top, right, bottom }) => right - left >= least / 2 && bottom - top >= least,
  )
}

/** Removes the connected area around one pixel and returns its bounds. */
function takeArea(left: Uint8Array, width: number, from: number): Area {
  const area = { left: from % width, top: Math.floor(from / width), right: 0, bottom: 0 }
  const open = [from]
  left[from] = 0
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [x, y] = [at % width, Math.floor(at / width)]
    area.left = Math.min(area.left, x)
    area.top = Math.min(area.top, y)
    area.right = Math.max(area.right, x + 1)
    area.bottom = Math.max(area.bottom, y + 1)
    const beside = [x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1, at - width, at + width]
    for (const next of beside) {
      if (!left[next]) continue
      left[next] = 0
      open.push(next)
    }
  }
  return area
}

// ---------------------------------------------------------------- the faces in them

function faceIn(pixels: Pixels, area: Area): DrawnFace | null {
  if (!isClosed(pixels, area)) return null
  const cells = cellMeans(pixels, area)
  const [darkest, lightest] = [Math.min(...cells.flat()), Math.max(...cells.flat())]
  const contrast = lightest - darkest
  const brightness = brightnessOf(pixels, area)
  if (contrast < brightness * 0.3) return null
  const { code, mirrored } = codeOf(cells, (darkest + lightest) / 2)
  if (mirrored < 0.85) return null
  const [width, height] = [area.right - area.left, area.bottom - area.top]
  return {
    code,
    box: {
      left: area.left / pixels.width,
      top: area.top / pixels.height,
      width: width / pixels.width,
      height: height / pixels.height,
    },
    confidence: mirrored * 99.9,
    sharpness: sharpnessOf(pixels, area, cells, contrast),
    brightness,
    yaw: Math.max(0, 1 - width / height) * 100,
  }
}

/** A hood that is cut off, by the edge or by another person, shows no whole face. */
function isClosed(pixels: Pixels, area: Area): boolean {
  const steps = Array.from({ length: 4 * cellsPerSide }, (_, n) => (n + 0.5) / (4 * cellsPerSide))
  const rim = 0.5 / cellsPerSide
  const sides = [
    steps.map((step) => [step, rim] as const),
    steps.map((step) => [step, 1 - rim] as const),
    steps.map((step) => [rim, step] as const),
    steps.map((step) => [1 - rim, step] as const),
  ]
  return sides.every((points) => {
    const hooded = points.filter(([x, y]) => isHood(...colourAt(pixels, area, x, y)))
    return hooded.length >= points.length * 0.85
  })
}

function colourAt(
  { width, data }: Pixels,
  area: Area,
  partX: number,
  partY: number,
): [number, number, number] {
  const x = Math.floor(area.left + partX * (area.right - area.left))
  const y = Math.floor(area.top + partY * (area.bottom - area.top))
  const at = (y * width + x) * 4
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
}

const lumaAt = (pixels: Pixels, area: Area, partX: number, partY: number): number => {
  const [red, green, blue] = colourAt(pixels, area, partX, partY)
  return 0.3 * red + 0.59 * green + 0.11 * blue
}

/** The middle of each square, row by row. */
function cellMeans(pixels: Pixels, area: Area): number[][] {
  const inCell = [-0.2, 0, 0.2]
  return Array.from({ length: patternCells }, (_, row) =>
    Array.from({ length: patternCells }, (_, column) => {
      const points = inCell.flatMap((dx) => inCell.map((dy) => [dx, dy] as const))
      const lumas = points.map(([dx, dy]) =>
        lumaAt(pixels, area, (column + 1.5 + dx) / cellsPerSide, (row + 1.5 + dy) / cellsPerSide),
      )
      return lumas.reduce((sum, luma) => sum + luma, 0) / lumas.length
    }),
  )
}

function codeOf(cells: readonly (readonly number[])[], middle: number) {
  const sums = new Map<number, number>()
  let alike = 0
  for (const [row, lumas] of cells.entries()) {
    for (const [column, luma] of lumas.entries()) {
      const twin = lumas[patternCells - 1 - column] ?? 0
      if (luma < middle === twin < middle) alike += 1
      sums.set(bitAt(row, column), (luma + twin) / 2)
    }
  }
  const code = [...sums].reduce(
    (bits, [bit, luma]) => (luma < middle ? bits | (1 << bit) : bits),
    0,
  )
  return { code, mirrored: alike / (patternCells * patternCells) }
}

/** 85 in daylight. */
function brightnessOf(pixels: Pixels, area: Area): number {
  const steps = Array.from({ length: cellsPerSide }, (_, n) => (n + 0.5) / cellsPerSide)
  const reds = steps.map((step) => colourAt(pixels, area, step, 0.5 / cellsPerSide)[0])
  const mean = reds.reduce((sum, red) => sum + red, 0) / reds.length
  return Math.min(100, (mean / hood[0]) * 85)
}

/** The average share of a step from light to dark that lies within two pixels. */
function sharpnessOf(
  pixels: Pixels,
  area: Area,
  cells: readonly (readonly number[])[],
  contrast: number,
): number {
  const pixel = 1 / (area.right - area.left)
  const steps: number[] = []
  for (const [row, lumas] of cells.entries()) {
    for (let column = 1; column < patternCells; column += 1) {
      const across = Math.abs((lumas[column] ?? 0) - (lumas[column - 1] ?? 0))
      if (across < contrast / 2) continue
      const y = (row + 1.5) / cellsPerSide
      const edge = (column + 1) / cellsPerSide
      const slopes = [-2, -1, 0, 1, 2].map((off) => {
        const before = lumaAt(pixels, area, edge + (off - 1) * pixel, y)
        const after = lumaAt(pixels, area, edge + (off + 1) * pixel, y)
        return Math.abs(after - before)
      })
      steps.push(Math.min(1, Math.max(...slopes) / contrast))
    }
  }
  const mean = steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length)
  return mean * 100
}
