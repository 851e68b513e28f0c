/**
 * When each frame was taken. The encoder's output says nothing of it, but frames come out in the
 * order they went in, one for one.
 */

export interface FrameTimes {
  add(atMs: number): void
  /** Of the frame that comes out now; `nowMs` if nobody knows. */
  next(nowMs: number): number
  waiting(): number
}

/** An encoder that holds back more than this is about to be replaced. */
const mostWaiting = 1_000

export function frameTimes(): FrameTimes {
  const waiting: number[] = []
  return {
    add(atMs) {
      waiting.push(atMs)
      if (waiting.length > mostWaiting) waiting.shift()
    },
    next: (nowMs) => waiting.shift() ?? nowMs,
    waiting: () => waiting.length,
  }
}
