/**
 * Plays several visits at once, each in its own home. A home sets environment variables, of which a
 * thread has only one set, so each lane is a thread that plays one visit after the other.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Played } from './lane.ts'
import type { VisitScript } from './script.ts'

export function openVisitLanes(atMost: number) {
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
    /** Waits for a free lane. */
    async play(script: VisitScript): Promise<Played> {
      const lane = await take()
      lane.postMessage(script)
      // An error in the lane is thrown here.
      const [played]: Played[] = await once(lane, 'message')
      giveBack(lane)
      if (!played) throw new Error('A lane ended without a result.')
      return played
    },
    /** Also ends visits that are being played. */
    async close(): Promise<void> {
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
