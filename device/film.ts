/**
 * The film of a visit: an encoder in front, and behind it the way up to the cloud. Pictures wait
 * their turn, because those of the seconds before somebody was noticed come all at once; and a visit
 * that begins while the last one is being finished waits for that.
 */
import { fragmentTagNames } from '../protocol/fragment-tags.ts'
import type { AttendedVisit, Cancel, Clock, Film, Log } from './ports.ts'
import type { VideoEncoder, VideoUplink } from './video-ports.ts'

export interface FilmDeps {
  readonly encoder: VideoEncoder
  readonly uplink: VideoUplink
  readonly clock: Clock
  readonly log: Log
}

interface Waiting {
  readonly jpeg: Uint8Array
  readonly atMs: number
}

/** Ten seconds of pictures; an encoder that is further behind has given up. */
const mostWaiting = 100
const tryAgainMs = 20
const finishWithinMs = 2_000

export function createFilm({ encoder, uplink, clock, log }: FilmDeps): Film {
  let turn: Promise<void> = Promise.resolve()
  let waiting: Waiting[] = []
  let encoding = false
  let leftOut = 0
  let cancelPump: Cancel = () => {}

  const next = (step: () => Promise<void> | void) => {
    turn = turn.then(step).catch((fault: unknown) => log.warn({ err: fault }, 'film trouble'))
    return turn
  }

  /** Hands over as many as the encoder takes, and comes back for the rest. */
  function pump(): void {
    cancelPump()
    while (encoding && waiting[0] && encoder.frame(waiting[0].jpeg, waiting[0].atMs)) {
      waiting.shift()
    }
    if (encoding && waiting.length > 0) cancelPump = clock.after(tryAgainMs, pump)
  }

  async function finish(): Promise<void> {
    if (!encoding) return
    const untilMs = clock.monotonicMs() + finishWithinMs
    while (waiting.length > 0 && clock.monotonicMs() < untilMs) await passing(tryAgainMs)
    leftOut += waiting.length
    waiting = []
    encoding = false
    cancelPump()
    await encoder.stop()
    uplink.end()
    if (leftOut > 0) log.warn({ leftOut }, 'pictures were left out of the film')
  }

  const passing = (forMs: number) =>
    new Promise<void>((resolve) => {
      clock.after(forMs, resolve)
    })

  function start({ visitId, number }: AttendedVisit): void {
    leftOut = 0
    uplink.begin({
      [fragmentTagNames.visitId]: visitId,
      [fragmentTagNames.visitNumber]: String(number),
    })
    encoder.start({
      unit: (unit, atMs) => uplink.frame(unit, atMs),
      news(news) {
        if (news.kind === 'lost')
          log.warn({ why: news.why, backInMs: news.backInMs }, 'encoder lost')
      },
    })
    encoding = true
    pump()
  }

  return {
    begin: (visit) => void next(() => start(visit)),
    picture(jpeg, atMs) {
      waiting.push({ jpeg, atMs })
      if (waiting.length > mostWaiting) {
        waiting.shift()
        leftOut += 1
      }
      pump()
    },
    end: () => void next(finish),
    async stop() {
      await next(finish)
      await uplink.stop()
    },
  }
}
