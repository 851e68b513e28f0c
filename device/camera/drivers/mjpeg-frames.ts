/**
 * Splits a stream of consecutive JPEGs, and reads their sizes. It walks through the segments, because
 * a preview inside a picture has an end marker of its own.
 */

export interface JpegFrame {
  readonly jpeg: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

/** A longer picture than any camera's means that the stream is not JPEG. */
const longestJpegBytes = 8 * 1024 * 1024

const mark = { start: 0xd8, end: 0xd9, scan: 0xda, firstRestart: 0xd0, temporary: 0x01 } as const

/** The position in a picture, counted from its first byte. */
interface Walk {
  at: number
  inScan: boolean
  size: { widthPx: number; heightPx: number } | null
}

export function mjpegSplitter(longestBytes = longestJpegBytes) {
  let held: Buffer = Buffer.alloc(0)
  let walk: Walk | null = null
  let stray = 0

  /** Skips to the start of a picture; false when there is none. */
  function findStart(): boolean {
    const at = held.indexOf(Buffer.from([0xff, mark.start, 0xff]))
    // The last two bytes may be the start of a marker.
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
    /** The pictures that are complete now. */
    push(bytes: Uint8Array): JpegFrame[] {
      held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes])
      const frames: JpegFrame[] = []
      for (let frame = nextFrame(); frame; frame = nextFrame()) frames.push(frame)
      return frames
    },
    /** Bytes since the last good picture that belong to none. */
    strayBytes: () => stray,
  }
}

/** Moves as far as the available bytes allow. */
function advance(held: Buffer, walk: Walk): 'more' | 'end' | 'broken' {
  for (;;) {
    const step = walk.inScan ? throughScan(held, walk) : throughSegment(held, walk)
    if (step !== 'on') return step
  }
}

/** A 0xff followed by zero or a restart marker does not end a scan. */
function throughScan(held: Buffer, walk: Walk): 'on' | 'more' {
  for (;;) {
    const at = held.indexOf(0xff, walk.at)
    walk.at = at < 0 ? held.length : at
    const next = held[walk.at + 1]
    if (at < 0 || next === undefined) return 'more'
    if (next !== 0 && !isRestart(next)) {
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
  // Any number of fill bytes may precede a marker.
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

/** A start of frame: three codes in this range are tables instead. */
const isSize = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code)

function sizeIn(held: Buffer, at: number, length: number): Walk['size'] {
  if (length < 7) return null
  const [heightPx, widthPx] = [held.readUInt16BE(at + 5), held.readUInt16BE(at + 7)]
  return heightPx > 0 && widthPx > 0 ? { heightPx, widthPx } : null
}

/** The size of one complete picture; null for anything else. */
export function jpegSize(jpeg: Uint8Array): { widthPx: number; heightPx: number } | null {
  const [only, ...others] = mjpegSplitter().push(jpeg)
  if (!only || others.length > 0 || only.jpeg.length !== jpeg.length) return null
  return { widthPx: only.widthPx, heightPx: only.heightPx }
}
