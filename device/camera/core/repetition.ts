/**
 * What changes by itself again and again is no visitor: raindrops, a branch, a flag, headlights on a
 * wall. A pixel that was often darker than the background for a moment does not count while it is so
 * for a moment; the same for brighter. A visitor who stays in front of a branch counts after that
 * moment, and one who is brighter than the wall behind the branch at once.
 */

/** In pictures. A shorter break is noise, and no return to the background. */
const breakPictures = 3
/** What lasts longer is not repeated motion. */
const momentPictures = 30
/** So many visitors hardly pass the same spot before the numbers are halved. */
const oftenTimes = 8
const mostTimes = 64
const halveEveryPictures = 1_800

/** How pixels became darker than the background, or how they became brighter. */
interface Side {
  /** How often. */
  readonly times: Uint8Array
  /** The picture since which each pixel is so, and the last in which it was. */
  readonly since: Int32Array
  readonly last: Int32Array
}

const sideOf = (pixels: number): Side => ({
  times: new Uint8Array(pixels),
  since: new Int32Array(pixels),
  last: new Int32Array(pixels).fill(-breakPictures - 1),
})

export class Repetition {
  readonly #darker: Side
  readonly #brighter: Side
  readonly #differentBefore: Uint8Array
  readonly #unusual: Uint8Array
  #pictures = 0

  constructor(pixels: number) {
    this.#darker = sideOf(pixels)
    this.#brighter = sideOf(pixels)
    this.#differentBefore = new Uint8Array(pixels)
    this.#unusual = new Uint8Array(pixels)
  }

  /**
   * From pixels that are darker (1) or brighter (2) than the background, 1 for each that differs in
   * two pictures in a row and does not do so again and again. A raindrop is in one picture only,
   * while a walking person overlaps their last position.
   */
  unusual(different: Uint8Array): Uint8Array {
    this.#pictures += 1
    if (this.#pictures % halveEveryPictures === 0) this.#halve()
    const now = this.#pictures
    const before = this.#differentBefore
    const unusual = this.#unusual
    unusual.fill(0)
    for (let at = 0; at < different.length; at += 1) {
      if (different[at] === 0 || before[at] === 0) continue
      const { times, since, last } = different[at] === 1 ? this.#darker : this.#brighter
      if (now - (last[at] ?? 0) > breakPictures) {
        since[at] = now
        times[at] = Math.min(mostTimes, (times[at] ?? 0) + 1)
      }
      last[at] = now
      const isShort = now - (since[at] ?? 0) <= momentPictures
      if (!isShort || (times[at] ?? 0) < oftenTimes) unusual[at] = 1
    }
    before.set(different)
    return unusual
  }

  #halve(): void {
    for (const { times } of [this.#darker, this.#brighter]) {
      for (let at = 0; at < times.length; at += 1) times[at] = (times[at] ?? 0) >> 1
    }
  }
}
