/**
 * Records visits: pictures go through an encoder to the uplink. Pictures are queued, because those
 * from before a visit come all at once; a visit that begins while the last one is being finished
 * waits for it.
 */
import { fragmentTagNames } from '../../protocol/fragment-tags.ts'
import type { AttendedVisit, Cancel, Clock, Log, Recording } from '../daemon/ports.ts'
import type { FragmentTags } from './core/matroska.ts'
import type { VideoEncoder, VideoUplink } from './ports.ts'

interface RecorderDeps {
  readonly encoder: VideoEncoder
  readonly uplink: VideoUplink
  readonly clock: Clock
  readonly log: Log
}

/** The recording of one visit, or of none for a live view. */
interface Job {
  visit: AttendedVisit | null
  readonly waiting: { readonly jpeg: Uint8Array; readonly atMs: number }[]
  /** Null while it lasts; then, until when the encoder may still take what waits. */
  untilMs: number | null
  leftOut: number
}

/** Ten seconds of pictures; an encoder that is further behind has failed. */
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

export class Recorder implements Recording {
  readonly #deps: RecorderDeps
  /** The first is with the encoder; only the last may still be going on. */
  readonly #jobs: Job[] = []
  #finishing: Promise<void> | null = null
  #cancelPump: Cancel = () => {}

  constructor(deps: RecorderDeps) {
    this.#deps = deps
  }

  begin(visit: AttendedVisit | null): void {
    if (this.#continuesWith(visit)) return
    this.end()
    const job = { visit, waiting: [], untilMs: null, leftOut: 0 }
    this.#jobs.push(job)
    if (this.#jobs[0] === job) this.#start(job)
  }

  picture(jpeg: Uint8Array, atMs: number): void {
    const last = this.#jobs.at(-1)
    if (!last || last.untilMs !== null) return
    last.waiting.push({ jpeg, atMs })
    if (last.waiting.length > mostWaiting) {
      last.waiting.shift()
      last.leftOut += 1
    }
    this.#pump()
  }

  end(): void {
    const last = this.#jobs.at(-1)
    if (last) last.untilMs ??= this.#deps.clock.monotonicMs() + finishWithinMs
    this.#pump()
  }

  async stop(): Promise<void> {
    this.end()
    // The daemon ends: pictures that still wait are left out.
    for (const job of this.#jobs) job.untilMs = 0
    this.#pump()
    while (this.#finishing) await this.#finishing
    await this.#deps.uplink.stop()
  }

  /** Passes on as many pictures as the encoder takes, and tries the rest again later. */
  #pump(): void {
    const { encoder, clock } = this.#deps
    this.#cancelPump()
    const [job] = this.#jobs
    if (!job || this.#finishing) return
    const { waiting, untilMs } = job
    while (waiting[0] && encoder.frame(waiting[0].jpeg, waiting[0].atMs)) waiting.shift()
    const isOver = untilMs !== null && (waiting.length === 0 || clock.monotonicMs() >= untilMs)
    if (isOver) this.#finishing = this.#finish(job)
    else if (waiting.length > 0) this.#cancelPump = clock.after(tryAgainMs, () => this.#pump())
  }

  async #finish({ waiting, leftOut }: Job): Promise<void> {
    const { encoder, uplink, log } = this.#deps
    const lost = leftOut + waiting.length
    if (lost > 0) log.warn({ lost }, 'pictures left out of the recording')
    await encoder.stop().catch((fault: unknown) => log.warn({ err: fault }, 'encoder not stopped'))
    uplink.end()
    this.#jobs.shift()
    this.#finishing = null
    if (this.#jobs[0]) this.#start(this.#jobs[0])
  }

  #start({ visit }: Job): void {
    const { encoder, uplink, log } = this.#deps
    uplink.begin(tagsOf(visit))
    encoder.start({
      unit: (unit, atMs) => uplink.frame(unit, atMs),
      event(event) {
        if (event.kind !== 'lost') return
        log.warn({ why: event.why, backInMs: event.backInMs }, 'encoder lost')
      },
    })
    this.#pump()
  }

  /** A visit and a live view share one recording, because a viewer would see a pause. */
  #continuesWith(visit: AttendedVisit | null): boolean {
    const [job] = this.#jobs
    if (!job || this.#jobs.length > 1 || job.untilMs !== null) return false
    if (job.visit !== null && visit !== null) return false
    job.visit = visit
    this.#deps.uplink.begin(tagsOf(visit))
    return true
  }
}
