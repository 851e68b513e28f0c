/** A thread that plays the visits it is sent, one after the other, until it gets `null`. */
import { parentPort } from 'node:worker_threads'
import type { TimelineEntry } from '../control-room/state.ts'
import { withHome } from '../home/throwaway-home.ts'
import { type Failure, playVisit } from './play.ts'
import type { VisitScript } from './script.ts'

export interface Played {
  readonly failure: Failure | null
  readonly timeline: readonly TimelineEntry[]
}

parentPort?.on('message', (script: VisitScript | null) => {
  // Homes clean up in their 'exit' listeners.
  if (script === null) process.exit()
  void play(script).then((played) => parentPort?.postMessage(played))
})

const play = (script: VisitScript): Promise<Played> =>
  withHome(
    async (home) => {
      const failure = await playVisit(home, script)
      return { failure, timeline: [...home.timeline.entries] }
    },
    script.clock && { config: { clock: script.clock } },
  )
