/**
 * Whether somebody moves in front of the door, told from small grey pictures. Every pixel is
 * compared with what is usually there, not with the picture before: somebody who walks slowly, or
 * stands still for a moment, differs from the background all the time but from the last picture
 * hardly at all. Light that changes everywhere at once, rain and noise are not somebody.
 */

export interface MotionRules {
  readonly widthPx: number
  readonly heightPx: number
  /** 1 sees only what is large and clear, 10 sees a cat at dusk. */
  readonly sensitivity: number
  /** Parts of the picture that count, in percent; none given means all of it. */
  readonly zones: readonly Zone[]
  /** Something must be there this long before it counts: a bird or a drop is not. */
  readonly minimumMs: number
  /** Nothing must be there this long before it is over. */
  readonly quietMs: number
}

export interface Zone {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Where the largest moving thing is, in pixels of the small picture. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Seen {
  readonly moving: boolean
  readonly box: Box | null
}

export interface MotionDetector {
  see(grey: Uint8Array, atMs: number): Seen
}

/** Side of a block in pixels: what moves is looked for in blocks, because noise has no neighbours. */
const blockPx = 8
/** Pictures until the background is known well enough to be compared with. */
const learningPictures = 12
/** Fixed-point: the background is kept in 1/256 of a grey level. */
const unit = 256
/** How fast the background follows, as a power of two of pictures: where nothing is, and where. */
const followsWithin = { empty: 4, occupied: 9 } as const
/** A share of the picture that changes from one picture to the next is light, not somebody. */
const lightShare = 0.6
/** A block is lit by this share of its pixels; streaks of rain light fewer. */
const litShare = 0.3

export function createMotionDetector(rules: MotionRules): MotionDetector {
  const blocks = blocksOf(rules)
  const background = createBackground(rules)
  const lit = new Uint8Array(blocks.across * blocks.down)
  const smallestBlocks = Math.max(2, Math.round(lit.length * (0.05 / rules.sensitivity)))
  let visits: Visits = { moving: false, sinceMs: null, lastMs: null }

  return {
    see(grey, atMs) {
      if (grey.length !== rules.widthPx * rules.heightPx) {
        throw new RangeError('the picture has another size than the detector was made for')
      }
      const known = background.compare(grey, blocks, lit)
      const thing = known ? largestThing(lit, blocks, smallestBlocks) : null
      visits = afterSeeing(visits, thing !== null, atMs, rules)
      return { moving: visits.moving, box: thing }
    },
  }
}

// ---------------------------------------------------------------- presence

interface Visits {
  readonly moving: boolean
  /** Since when something has been there without a pause, while it does not count yet. */
  readonly sinceMs: number | null
  readonly lastMs: number | null
}

function afterSeeing(before: Visits, there: boolean, atMs: number, rules: MotionRules): Visits {
  const silentMs = before.lastMs === null ? Number.POSITIVE_INFINITY : atMs - before.lastMs
  if (!there) {
    // One picture without it, between two with it, is no interruption.
    const over = silentMs >= (before.moving ? rules.quietMs : rules.minimumMs)
    return over ? { moving: false, sinceMs: null, lastMs: before.lastMs } : before
  }
  const sinceMs = before.sinceMs ?? atMs
  return {
    moving: before.moving || atMs - sinceMs >= rules.minimumMs,
    sinceMs,
    lastMs: atMs,
  }
}

// ---------------------------------------------------------------- background

interface Blocks {
  readonly across: number
  readonly down: number
  /** The block of each pixel; those outside every zone share one that is never looked at. */
  readonly ofPixel: Uint16Array
  readonly watched: Uint8Array
}

/** What is usually there, pixel by pixel, and how much it flickers by itself. */
function createBackground({ widthPx, heightPx, sensitivity }: MotionRules) {
  const size = widthPx * heightPx
  const usual = new Int32Array(size)
  const flicker = new Int32Array(size)
  const different = new Uint8Array(size)
  const before = new Uint8Array(size)
  const leastByDay = 34 - 2.4 * sensitivity
  let pictures = 0
  let brightness = 0

  function learnAll(grey: Uint8Array): void {
    for (let at = 0; at < size; at += 1) {
      usual[at] = (grey[at] ?? 0) * unit
      flicker[at] = 3 * unit
    }
  }

  /** A few pictures see everything for the first time: they only teach. */
  function teach(grey: Uint8Array): void {
    if (pictures === 1) learnAll(grey)
    else follow(grey, 2)
  }

  function follow(grey: Uint8Array, shift: number): void {
    for (let at = 0; at < size; at += 1) {
      const off = (grey[at] ?? 0) * unit - (usual[at] ?? 0)
      usual[at] = (usual[at] ?? 0) + (off >> shift)
      flicker[at] = (flicker[at] ?? 0) + ((Math.abs(off) - (flicker[at] ?? 0)) >> 4)
    }
  }

  /** Marks which pixels are something else than usual, after taking the light's change away. */
  function mark(grey: Uint8Array, light: number): number {
    // At dusk everything differs by less, noise excepted, which each pixel knows of itself.
    const leastLevels = leastByDay * Math.min(1, Math.max(0.3, brightness / 110))
    let count = 0
    before.set(different)
    for (let at = 0; at < size; at += 1) {
      const off = Math.abs((grey[at] ?? 0) * unit - (usual[at] ?? 0) - light)
      const isDifferent = off > leastLevels * unit + 2 * (flicker[at] ?? 0) ? 1 : 0
      different[at] = isDifferent
      count += isDifferent
    }
    return count
  }

  function adapt(grey: Uint8Array): void {
    for (let at = 0; at < size; at += 1) {
      const off = (grey[at] ?? 0) * unit - (usual[at] ?? 0)
      const occupied = different[at] === 1
      const shift = occupied ? followsWithin.occupied : followsWithin.empty
      usual[at] = (usual[at] ?? 0) + (off >> shift)
      if (!occupied) flicker[at] = (flicker[at] ?? 0) + ((Math.abs(off) - (flicker[at] ?? 0)) >> 5)
    }
  }

  return {
    /** False while the background is not known; otherwise `lit` says which blocks are different. */
    compare(grey: Uint8Array, blocks: Blocks, lit: Uint8Array): boolean {
      pictures += 1
      if (pictures <= learningPictures) {
        teach(grey)
        brightness = meanOf(grey)
        return false
      }
      const now = meanOf(grey)
      const suddenly = Math.abs(now - brightness) > 8
      brightness = now
      const count = mark(grey, typicalChange(grey, usual))
      if (suddenly && count > size * lightShare) {
        pictures = 1
        learnAll(grey)
        return false
      }
      adapt(grey)
      // A drop is in one picture only; whoever walks still covers most of where they were.
      for (let at = 0; at < size; at += 1) before[at] = (before[at] ?? 0) & (different[at] ?? 0)
      light(before, blocks, lit)
      return true
    },
  }
}

function meanOf(grey: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < grey.length; at += 4) sum += grey[at] ?? 0
  return (sum * 4) / grey.length
}

