/**
 * A visit while the door is offline, in real time and with the limits of a real door. Once online,
 * the recording arrives complete and in order.
 */
import { setTimeout as passing } from 'node:timers/promises'
import type { AccessUnit } from '../../../../device/recording/core/access-units.ts'
import { uplinkLimits } from '../../../../device/recording/upload/uplink.ts'
import { type AwsServer, startAws } from '../../../../simulation/aws/server.ts'
import { accessUnits } from '../../../support/video/video-frames.ts'
import {
  endlessFrames,
  fragmentTimes,
  framePauseMs,
  type TestedUplink,
  testedUplink,
} from '../../../support/video/video-uplink.ts'

export interface OfflineTrial {
  readonly breaches: readonly string[]
  readonly fragments: number
  readonly mostDiskMb: number
  /** Resident memory after a third of the offline time, and the maximum of the rest. */
  readonly residentMb: readonly [number, number]
  /** From the end of the outage until everything had arrived. */
  readonly caughtUpAfterMs: number
}

export interface OfflineOptions {
  readonly minutes: number
  readonly progress?: (text: string) => void
}

/** More means that memory holds what belongs on disk. */
export const mostOfflineGrowthMb = 8

const startMs = Date.UTC(2026, 5, 1, 12)
const unitsInTurn = 40
/** The visit goes on for a while after the outage. */
const onlineMs = 10_000
const longestCatchUpMs = 120_000
/** As a real camera's: some hundred kilobits a second. */
const picture = { frames: unitsInTurn, size: '640x480', more: ['-b:v', '800k'] }

export async function videoOffline({
  minutes,
  progress = () => {},
}: OfflineOptions): Promise<OfflineTrial> {
  const units = await accessUnits(picture)
  const first = await startAws({ videoStreams: ['front'] })
  const port = Number(new URL(first.url).port)
  const tested = testedUplink(first, { limits: uplinkLimits })
  await first.close()
  const watch = watched(tested, progress)
  const recording = recorded(tested, units)
  await recording.lasting(minutes * 20_000, watch.look)
  watch.isAThird()
  await recording.lasting(minutes * 40_000, watch.look)
  const residentMb = watch.residentMb()
  const standIn = await startAws({ videoStreams: ['front'], port })
  const backAtMs = performance.now()
  try {
    await recording.lasting(onlineMs, watch.look)
    tested.uplink.end()
    await until(() => tested.uplink.figures().phase === 'idle', longestCatchUpMs)
    return {
      breaches: breachesIn(standIn, tested, recording.frames()),
      fragments: standIn.video.stream('front').fragments.length,
      mostDiskMb: watch.mostDiskMb(),
      residentMb,
      caughtUpAfterMs: performance.now() - backAtMs,
    }
  } finally {
    await tested.close()
    await standIn.close()
  }
}

function recorded({ uplink }: TestedUplink, units: readonly AccessUnit[]) {
  const source = endlessFrames(units, startMs)
  uplink.begin({ visit: 'a-visit' })
  return {
    frames: source.given,
    async lasting(forMs: number, each: () => void) {
      const startedAtMs = performance.now()
      for (let atMs = 0; atMs < forMs; atMs += framePauseMs) {
        const next = source.next()
        uplink.frame(next.unit, next.atMs)
        each()
        await passing(Math.max(0, startedAtMs + atMs + framePauseMs - performance.now()))
      }
    },
  }
}

const reportedEveryFrames = 600

function watched({ uplink }: TestedUplink, progress: (text: string) => void) {
  let looks = 0
  let diskBytes = 0
  let atAThird = 0
  let most = 0
  return {
    look() {
      looks += 1
      diskBytes = Math.max(diskBytes, uplink.figures().diskBytes)
      most = Math.max(most, process.memoryUsage.rss())
      if (looks % reportedEveryFrames === 0) progress(figuresText(uplink.figures()))
    },
    isAThird() {
      atAThird = process.memoryUsage.rss()
      most = atAThird
    },
    residentMb: (): [number, number] => [megabytes(atAThird), megabytes(most)],
    mostDiskMb: () => megabytes(diskBytes),
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10

function figuresText(figures: ReturnType<TestedUplink['uplink']['figures']>): string {
  const { fragments, memoryBytes, diskBytes, droppedFragments } = figures
  const held = `${megabytes(memoryBytes)} MB in memory and ${megabytes(diskBytes)} MB on disk`
  const resident = megabytes(process.memoryUsage.rss())
  return `${fragments} fragments waiting, ${held}, ${droppedFragments} dropped, ${resident} MB resident`
}

/** Every fragment that was not dropped arrived once, complete and in order. */
function breachesIn(standIn: AwsServer, tested: TestedUplink, frames: number): string[] {
  const stored = standIn.video.stream('front').fragments
  const times = stored.map(({ producerMs }) => producerMs)
  const dropped = new Set(tested.dropped().map(({ timecodeMs }) => timecodeMs))
  const wanted = fragmentTimes(startMs, frames).filter((time) => !dropped.has(time))
  const arrived = new Set(times)
  const stale = times.filter((time, at) => time <= (times[at - 1] ?? 0))
  const storedFrames = stored.reduce((sum, { blocks }) => sum + blocks.length, 0)
  const { fragments, memoryBytes, diskBytes } = tested.uplink.figures()
  return [
    ...wanted.filter((time) => !arrived.has(time)).map((time) => `${time - startMs} ms is lost.`),
    ...stale.map((time) => `${time - startMs} ms arrived twice or out of order.`),
    ...standIn.video.findings.map(({ what }) => `What was sent was not valid: ${what}`),
    ...(dropped.size === 0 && storedFrames !== frames
      ? [`${storedFrames} of ${frames} frames.`]
      : []),
    ...(fragments + memoryBytes + diskBytes > 0 ? ['Data is left at the end.'] : []),
  ]
}

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  const endsAtMs = performance.now() + withinMs
  while (!holds() && performance.now() < endsAtMs) await passing(50)
}
