/** A thread that plays the visits it is sent, one after the other, until it is sent `null`. */
import { parentPort } from 'node:worker_threads'
import type { TimelineEntry } from '../control-room/state.ts'
import { withHome } from '../home/throwaway-home.ts'
import { type Parting, playVisit } from './play.ts'
import type { VisitScript } from './script.ts'

export interface Played {
  readonly parting: Parting | null
  readonly timeline: readonly TimelineEntry[]
}

parentPort?.on('message', (script: VisitScript | null) => {
  // At once, and what has to be left behind is done by whoever listens for the end.
  if (script === null) process.exit()
  void play(script).then((played) => parentPort?.postMessage(played))
})

const play = (script: VisitScript): Promise<Played> =>
  withHome(async (home) => {
    const parting = await playVisit(home, script)
    return { parting, timeline: [...home.timeline.entries] }
  })
