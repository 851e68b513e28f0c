/**
 * The film of a visit: an encoder in front, and behind it the way up to the cloud. Pictures wait
 * their turn, because those of the seconds before somebody was noticed come all at once; and a visit
 * that begins while the last one is being finished waits for that.
 */
import { fragmentTagNames } from '../../protocol/fragment-tags.ts'
import type { AttendedVisit, Cancel, Clock, Log, Recording } from '../daemon/ports.ts'
import type { FragmentTags } from './core/matroska.ts'
import type { VideoEncoder, VideoUplink } from './ports.ts'

export interface RecordingDeps {
  readonly encoder: VideoEncoder
  readonly uplink: VideoUplink
  readonly clock: Clock
  readonly log: Log
}

/** What is filmed of one visit, or of none for whoever looks from afar. */
interface Reel {
  visit: AttendedVisit | null
  readonly waiting: { readonly jpeg: Uint8Array; readonly atMs: number }[]
  /** Null while the visit lasts; then, until when the encoder may still take what waits. */
  untilMs: number | null
  leftOut: number
}

/** Ten seconds of pictures; an encoder that is further behind has given up. */
const mostWaiting = 100
const tryAgainMs = 20
const finishWithinMs = 2_000

const tagsOf = (visit: AttendedVisit | null): FragmentTags =>
  visit
    ? {
        [fragmentTagNames.visitId]: visit.visitId,
        [fragmentTagNames.visitNumber]: String(visit.number),
      }
    : {}

export function createRecording({ encoder, uplink, clock, log }: RecordingDeps): Recording {
  /** The first is with the encoder; one that lasts is the last. */
  const reels: Reel[] = []
  let finishing: Promise<void> | null = null
  let cancelPump: Cancel = () => {}

  /** Hands over as many as the encoder takes, and comes back for the rest. */
  function pump(): void {
    cancelPump()
    const [reel] = reels
    if (!reel || finishing) return
    const { waiting, untilMs } = reel
    while (waiting[0] && encoder.frame(waiting[0].jpeg, waiting[0].atMs)) waiting.shift()
    const isOver = untilMs !== null && (waiting.length === 0 || clock.monotonicMs() >= untilMs)
    if (isOver) finishing = finish(reel)
    else if (waiting.length > 0) cancelPump = clock.after(tryAgainMs, pump)
  }

  async function finish({ waiting, leftOut }: Reel): Promise<void> {
    const lost = leftOut + waiting.length
    if (lost > 0) log.warn({ lost }, 'pictures were left out of the film')
    await encoder.stop().catch((fault: unknown) => log.warn({ err: fault }, 'encoder not stopped'))
    uplink.end()
    reels.shift()
    finishing = null
    if (reels[0]) startOn(reels[0])
  }

  function startOn({ visit }: Reel): void {
    uplink.begin(tagsOf(visit))
    encoder.start({
      unit: (unit, atMs) => uplink.frame(unit, atMs),
      news(news) {
        if (news.kind === 'lost') {
          log.warn({ why: news.why, backInMs: news.backInMs }, 'encoder lost')
        }
      },
    })
    pump()
  }

  function end(): void {
    const last = reels.at(-1)
    if (last) last.untilMs ??= clock.monotonicMs() + finishWithinMs
    pump()
  }

  /** Between a visit and nobody's the film goes on: a pause would be seen by whoever looks. */
  function goesOnWith(visit: AttendedVisit | null): boolean {
    const [reel] = reels
    if (!reel || reels.length > 1 || reel.untilMs !== null) return false
    if (reel.visit !== null && visit !== null) return false
    reel.visit = visit
    uplink.begin(tagsOf(visit))
    return true
  }

  return {
    begin(visit) {
      if (goesOnWith(visit)) return
      end()
      const reel = { visit, waiting: [], untilMs: null, leftOut: 0 }
      reels.push(reel)
      if (reels[0] === reel) startOn(reel)
    },
    picture(jpeg, atMs) {
      const last = reels.at(-1)
      if (!last || last.untilMs !== null) return
      last.waiting.push({ jpeg, atMs })
      if (last.waiting.length > mostWaiting) {
        last.waiting.shift()
        last.leftOut += 1
      }
      pump()
    },
    end,
    async stop() {
      end()
      // The daemon ends: what waits for a visit before it has had its time.
      for (const reel of reels) reel.untilMs = 0
      pump()
      while (finishing) await finishing
      await uplink.stop()
    },
  }
}
