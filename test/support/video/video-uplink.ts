/** An uplink to a stand-in with real connections and short limits, and frames to send. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AwsCredentials } from '../../../device/daemon/ports.ts'
import { systemClock } from '../../../device/host/clock.ts'
import type { AccessUnit } from '../../../device/recording/core/access-units.ts'
import type { DroppedFragment } from '../../../device/recording/core/stored-fragments.ts'
import type { UplinkEvent, VideoUplink } from '../../../device/recording/ports.ts'
import { KinesisVideoUplink, type UplinkLimits } from '../../../device/recording/upload/uplink.ts'
import type { AwsServer } from '../../../simulation/aws/server.ts'

export const credentials: AwsCredentials = {
  accessKeyId: 'test',
  secretAccessKey: 'test',
  expiresAtMs: Number.MAX_SAFE_INTEGER,
}

export interface TestedUplink {
  readonly uplink: VideoUplink
  readonly events: readonly UplinkEvent[]
  /** How often credentials were requested, and how often renewed. */
  readonly asked: { times: number; anew: number }
  dropped(): readonly DroppedFragment[]
  failures(): readonly Extract<UplinkEvent, { kind: 'failed' }>[]
  close(): Promise<void>
}

const quickLimits: Partial<UplinkLimits> = {
  firstRestMs: 10,
  longestRestMs: 80,
  longRestMs: 60,
  drainMs: 2_000,
  // Not short, because a busy stand-in must not seem silent.
  silenceMs: 10_000,
  answerMs: 10_000,
  connectMs: 10_000,
}

export function testedUplink(
  standIn: Pick<AwsServer, 'url' | 'region'>,
  options: {
    readonly streamName?: string
    readonly limits?: Partial<UplinkLimits>
    readonly credentials?: (renew: boolean) => Promise<AwsCredentials>
  } = {},
): TestedUplink {
  const folder = mkdtempSync(join(tmpdir(), 'video-'))
  const events: UplinkEvent[] = []
  const asked = { times: 0, anew: 0 }
  const uplink = new KinesisVideoUplink({
    region: standIn.region,
    streamName: options.streamName ?? 'front',
    controlUrl: standIn.url,
    credentials: async (renew) => {
      asked.times += 1
      if (renew) asked.anew += 1
      return options.credentials ? options.credentials(renew) : credentials
    },
    clock: systemClock({ source: 'host' }),
    random: Math.random,
    folder: join(folder, 'fragments'),
    report: (event) => events.push(event),
    limits: { ...quickLimits, ...options.limits },
  })
  return {
    uplink,
    events,
    asked,
    dropped: () => events.flatMap((one) => (one.kind === 'dropped' ? [one.dropped] : [])),
    failures: () => events.filter((one) => one.kind === 'failed'),
    async close() {
      await uplink.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const framePauseMs = 100
export const framesPerGroup = 20

/** Repeats a few frames with the times of a camera. */
export function endlessFrames(units: readonly AccessUnit[], startMs: number) {
  let given = 0
  return {
    next(): { readonly unit: AccessUnit; readonly atMs: number } {
      const unit = units[given % units.length]
      if (!unit) throw new Error('there are no frames')
      const atMs = startMs + given * framePauseMs
      given += 1
      return { unit, atMs }
    },
    given: () => given,
  }
}

/** The times at which the fragments of so many frames begin. */
export const fragmentTimes = (startMs: number, frames: number): number[] =>
  Array.from(
    { length: Math.ceil(frames / framesPerGroup) },
    (_, at) => startMs + at * framesPerGroup * framePauseMs,
  )
