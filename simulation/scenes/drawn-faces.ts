/**
 * Draws the snapshots of the simulation: invented people in front of a wall, as JPEG. The stand-in for
 * Rekognition recognises them by their pixels alone, so cropping and shrinking are tested too.
 */
import { createHash } from 'node:crypto'
import { encodeJpeg } from './encode-jpeg.ts'
import {
  cellsPerSide,
  codeBits,
  darkSkin,
  hood,
  isDark,
  lightSkin,
  patternCells,
  type Rgb,
} from './face-code.ts'

export interface Person {
  readonly name: string
  readonly code: number
  readonly coat: Rgb
}

interface Posing {
  readonly person: Person
  /** From 0, looking into the camera, to 1, as far away as a face can still be seen. */
  readonly turned?: number
  readonly facePx?: number
}

export interface Snapshot {
  readonly people: readonly Posing[]
  readonly widthPx?: number
  readonly heightPx?: number
  /** 1 is daylight; at 0.15 no one can be recognised. */
  readonly light?: number
  readonly blurred?: boolean
  /** Another seed moves everyone a little, so that two snapshots never have the same bytes. */
  readonly seed?: number
}

interface Canvas {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

const jpegQuality = 85
const coats: readonly Rgb[] = [
  [46, 94, 140],
  [62, 120, 80],
  [180, 140, 60],
  [90, 90, 100],
  [70, 130, 150],
]

export function person(name: string): Person {
  const digest = createHash('sha256').update(name).digest()
  const code = digest.readUInt32BE() & ((1 << codeBits) - 1)
  return { name, code, coat: coatOf(digest[4] ?? 0) }
}

const coatOf = (byte: number): Rgb => coats[byte % coats.length] ?? [90, 90, 100]

export function drawSnapshot(snapshot: Snapshot): Uint8Array {
  const { people, widthPx = 640, heightPx = 480, seed = 1 } = snapshot
  const chance = chanceOf(seed)
  const canvas = wall(widthPx, heightPx)
  for (const [at, posing] of people.entries()) {
    const middle = ((at + 0.5) / people.length) * widthPx
    drawPerson(canvas, posing, middle + (chance() - 0.5) * 24, heightPx * 0.36 + chance() * 16)
  }
  const seen = snapshot.blurred ? blurred(blurred(canvas, 7), 7) : canvas
  expose(seen, snapshot.light ?? 1, chance)
  return encodeJpeg(seen, jpegQuality)
}

function wall(width: number, height: number): Canvas {
  const canvas = { width, height, data: new Uint8Array(width * height * 4).fill(255) }
  fill(canvas, { left: 0, top: 0, width, height }, [186, 190, 184])
  for (let top = 0; top < height; top += 48) {
    fill(canvas, { left: 0, top, width, height: 2 }, [168, 172, 168])
  }
  fill(canvas, { left: 0, top: height * 0.88, width, height: height * 0.12 }, [122, 116, 108])
  return canvas
}

function drawPerson(canvas: Canvas, posing: Posing, middleX: number, middleY: number): void {
  const { person: who, turned = 0, facePx = 144 } = posing
  const height = facePx / cellsPerSide
  const width = height * (1 - 0.4 * turned)
  const left = middleX - (width * cellsPerSide) / 2
  const top = middleY - facePx / 2
  const shoulders = facePx * 1.5
  fill(
    canvas,
    {
      left: middleX - shoulders / 2,
      top: top + facePx * 0.95,
      width: shoulders,
      height: canvas.height,
    },
    who.coat,
  )
  fill(canvas, { left, top, width: width * cellsPerSide, height: facePx }, hood)
  for (let row = 0; row < patternCells; row += 1) {
    for (let column = 0; column < patternCells; column += 1) {
      const cell = {
        left: left + (column + 1) * width,
        top: top + (row + 1) * height,
        width,
        height,
      }
      fill(canvas, cell, isDark(who.code, row, column) ? darkSkin : lightSkin)
    }
  }
}

interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

function fill({ width, height, data }: Canvas, area: Area, [red, green, blue]: Rgb): void {
  const right = Math.min(width, Math.round(area.left + area.width))
  const bottom = Math.min(height, Math.round(area.top + area.height))
  for (let y = Math.max(0, Math.round(area.top)); y < bottom; y += 1) {
    for (let x = Math.max(0, Math.round(area.left)); x < right; x += 1) {
      const at = (y * width + x) * 4
      data[at] = red
      data[at + 1] = green
      data[at + 2] = blue
    }
  }
}

/** Each pixel becomes the mean of those around it, first along the rows, then along the columns. */
function blurred(canvas: Canvas, radius: number): Canvas {
  const { width, height } = canvas
  const rows = averaged(
    canvas.data,
    { length: width, lines: height, step: 4, line: width * 4 },
    radius,
  )
  const data = averaged(rows, { length: height, lines: width, step: width * 4, line: 4 }, radius)
  return { width, height, data }
}

interface Lines {
  readonly length: number
  readonly lines: number
  readonly step: number
  readonly line: number
}

function averaged(
  from: Uint8Array,
  { length, lines, step, line }: Lines,
  radius: number,
): Uint8Array {
  const to = new Uint8Array(from.length).fill(255)
  const at = (n: number) => Math.min(length - 1, Math.max(0, n)) * step
  for (let start = 0; start < lines * line; start += line) {
    for (let channel = start; channel < start + 3; channel += 1) {
      let sum = 0
      for (let n = -radius; n <= radius; n += 1) sum += from[channel + at(n)] ?? 0
      for (let n = 0; n < length; n += 1) {
        to[channel + at(n)] = sum / (2 * radius + 1)
        sum += (from[channel + at(n + radius + 1)] ?? 0) - (from[channel + at(n - radius)] ?? 0)
      }
    }
  }
  return to
}

function expose({ data }: Canvas, light: number, chance: () => number): void {
  for (let at = 0; at < data.length; at += 4) {
    const noise = (chance() - 0.5) * 6 * light
    for (let channel = at; channel < at + 3; channel += 1) {
      data[channel] = Math.min(255, Math.max(0, (data[channel] ?? 0) * light + noise))
    }
  }
}

/** The same numbers for the same seed, so that a snapshot is the same on every machine. */
function chanceOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}
