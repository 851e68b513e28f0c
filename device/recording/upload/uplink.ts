/**
 * The way of video up to Kinesis Video. Frames become fragments, fragments are kept until they are
 * persisted, and the session decides when there is a connection to send them over.
 */
import type { AwsCredentials, Cancel, Clock } from '../../daemon/ports.ts'
import { fragmentRing, type RingLimits } from '../core/fragment-ring.ts'
import { type FragmentLimits, fragmenter, serviceFragmentLimits } from '../core/fragments.ts'
import { type FragmentTags, problemWithTags } from '../core/matroska.ts'
import { type SessionLimits, sessionLimits } from '../core/session.ts'
import type { UplinkNews, VideoUplink } from '../ports.ts'
import { uplinkLine } from './connection.ts'
import type { NetworkOptions } from './http.ts'
import { fragmentDisk } from './spool.ts'

export interface KinesisVideoDeps {
  readonly region: string
  readonly streamName: string
  /** Where to ask for the endpoint; AWS's own place for the region when there is none. */
  readonly controlUrl?: string
  /** `renew`: those given last were refused. Rejects when there are none. */
  readonly credentials: (renew: boolean) => Promise<AwsCredentials>
  readonly clock: Clock
  readonly chance: () => number
  /** For fragments that memory has no room for; it is emptied. */
  readonly folder: string
  readonly tell: (news: UplinkNews) => void
  readonly limits?: Partial<UplinkLimits>
}

export interface UplinkLimits extends SessionLimits, NetworkOptions, RingLimits, FragmentLimits {
  /** After so long without a frame a connection is not kept open. */
  readonly lullMs: number
}

export const uplinkLimits: UplinkLimits = {
  ...sessionLimits,
  ...serviceFragmentLimits,
  connectMs: 5_000,
  answerMs: 10_000,
  silenceMs: 25_000,
  // Half a minute of film: what is behind that waits on the disk.
  memoryBytes: 4 * 1024 * 1024,
  diskBytes: 128 * 1024 * 1024,
  lullMs: 4_000,
}

export function kinesisVideo(deps: KinesisVideoDeps): VideoUplink {
  const limits: UplinkLimits = { ...uplinkLimits, ...deps.limits }
  const { clock } = deps
  let tags: FragmentTags = {}
  let wanted: 'yes' | 'until-long-enough' | 'no' = 'no'
  let cancelLull: Cancel = () => {}

  const ring = fragmentRing(limits)
  const disk = fragmentDisk(deps.folder)
  const frames = fragmenter(() => tags, limits)
  const line = uplinkLine(deps, limits, ring, afterRing)

  /** Does on the disk what the ring wants, then looks whether there is something to send. */
  function afterRing(): void {
    for (const wish of ring.wishes()) {
      const { kind } = wish
      if (kind === 'dropped') deps.tell({ kind, dropped: wish.dropped })
      else if (kind === 'erase') disk.erase(wish.number)
      else if (kind === 'read') disk.read(wish.number, (bytes) => readBack(wish.number, bytes))
      else disk.write(wish.number, wish.chunks, (done) => written(wish.number, done))
    }
    line.pump()
    if (ring.wishesWait()) afterRing()
  }
  const readBack = (number: number, bytes: Buffer | null) => {
    ring.readBack(number, bytes && [bytes])
    afterRing()
  }
  const written = (number: number, done: boolean) => {
    ring.written(number, done)
    afterRing()
  }
  const closeFragment = () => {
    for (const step of frames.complete()) if (step.kind === 'completed') ring.complete(step.bytes)
  }
  const finish = () => {
    cancelLull()
    wanted = 'no'
    closeFragment()
    line.nothingComes()
    afterRing()
  }
  const lull = () => {
    if (wanted !== 'yes') return finish()
    closeFragment()
    line.nothingComes()
    afterRing()
  }
  const expectFrame = () => {
    cancelLull()
    cancelLull = clock.after(wanted === 'yes' ? limits.lullMs : limits.shortestMs, lull)
  }
  const isLongEnough = () => (frames.openForMs() ?? limits.shortestMs) >= limits.shortestMs

  return {
    begin(wantedTags) {
      const problem = problemWithTags(wantedTags)
      if (problem) throw new Error(problem)
      // What is open belongs to those who have left.
      if (wanted === 'until-long-enough') finish()
      tags = wantedTags
      wanted = 'yes'
    },
    frame(unit, atMs) {
      if (wanted === 'no') return
      for (const step of frames.frame(unit, atMs)) {
        if (step.kind === 'completed') ring.complete(step.bytes)
        else if (step.kind === 'opened') ring.open(step.timecodeMs, step.track)
        else ring.grow(step.parts)
      }
      line.somethingComes()
      expectFrame()
      if (wanted === 'until-long-enough' && isLongEnough()) finish()
      else afterRing()
    },
    end() {
      if (wanted !== 'yes') return
      wanted = 'until-long-enough'
      if (isLongEnough()) finish()
      else expectFrame()
    },
    async stop() {
      cancelLull()
      wanted = 'no'
      await line.stop()
      await disk.close()
    },
    figures: () => ({ ...ring.figures(), ...line.figures(), framesLeftOut: frames.leftOut() }),
  }
}
