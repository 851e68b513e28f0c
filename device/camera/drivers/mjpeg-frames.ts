/**
 * Single pictures out of a stream of JPEGs without any frame around them. The segments are walked,
 * because a preview inside a picture has an end mark of its own; and the size is read on the way.
 */

export interface JpegFrame {
  readonly jpeg: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

export interface MjpegSplitter {
  /** The pictures that are complete now. */
  push(bytes: Uint8Array): JpegFrame[]
  /** What was no part of any picture, in a row since the last good one. */
  strayBytes(): number
}

/** No camera of a door makes one so large; whatever does is not talking JPEG. */
const longestJpegBytes = 8 * 1024 * 1024

const mark = { start: 0xd8, end: 0xd9, scan: 0xda, firstRestart: 0xd0, temporary: 0x01 } as const

/** Where the walk through a picture stands; positions count from its first byte. */
interface Walk {
  at: number
  inScan: boolean
  size: { widthPx: number; heightPx: number } | null
}

export function mjpegSplitter(longestBytes = longestJpegBytes): MjpegSplitter {
  let held: Buffer = Buffer.alloc(0)
  let walk: Walk | null = null
  let stray = 0

  /** Leaves out what belongs to no picture. False when there is no begin of one. */
  function findStart(): boolean {
    const at = held.indexOf(Buffer.from([0xff, mark.start, 0xff]))
    // Two bytes may be the begin of a mark whose rest is still to come.
    const skipped = at >= 0 ? at : Math.max(0, held.length - 2)
    stray += skipped
    held = held.subarray(skipped)
    if (at < 0) return false
    walk = { at: 2, inScan: false, size: null }
    return true
  }

  function broken(): void {
    stray += 2
    held = held.subarray(2)
    walk = null
  }

  function nextFrame(): JpegFrame | null {
    while (walk !== null || findStart()) {
      if (walk === null) return null
      const step = advance(held, walk)
      if (step === 'more' && held.length <= longestBytes) return null
      if (step === 'end') return take(walk)
      broken()
    }
    return null
  }

  function take({ at, size }: Walk): JpegFrame | null {
    const jpeg = Uint8Array.from(held.subarray(0, at))
    held = held.subarray(at)
    walk = null
    if (size === null) {
      stray += jpeg.length
      return nextFrame()
    }
    stray = 0
    return { jpeg, ...size }
  }

  return {
    push(bytes) {
      held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes])
      const frames: JpegFrame[] = []
      for (let frame = nextFrame(); frame; frame = nextFrame()) frames.push(frame)
      return frames
    },
    strayBytes: () => stray,
  }
}

/** Goes on as far as the bytes at hand allow. */
function advance(held: Buffer, walk: Walk): 'more' | 'end' | 'broken' {
  for (;;) {
    const step = walk.inScan ? throughScan(held, walk) : throughSegment(held, walk)
    if (step !== 'on') return step
  }
}

/** In a scan every 0xff that means something is followed by neither zero nor a restart mark. */
function throughScan(held: Buffer, walk: Walk): 'on' | 'more' {
  for (;;) {
    const at = held.indexOf(0xff, walk.at)
    walk.at = at < 0 ? held.length : at
    const next = held[walk.at + 1]
    if (at < 0 || next === undefined) return 'more'
    const goesOn = next === 0 || isRestart(next)
    if (!goesOn) {
      walk.inScan = false
      return 'on'
    }
    walk.at += 2
  }
}

const isRestart = (code: number): boolean =>
  code >= mark.firstRestart && code < mark.firstRestart + 8

function throughSegment(held: Buffer, walk: Walk): 'on' | 'more' | 'end' | 'broken' {
  const [first, code] = [held[walk.at], held[walk.at + 1]]
  if (first === undefined || code === undefined) return 'more'
  if (first !== 0xff || code === 0 || code === mark.start) return 'broken'
  if (code === mark.end) {
    walk.at += 2
    return 'end'
  }
  // Any number of fill bytes may stand before a mark.
  if (code === 0xff || code === mark.temporary || isRestart(code)) {
    walk.at += code === 0xff ? 1 : 2
    return 'on'
  }
  if (held.length < walk.at + 4) return 'more'
  const length = held.readUInt16BE(walk.at + 2)
  if (length < 2) return 'broken'
  if (held.length < walk.at + 2 + length) return 'more'
  if (isSize(code)) walk.size = sizeIn(held, walk.at, length)
  walk.inScan = code === mark.scan
  walk.at += 2 + length
  return 'on'
}

/** Start of frame, but for the three codes in that row that are tables. */
const isSize = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code)

function sizeIn(held: Buffer, at: number, length: number): Walk['size'] {
  if (length < 7) return null
  const [heightPx, widthPx] = [held.readUInt16BE(at + 5), held.readUInt16BE(at + 7)]
  return heightPx > 0 && widthPx > 0 ? { heightPx, widthPx } : null
}

/** The size of one whole picture; null when it is none, or more than one. */
export function jpegSize(jpeg: Uint8Array): { widthPx: number; heightPx: number } | null {
  const [only, ...others] = mjpegSplitter().push(jpeg)
  if (!only || others.length > 0 || only.jpeg.length !== jpeg.length) return null
  return { widthPx: only.widthPx, heightPx: only.heightPx }
}
