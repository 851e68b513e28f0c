/**
 * What is usually in the picture, pixel by pixel, and how much each pixel flickers by itself. The
 * loops run for every pixel of every picture in a process without an optimising compiler, so they
 * read fields into variables and call nothing.
 */

import { Repetition } from './repetition.ts'

/** Pictures until the background is known well enough to compare with. */
const learningPictures = 12
/** Fixed point: levels are stored in 1/256 of a grey level. */
const unit = 256
/** How fast the background adapts, as a power of two of pictures. */
const adaptShift = { learning: 2, empty: 4, occupied: 9 } as const
/** A sudden change of this share of the picture is a change of light. */
const lightShare = 0.6
const suddenLevels = 8

export class Background {
  readonly #usual: Int32Array
  readonly #flicker: Int32Array
  /** Pixels that differ: 1 where it is darker than usual, 2 where it is brighter. */
  readonly #different: Uint8Array
  readonly #repetition: Repetition
  /** By day, how many grey levels make a difference. */
  readonly #leastLevels: number
  #pictures = 0
  #brightness = 0

  constructor(pixels: number, sensitivity: number) {
    this.#usual = new Int32Array(pixels)
    this.#flicker = new Int32Array(pixels)
    this.#different = new Uint8Array(pixels)
    this.#repetition = new Repetition(pixels)
    this.#leastLevels = 34 - 2.4 * sensitivity
  }

  /** 1 for each pixel that differs and is motion. Null while the background is not known. */
  compare(grey: Uint8Array): Uint8Array | null {
    const before = this.#brightness
    this.#brightness = meanOf(grey)
    this.#pictures += 1
    if (this.#pictures <= learningPictures) {
      if (this.#pictures === 1) this.#reset(grey)
      else this.#learn(grey)
      return null
    }
    const isSudden = Math.abs(this.#brightness - before) > suddenLevels
    const count = this.#mark(grey, typicalChange(grey, this.#usual))
    if (isSudden && count > grey.length * lightShare) {
      this.#pictures = 1
      this.#reset(grey)
      return null
    }
    this.#adapt(grey)
    return this.#repetition.unusual(this.#different)
  }

  #reset(grey: Uint8Array): void {
    for (let at = 0; at < grey.length; at += 1) {
      this.#usual[at] = (grey[at] ?? 0) * unit
      this.#flicker[at] = 3 * unit
    }
  }

  #learn(grey: Uint8Array): void {
    const usual = this.#usual
    const flicker = this.#flicker
    for (let at = 0; at < grey.length; at += 1) {
      const off = (grey[at] ?? 0) * unit - (usual[at] ?? 0)
      usual[at] = (usual[at] ?? 0) + (off >> adaptShift.learning)
      flicker[at] = (flicker[at] ?? 0) + ((Math.abs(off) - (flicker[at] ?? 0)) >> 4)
    }
  }

  #adapt(grey: Uint8Array): void {
    const usual = this.#usual
    const flicker = this.#flicker
    const different = this.#different
    for (let at = 0; at < grey.length; at += 1) {
      const off = (grey[at] ?? 0) * unit - (usual[at] ?? 0)
      const isOccupied = different[at] !== 0
      usual[at] = (usual[at] ?? 0) + (off >> (isOccupied ? adaptShift.occupied : adaptShift.empty))
      if (isOccupied) continue
      flicker[at] = (flicker[at] ?? 0) + ((Math.abs(off) - (flicker[at] ?? 0)) >> 5)
    }
  }

  /** Marks the pixels that differ after subtracting the change of light; returns their number. */
  #mark(grey: Uint8Array, light: number): number {
    // At dusk all differences are smaller, except noise, which each pixel's flicker covers.
    const least = this.#leastLevels * Math.min(1, Math.max(0.3, this.#brightness / 110)) * unit
    const usual = this.#usual
    const flicker = this.#flicker
    const different = this.#different
    let count = 0
    for (let at = 0; at < grey.length; at += 1) {
      const off = (grey[at] ?? 0) * unit - (usual[at] ?? 0) - light
      if (Math.abs(off) > least + 2 * (flicker[at] ?? 0)) {
        different[at] = off < 0 ? 1 : 2
        count += 1
      } else different[at] = 0
    }
    return count
  }
}

function meanOf(grey: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < grey.length; at += 4) sum += grey[at] ?? 0
  return (sum * 4) / grey.length
}

/** The median change of the picture's light, unaffected by what fills less than half of it. */
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
