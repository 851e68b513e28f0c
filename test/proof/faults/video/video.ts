/**
 * Video upload under every fault: all error acknowledgements of the service at any point of a
 * fragment, its refusals, and a failing connection. Every fragment arrives in order or is reported as
 * dropped.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AccessUnit } from '../../../../device/recording/core/access-units.ts'
import { ackErrors, httpErrors } from '../../../../device/recording/core/failures.ts'
import type { PlannedError, PutPlan } from '../../../../simulation/aws/kinesis-video/put-media.ts'
import { type AwsServer, startAws } from '../../../../simulation/aws/server.ts'
import { accessUnits } from '../../../support/video/video-frames.ts'
import {
  endlessFrames,
  fragmentTimes,
  framesPerGroup,
  type TestedUplink,
  testedUplink,
} from '../../../support/video/video-uplink.ts'
import { type Dice, diceFrom } from '../dice.ts'

interface VideoTrial {
  readonly name: string
  readonly breaches: readonly string[]
  readonly failures: number
  readonly dropped: number
}

export interface VideoFaults {
  readonly trials: readonly VideoTrial[]
  /** Memory in use after a third of the trials, and after the last. */
  readonly heldMb: readonly [number, number]
}

export interface VideoFaultOptions {
  readonly rounds: number
  readonly seed: number
  readonly progress?: (text: string) => void
}

/** More than noise means a leak. */
export const mostGrowthMb = 10

/** An undocumented error. */
const unknownErrorId = 4999
const times: readonly PlannedError['when'][] = ['start', 'middle', 'end', 'after-received']
const fragmentsPerTrial = 6
const startMs = Date.UTC(2026, 5, 1, 12)

export async function videoFaults({
  rounds,
  seed,
  progress = () => {},
}: VideoFaultOptions): Promise<VideoFaults> {
  const units = await accessUnits({ frames: 40 })
  const dice = diceFrom(seed)
  const trials: VideoTrial[] = []
  const kinds = faultKinds(dice)
  let afterAThirdMb = 0
  for (let round = 0; round < rounds; round += 1) {
    if (round === Math.floor(rounds / 3)) afterAThirdMb = heldMb()
    for (const { name, plan } of kinds) trials.push(await trial(name, plan, units, dice))
    progress(`round ${round + 1} of ${rounds}, ${heldMb()} MB`)
  }
  return { trials, heldMb: [afterAThirdMb, heldMb()] }
}

/** Memory in use after a garbage collection. */
function heldMb(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external) / 1e6)
}

// ---------------------------------------------------------------- what goes wrong

interface FaultKind {
  readonly name: string
  /** A new one for each trial, at another random point. */
  readonly plan: () => PutPlan
}

function faultKinds(dice: Dice): readonly FaultKind[] {
  const someBytes = () => 5_000 + dice.below(400_000)
  const errors = [...ackErrors.keys(), unknownErrorId].map((errorId) => ({
    name: `error ${errorId}`,
    plan: (): PutPlan => ({
      error: {
        errorId,
        fragment: 1 + dice.below(fragmentsPerTrial),
        when: dice.pick(times) ?? 'end',
        isNameless: dice.chance(0.2),
      },
      mangleAcks: dice.chance(0.5),
    }),
  }))
  const refusals = [...httpErrors.keys()].map((code) => ({
    name: `refusal ${code}`,
    plan: (): PutPlan => ({
      refuse: { status: code === 'ResourceNotFoundException' ? 404 : 400, code },
    }),
  }))
  const statuses = [401, 403, 404, 408, 413, 429, 500, 502, 503, 504].map((status) => ({
    name: `refusal ${status}`,
    plan: (): PutPlan => ({ refuse: { status, code: 'Unknown' } }),
  }))
  return [
    ...errors,
    ...refusals,
    ...statuses,
    { name: 'reset', plan: () => ({ resetAfterBytes: someBytes() }) },
    { name: 'stall', plan: () => ({ stallAfterBytes: someBytes() }) },
    { name: 'early end', plan: () => ({ endAfterBytes: someBytes() }) },
    { name: 'no acknowledgement', plan: () => ({ mute: true }) },
  ]
}

// ---------------------------------------------------------------- one trial

const faultyConnections = 2

async function trial(
  name: string,
  plan: () => PutPlan,
  units: readonly AccessUnit[],
  dice: Dice,
): Promise<VideoTrial> {
  const standIn = await startAws({ videoStreams: ['front'] })
  standIn.video.plan((nth) => (nth <= faultyConnections ? plan() : {}))
  const tested = testedUplink(standIn, { limits: trialLimits })
  try {
    await send(tested, units, dice)
    const isIdle = await until(() => tested.uplink.figures().phase === 'idle', longestTrialMs)
    const breaches = [
      ...(isIdle ? [] : ['The upload never finished.']),
      ...breachesIn(standIn, tested),
    ]
    return {
      name,
      breaches: breaches.map((one) => `${name}: ${one}`),
      failures: tested.failures().length,
      dropped: tested.dropped().length,
    }
  } finally {
    await tested.close()
    await standIn.close()
  }
}

const trialLimits = { silenceMs: 150, drainMs: 200, memoryBytes: 250_000, diskBytes: 50_000_000 }
const longestTrialMs = 20_000

/** With pauses, so that some frames come while connections are failing. */
async function send(tested: TestedUplink, units: readonly AccessUnit[], dice: Dice) {
  const source = endlessFrames(units, startMs)
  tested.uplink.begin({ visit: 'a-visit' })
  while (source.given() < fragmentsPerTrial * framesPerGroup) {
    const { unit, atMs } = source.next()
    tested.uplink.frame(unit, atMs)
    if (dice.chance(0.1)) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  tested.uplink.end()
}

/** Every fragment arrived complete and in order, or was reported as dropped; all data was valid. */
function breachesIn(standIn: AwsServer, tested: TestedUplink): string[] {
  const stored = standIn.video.stream('front').fragments
  const arrived = new Map(stored.map((one) => [one.producerMs, one]))
  const dropped = new Set(tested.dropped().map((one) => one.timecodeMs))
  const wanted = fragmentTimes(startMs, fragmentsPerTrial * framesPerGroup)
  const { fragments, memoryBytes, diskBytes } = tested.uplink.figures()
  const lost = wanted.filter((time) => !arrived.has(time) && !dropped.has(time))
  const cut = stored.filter((one) => one.blocks.length !== framesPerGroup)
  const backwards = standIn.video.puts.filter(({ persistedMs }) =>
    persistedMs.some((time, at) => time <= (persistedMs[at - 1] ?? 0)),
  )
  const unrefused = tested.dropped().filter((one) => one.why !== 'refused')
  return [
    ...lost.map((time) => `The fragment at ${time - startMs} ms is lost.`),
    ...cut.map((one) => `The fragment at ${one.producerMs - startMs} ms arrived in part.`),
    ...backwards.map(() => 'Fragments were sent out of order.'),
    ...unrefused.map((one) => `A fragment was dropped that was not refused: ${one.why}.`),
    ...standIn.video.findings.map(({ what }) => `What was sent was not valid: ${what}`),
    ...(fragments + memoryBytes + diskBytes > 0 ? ['Data is left at the end.'] : []),
    ...(stored.length === 0 ? ['Nothing arrived at all.'] : []),
  ]
}

async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const endsAtMs = performance.now() + withinMs
  while (performance.now() < endsAtMs) {
    if (holds()) return true
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return holds()
}
