/**
 * Keeps the program alive that a camera's pictures come from: one that ends, is stuck or talks
 * nonsense is replaced, at first at once, then with growing rests. What a camera looks like never
 * matters to the rest of the door, only that there are pictures or a word about why there are none.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { CameraTrouble, Cancel, Clock, Log } from '../../daemon/ports.ts'

export interface ChildCameraDeps {
  readonly clock: Clock
  readonly log: Log
  readonly program: string
  readonly args: readonly string[]
  /** Outputs beside the usual two, from number 3 on. */
  readonly moreOutputs?: number
  /** Whether it has an input. */
  readonly isFed?: boolean
  /** Listens to the outputs of one life of the program. */
  connect(child: ChildProcess, life: ChildLife): void
  /** What the program's last complaint means; null when that is no known trouble. */
  troubleIn(complaint: string): CameraTrouble | null
  tell(trouble: CameraTrouble): void
  readonly limits?: Partial<ChildLimits>
}

/** What is told about a program while it runs. */
export interface ChildLife {
  /** It gave a picture, so it works. */
  works(): void
  /** It must be replaced. */
  condemn(trouble: CameraTrouble): void
}

export interface ChildLimits {
  /** A camera over the network shows its first picture late. */
  readonly firstPictureMs: number
  readonly stuckMs: number
  readonly firstRestMs: number
  readonly longestRestMs: number
  /** Having worked for so long, a program is not blamed for its predecessors. */
  readonly provenMs: number
}

export const childLimits: ChildLimits = {
  firstPictureMs: 8_000,
  stuckMs: 5_000,
  firstRestMs: 500,
  longestRestMs: 30_000,
  provenMs: 30_000,
}

/** Behind a pause of this process itself there may be pictures that were not read yet. */
const lastLookMs = 200
const lastWordsMs = 100
const longestComplaint = 4_096

export interface KeptChild {
  start(): void
  /** Replaces the program, if one runs. */
  restart(): void
  stop(): Promise<void>
  pid(): number | null
}

interface Life {
  readonly child: ChildProcess
  readonly startedAtMs: number
  readonly gone: Promise<void>
  complaint: string
  worked: boolean
  condemned: CameraTrouble | null
  cancelStuck: Cancel
}

export function keptChild(deps: ChildCameraDeps): KeptChild {
  const { clock, log } = deps
  const limits: ChildLimits = { ...childLimits, ...deps.limits }
  let life: Life | null = null
  let wanted = false
  let failures = 0
  let cancelStart: Cancel = () => {}

  function begin(): void {
    // A group of its own, so that whatever it starts ends with it.
    const child = spawn(deps.program, deps.args, { stdio: stdioFor(deps), detached: true })
    const { promise: gone, resolve: isGone } = Promise.withResolvers<void>()
    const mine: Life = {
      ...{ child, gone, complaint: '', worked: false, condemned: null, cancelStuck: () => {} },
      startedAtMs: clock.monotonicMs(),
    }
    life = mine
    expectPicture(mine, limits.firstPictureMs)
    let isOver = false
    const over = (trouble: CameraTrouble | null) => {
      if (isOver) return
      isOver = true
      kill(child)
      isGone()
      ended(mine, trouble)
    }
    child.once('error', () => over('unusable'))
    child.once('close', () => over(null))
    // Its outputs may stay open in the hands of somebody else.
    child.once('exit', () => clock.after(lastWordsMs, () => over(null)))
    child.stderr?.on('data', (said: Buffer) => {
      mine.complaint = (mine.complaint + said.toString('latin1')).slice(-longestComplaint)
    })
    deps.connect(child, {
      works() {
        mine.worked = true
        expectPicture(mine, limits.stuckMs)
      },
      condemn: (trouble) => condemn(mine, trouble),
    })
  }

  function expectPicture(mine: Life, withinMs: number): void {
    mine.cancelStuck()
    mine.cancelStuck = clock.after(withinMs, () => {
      mine.cancelStuck = clock.after(lastLookMs, () => condemn(mine, 'silent'))
    })
  }

  function condemn(mine: Life, trouble: CameraTrouble): void {
    mine.condemned ??= trouble
    kill(mine.child)
  }

  function ended(mine: Life, absent: CameraTrouble | null): void {
    mine.cancelStuck()
    if (life === mine) life = null
    if (!wanted) return
    const proven = mine.worked && clock.monotonicMs() - mine.startedAtMs >= limits.provenMs
    failures = proven ? 1 : failures + 1
    const restMs = Math.min(limits.longestRestMs, limits.firstRestMs * 2 ** (failures - 1))
    cancelStart = clock.after(restMs, begin)
    const known = absent ?? mine.condemned ?? deps.troubleIn(mine.complaint)
    log.warn({ trouble: known, backInMs: restMs }, 'camera program ended')
    // One that showed pictures and is back in a moment is nobody's trouble.
    if (known !== null || failures > 1 || !mine.worked) deps.tell(known ?? 'silent')
  }

  return {
    start() {
      wanted = true
      failures = 0
      begin()
    },
    restart() {
      if (life) kill(life.child)
    },
    async stop() {
      wanted = false
      cancelStart()
      const last = life
      last?.cancelStuck()
      if (last) kill(last.child)
      await last?.gone
    },
    pid: () => life?.child.pid ?? null,
  }
}

/** With all that it started; a stopped process hears no other signal. Nothing of it is read on. */
function kill(child: ChildProcess): void {
  for (const end of child.stdio) end?.destroy()
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended, and so has all of its group.
  }
}

const stdioFor = ({ isFed, moreOutputs = 0 }: ChildCameraDeps): ('ignore' | 'pipe')[] => [
  isFed ? 'pipe' : 'ignore',
  'pipe',
  'pipe',
  ...Array<'pipe'>(moreOutputs).fill('pipe'),
]
