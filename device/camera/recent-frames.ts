/** The frames of the last seconds, to show how a visitor arrived. They are only held in memory. */
import type { Picture } from '../daemon/ports.ts'
import { type Allocation, newAllocation, SlabPool } from '../recording/core/slabs.ts'
import type { Box } from './core/motion.ts'

/** A picture, where something moves in it, and when it was taken. */
export interface Frame {
  readonly picture: Picture
  readonly box: Box | null
  readonly uptimeMs: number
}

/** A large picture with its small one. */
const slabBytes = 128 * 1024
const mostUnusedSlabs = 4

export class RecentFrames {
  readonly #forMs: number
  readonly #memory = new SlabPool(slabBytes, mostUnusedSlabs)
  #frames: readonly { readonly frame: Frame; readonly allocation: Allocation }[] = []

  constructor(forMs: number) {
    this.#forMs = forMs
  }

  /** Copies the frame. */
  add(frame: Frame): void {
    const isOld = (one: Frame) => one.uptimeMs <= frame.uptimeMs - this.#forMs
    for (const one of this.#frames) if (isOld(one.frame)) this.#memory.free(one.allocation)
    const allocation = newAllocation()
    const { jpeg, grey } = frame.picture
    const picture = {
      ...frame.picture,
      jpeg: this.#memory.copy(allocation, [jpeg]),
      grey: grey && this.#memory.copy(allocation, [grey]),
    }
    this.#frames = [
      ...this.#frames.filter((one) => !isOld(one.frame)),
      { frame: { ...frame, picture }, allocation },
    ]
  }

  /** Hands all frames over to the caller; their memory is not used again. */
  take(): readonly Frame[] {
    const frames = this.#frames.map(({ frame }) => frame)
    this.#frames = []
    return frames
  }
}