/**
 * By how much the whole picture became lighter or darker: the middle of all changes, which
 * somebody who fills less than half of the picture does not move.
 */
function typicalChange(grey: Uint8Array, usual: Int32Array): number {
  const counts = new Uint32Array(513)
  let seen = 0
  for (let at = 0; at < grey.length; at += 7) {
    const off = (((grey[at] ?? 0) * unit - (usual[at] ?? 0)) >> 8) + 256
    counts[off] = (counts[off] ?? 0) + 1
    seen += 1
  }
  let below = 0
  for (let off = 0; off < counts.length; off += 1) {
    below += counts[off] ?? 0
    if (below * 2 >= seen) return (off - 256) * unit
  }
  return 0
}

// ---------------------------------------------------------------- blocks

function blocksOf({ widthPx, heightPx, zones }: MotionRules): Blocks {
  const across = Math.ceil(widthPx / blockPx)
  const down = Math.ceil(heightPx / blockPx)
  const ofPixel = new Uint16Array(widthPx * heightPx)
  const watched = new Uint8Array(across * down)
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      const block = Math.floor(y / blockPx) * across + Math.floor(x / blockPx)
      ofPixel[y * widthPx + x] = block
    }
  }
  for (let block = 0; block < watched.length; block += 1) {
    const x = (((block % across) + 0.5) / across) * 100
    const y = ((Math.floor(block / across) + 0.5) / down) * 100
    watched[block] = zones.length === 0 || zones.some((zone) => isIn(zone, x, y)) ? 1 : 0
  }
  return { across, down, ofPixel, watched }
}

const isIn = ({ left, top, width, height }: Zone, x: number, y: number): boolean =>
  x >= left && x <= left + width && y >= top && y <= top + height

function light(different: Uint8Array, blocks: Blocks, lit: Uint8Array): void {
  lit.fill(0)
  for (let at = 0; at < different.length; at += 1) {
    if (different[at] === 1) {
      const block = blocks.ofPixel[at] ?? 0
      lit[block] = (lit[block] ?? 0) + 1
    }
  }
  const enough = blockPx * blockPx * litShare
  for (let block = 0; block < lit.length; block += 1) {
    lit[block] = blocks.watched[block] === 1 && (lit[block] ?? 0) >= enough ? 1 : 0
  }
}

/** The largest group of neighbouring lit blocks, if it is large enough to be somebody. */
function largestThing(lit: Uint8Array, { across, down }: Blocks, smallest: number): Box | null {
  let best: number[] = []
  const todo = Uint8Array.from(lit)
  for (let block = 0; block < todo.length; block += 1) {
    if (todo[block] !== 1) continue
    const group = takeGroup(todo, block, across, down)
    if (group.length > best.length) best = group
  }
  return best.length >= smallest ? boxAround(best, across) : null
}

function takeGroup(todo: Uint8Array, start: number, across: number, down: number): number[] {
  const group = [start]
  todo[start] = 0
  for (let at = 0; at < group.length; at += 1) {
    const block = group[at] ?? 0
    for (const next of neighbours(block, across, down)) {
      if (todo[next] !== 1) continue
      todo[next] = 0
      group.push(next)
    }
  }
  return group
}

function neighbours(block: number, across: number, down: number): number[] {
  const x = block % across
  const y = Math.floor(block / across)
  const found: number[] = []
  for (const [dx, dy] of [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ] as const) {
    const inside = x + dx >= 0 && x + dx < across && y + dy >= 0 && y + dy < down
    if (inside) found.push((y + dy) * across + x + dx)
  }
  return found
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
