/**
 * Several visits at once, each in a home of its own. A home sets the environment of its functions,
 * of which a thread has only one; so each lane is a thread, which plays one visit after the other.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Played } from './lane.ts'
import type { VisitScript } from './script.ts'

export interface VisitLanes {
  /** As soon as a lane is free. */
  play(script: VisitScript): Promise<Played>
  /** Nothing stays behind, even of a visit that is being played. */
  close(): Promise<void>
}

export function openVisitLanes(atMost: number): VisitLanes {
  const lanes: Worker[] = []
  const free: Worker[] = []
  const waiting: ((lane: Worker) => void)[] = []

  const opened = () => {
    const lane = new Worker(new URL('lane.ts', import.meta.url))
    lanes.push(lane)
    return lane
  }
  const take = async () =>
    free.pop() ??
    (lanes.length < atMost ? opened() : new Promise<Worker>((taken) => waiting.push(taken)))
  const giveBack = (lane: Worker) => {
    const next = waiting.shift()
    if (next) next(lane)
    else free.push(lane)
  }

  return {
    async play(script) {
      const lane = await take()
      lane.postMessage(script)
      // What is thrown in a lane is thrown here.
      const [played]: Played[] = await once(lane, 'message')
      giveBack(lane)
      if (!played) throw new Error('A lane ended without a word.')
      return played
    },
    async close() {
      await Promise.all(
        lanes.map(async (lane) => {
          const gone = once(lane, 'exit')
          lane.postMessage(null)
          await gone
        }),
      )
    },
  }
}
