/**
 * Uploads video to Kinesis Video. Frames become fragments, which are stored until the service has
 * persisted them.
 */
import type { AwsCredentials, Cancel, Clock } from '../../daemon/ports.ts'
import type { AccessUnit } from '../core/access-units.ts'
import { FragmentRing } from '../core/fragment-ring.ts'
import { type FragmentLimits, fragmenter, serviceFragmentLimits } from '../core/fragments.ts'
import { type FragmentTags, problemWithTags } from '../core/matroska.ts'
import { type SessionLimits, sessionLimits } from '../core/session.ts'
import type { RingLimits } from '../core/stored-fragments.ts'
import type { UplinkEvent, UplinkFigures, VideoUplink } from '../ports.ts'
import { FragmentDisk } from './fragment-disk.ts'
import type { NetworkOptions } from './kinesis-api.ts'
import { Uploader } from './uploader.ts'

export interface KinesisVideoDeps {
  readonly region: string
  readonly streamName: string
  /** Where to ask for the endpoint, instead of AWS's address for the region. */
  readonly controlUrl?: string
  /** `renew`: the last ones were refused. Rejects when there are none. */
  readonly credentials: (renew: boolean) => Promise<AwsCredentials>
  readonly clock: Clock
  readonly random: () => number
  /** For fragments that do not fit into memory; it is emptied. */
  readonly folder: string
  readonly report: (event: UplinkEvent) => void
  readonly limits?: Partial<UplinkLimits>
}

export interface UplinkLimits extends SessionLimits, NetworkOptions, RingLimits, FragmentLimits {
  /** A connection without frames for so long is closed. */
  readonly lullMs: number
}

export const uplinkLimits: UplinkLimits = {
  ...sessionLimits,
  ...serviceFragmentLimits,
  connectMs: 5_000,
  answerMs: 10_000,
  silenceMs: 25_000,
  // Half a minute of video; more waits on the disk.
  memoryBytes: 4 * 1024 * 1024,
  diskBytes: 128 * 1024 * 1024,
  lullMs: 4_000,
}

export class KinesisVideoUplink implements VideoUplink {
  readonly #deps: KinesisVideoDeps
  readonly #limits: UplinkLimits
  readonly #ring: FragmentRing
  readonly #disk: FragmentDisk
  readonly #frames: ReturnType<typeof fragmenter>
  readonly #uploader: Uploader
  #tags: FragmentTags = {}
  #wanted: 'yes' | 'until-long-enough' | 'no' = 'no'
  #cancelLull: Cancel = () => {}

  constructor(deps: KinesisVideoDeps) {
    const limits: UplinkLimits = { ...uplinkLimits, ...deps.limits }
    this.#deps = deps
    this.#limits = limits
    this.#ring = new FragmentRing(limits)
    this.#disk = new FragmentDisk(deps.folder)
    this.#frames = fragmenter(() => this.#tags, limits)
    this.#uploader = new Uploader(deps, limits, this.#ring, () => this.#ringChanged())
  }

  begin(tags: FragmentTags): void {
    const problem = problemWithTags(tags)
    if (problem) throw new Error(problem)
    // The open fragment belongs to the visit before.
    if (this.#wanted === 'until-long-enough') this.#finish()
    this.#tags = tags
    this.#wanted = 'yes'
  }

  frame(unit: AccessUnit, atMs: number): void {
    if (this.#wanted === 'no') return
    for (const step of this.#frames.frame(unit, atMs)) {
      if (step.kind === 'completed') this.#ring.complete(step.bytes)
      else if (step.kind === 'opened') this.#ring.open(step.timecodeMs, step.track)
      else this.#ring.grow(step.parts)
    }
    this.#uploader.moreComes = true
    this.#expectFrame()
    if (this.#wanted === 'until-long-enough' && this.#isLongEnough()) this.#finish()
    else this.#ringChanged()
  }

  end(): void {
    if (this.#wanted !== 'yes') return
    this.#wanted = 'until-long-enough'
    if (this.#isLongEnough()) this.#finish()
    else this.#expectFrame()
  }

  async stop(): Promise<void> {
    this.#cancelLull()
    this.#wanted = 'no'
    await this.#uploader.stop()
    await this.#disk.close()
  }

  figures(): UplinkFigures {
    const framesLeftOut = this.#frames.leftOut()
    return { ...this.#ring.figures(), ...this.#uploader.figures(), framesLeftOut }
  }

  /** Does on the disk what the ring asks for, then sends what there is to send. */
  #ringChanged(): void {
    for (const effect of this.#ring.takeEffects()) {
      const { kind } = effect
      if (kind === 'dropped') this.#deps.report(effect)
      else if (kind === 'erase') this.#disk.erase(effect.number)
      else if (kind === 'read') {
        this.#disk.read(effect.number, (bytes) => {
          this.#ring.readBack(effect.number, bytes)
          this.#ringChanged()
        })
      } else {
        this.#disk.write(effect.number, effect.chunks, (succeeded) => {
          this.#ring.written(effect.number, succeeded)
          this.#ringChanged()
        })
      }
    }
    this.#uploader.pump()
    if (this.#ring.hasEffects()) this.#ringChanged()
  }

  #isLongEnough(): boolean {
    const { shortestMs } = this.#limits
    return (this.#frames.openForMs() ?? shortestMs) >= shortestMs
  }

  #expectFrame(): void {
    const { lullMs, shortestMs } = this.#limits
    this.#cancelLull()
    this.#cancelLull = this.#deps.clock.after(this.#wanted === 'yes' ? lullMs : shortestMs, () =>
      this.#wanted === 'yes' ? this.#pause() : this.#finish(),
    )
  }

  #finish(): void {
    this.#cancelLull()
    this.#wanted = 'no'
    this.#pause()
  }

  #pause(): void {
    for (const step of this.#frames.complete()) {
      if (step.kind === 'completed') this.#ring.complete(step.bytes)
    }
    this.#uploader.moreComes = false
    this.#ringChanged()
  }
}
