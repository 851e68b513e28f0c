/**
 * Detects motion in small grey pictures. Every pixel is compared with the background and not with
 * the last picture: a visitor who walks slowly or stands still differs from the background all the
 * time. Changes of light, rain and noise are not motion.
 */
import { Background } from './background.ts'

export interface MotionRules {
  readonly widthPx: number
  readonly heightPx: number
  /** 1 sees only what is large and clear, 10 sees a cat at dusk. */
  readonly sensitivity: number
  /** Parts of the picture that count, in percent; none means all of it. */
  readonly zones: readonly Box[]
  /** Motion starts after something has been there for so long, which a bird is not. */
  readonly minimumMs: number
  /** Motion ends after nothing has been there for so long. */
  readonly quietMs: number
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Motion is looked for in blocks, because noise does not fill a block. */
const blockPx = 8
/** A block counts when this share of its pixels differs; streaks of rain cover less. */
const blockShare = 0.3

export function createMotionDetector(rules: MotionRules) {
  const pixels = rules.widthPx * rules.heightPx
  const background = new Background(pixels, rules.sensitivity)
  const grid = gridOf(rules)
  const smallestBlocks = Math.max(2, Math.round(grid.watched.length * (0.05 / rules.sensitivity)))
  let motion: Motion = { moving: false, sinceMs: null, lastMs: null }
  return {
    /** `box` is the largest moving thing, in pixels of the small picture. */
    see(grey: Uint8Array, atMs: number): { readonly moving: boolean; readonly box: Box | null } {
      if (grey.length !== pixels) {
        throw new RangeError('the picture has another size than the detector was made for')
      }
      const different = background.compare(grey)
      const box = different && largestThing(differentBlocks(different, grid), grid, smallestBlocks)
      motion = afterSeeing(motion, box !== null, atMs, rules)
      return { moving: motion.moving, box }
    },
  }
}

interface Motion {
  readonly moving: boolean
  /** Since when something has been there, while it does not count yet. */
  readonly sinceMs: number | null
  readonly lastMs: number | null
}

function afterSeeing(before: Motion, isThere: boolean, atMs: number, rules: MotionRules): Motion {
  const { moving, sinceMs, lastMs } = before
  if (isThere) {
    const fromMs = sinceMs ?? atMs
    return { moving: moving || atMs - fromMs >= rules.minimumMs, sinceMs: fromMs, lastMs: atMs }
  }
  // A single picture without it is no interruption.
  const quietMs = lastMs === null ? Number.POSITIVE_INFINITY : atMs - lastMs
  const isOver = quietMs >= (moving ? rules.quietMs : rules.minimumMs)
  return isOver ? { moving: false, sinceMs: null, lastMs } : before
}

// ---------------------------------------------------------------- blocks

interface Grid {
  readonly widthPx: number
  readonly across: number
  /** 1 for each block in a zone. */
  readonly watched: Uint8Array
}

function gridOf({ widthPx, heightPx, zones }: MotionRules): Grid {
  const across = Math.ceil(widthPx / blockPx)
  const down = Math.ceil(heightPx / blockPx)
  const isWatched = (_: unknown, block: number) => {
    const x = (((block % across) + 0.5) / across) * 100
    const y = ((Math.floor(block / across) + 0.5) / down) * 100
    return zones.length === 0 || zones.some((zone) => isIn(zone, x, y)) ? 1 : 0
  }
  return { widthPx, across, watched: Uint8Array.from({ length: across * down }, isWatched) }
}

const isIn = ({ left, top, width, height }: Box, x: number, y: number): boolean =>
  x >= left && x <= left + width && y >= top && y <= top + height

/** 1 for each watched block in which enough pixels differ. */
function differentBlocks(different: Uint8Array, { widthPx, across, watched }: Grid): Uint8Array {
  const blocks = new Uint8Array(watched.length)
  for (let start = 0, y = 0; start < different.length; start += widthPx, y += 1) {
    const row = Math.floor(y / blockPx) * across
    for (let x = 0; x < widthPx; x += 1) {
      if (different[start + x] !== 1) continue
      const block = row + Math.floor(x / blockPx)
      blocks[block] = (blocks[block] ?? 0) + 1
    }
  }
  const enough = blockPx * blockPx * blockShare
  return blocks.map((count, block) => (watched[block] === 1 && count >= enough ? 1 : 0))
}

/** The largest group of neighbouring blocks, if it is large enough. */
function largestThing(blocks: Uint8Array, { across }: Grid, smallest: number): Box | null {
  let best: number[] = []
  for (let block = 0; block < blocks.length; block += 1) {
    if (blocks[block] !== 1) continue
    const group = takeGroup(blocks, block, across)
    if (group.length > best.length) best = group
  }
  return best.length >= smallest ? boxAround(best, across) : null
}

function takeGroup(blocks: Uint8Array, start: number, across: number): number[] {
  const group = [start]
  blocks[start] = 0
  for (let at = 0; at < group.length; at += 1) {
    for (const next of neighbours(group[at] ?? 0, across)) {
      if (blocks[next] !== 1) continue
      blocks[next] = 0
      group.push(next)
    }
  }
  return group
}

/** Some may be above or below the picture, where there is no block. */
function neighbours(block: number, across: number): number[] {
  const x = block % across
  return [
    ...(x > 0 ? [block - 1] : []),
    ...(x < across - 1 ? [block + 1] : []),
    block - across,
    block + across,
  ]
}

function boxAround(group: readonly number[], across: number): Box {
  const xs = group.map((block) => block % across)
  const ys = group.map((block) => Math.floor(block / across))
  const left = Math.min(...xs)
  const top = Math.min(...ys)
  return {
    left: left * blockPx,
    top: top * blockPx,
    width: (Math.max(...xs) - left + 1) * blockPx,
    height: (Math.max(...ys) - top + 1) * blockPx,
  }
}
