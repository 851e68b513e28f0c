/**
 * Runs the program that gives a camera's pictures. One that ends, hangs or produces garbage is
 * replaced, at first at once, then after growing rests, and the trouble is reported.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { CameraTrouble, Cancel, Clock, Log } from '../../daemon/ports.ts'

interface CameraProgramDeps {
  readonly clock: Clock
  readonly log: Log
  readonly program: string
  readonly args: readonly string[]
  /** Outputs besides the usual two, from number 3 on. */
  readonly moreOutputs?: number
  readonly hasInput?: boolean
  /** Attaches to the outputs of a new process. */
  connect(child: ChildProcess, run: ProgramRun): void
  /** What the program's last complaint means; null when it is unknown. */
  troubleIn(complaint: string): CameraTrouble | null
  report(trouble: CameraTrouble): void
  readonly limits?: Partial<ProgramLimits>
}

/** For the driver, to say how a process is doing. */
export interface ProgramRun {
  /** It gave a picture. */
  works(): void
  /** It must be replaced. */
  condemn(trouble: CameraTrouble): void
}

export interface ProgramLimits {
  /** A network camera shows its first picture late. */
  readonly firstPictureMs: number
  readonly stuckMs: number
  readonly firstRestMs: number
  readonly longestRestMs: number
  /** A process that worked for so long resets the growing rest. */
  readonly provenMs: number
}

const usualLimits: ProgramLimits = {
  firstPictureMs: 8_000,
  stuckMs: 5_000,
  firstRestMs: 500,
  longestRestMs: 30_000,
  provenMs: 30_000,
}

/** If this process itself was paused, there may be pictures that were not read yet. */
const lastLookMs = 200
const lastOutputMs = 100
const longestComplaint = 4_096

/** One process. */
interface Run {
  readonly child: ChildProcess
  readonly startedAtMs: number
  readonly gone: PromiseWithResolvers<void>
  complaint: string
  hasWorked: boolean
  isOver: boolean
  condemnedFor: CameraTrouble | null
  cancelStuck: Cancel
}

export class CameraProgram {
  readonly #deps: CameraProgramDeps
  readonly #limits: ProgramLimits
  #run: Run | null = null
  #isWanted = false
  #failures = 0
  #cancelStart: Cancel = () => {}

  constructor(deps: CameraProgramDeps) {
    this.#deps = deps
    this.#limits = { ...usualLimits, ...deps.limits }
  }

  start(): void {
    this.#isWanted = true
    this.#failures = 0
    this.#spawn()
  }

  /** Replaces the process, if one runs. */
  restart(): void {
    if (this.#run) kill(this.#run.child)
  }

  async stop(): Promise<void> {
    this.#isWanted = false
    this.#cancelStart()
    const last = this.#run
    if (!last) return
    last.cancelStuck()
    kill(last.child)
    await last.gone.promise
  }

  #spawn(): void {
    const { program, args, clock, hasInput, moreOutputs = 0 } = this.#deps
    const stdio: ('ignore' | 'pipe')[] = [hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe']
    stdio.push(...Array<'pipe'>(moreOutputs).fill('pipe'))
    // A process group of its own, so that everything it starts ends with it.
    const child = spawn(program, args, { stdio, detached: true })
    const run: Run = {
      child,
      startedAtMs: clock.monotonicMs(),
      gone: Promise.withResolvers(),
      complaint: '',
      hasWorked: false,
      isOver: false,
      condemnedFor: null,
      cancelStuck: () => {},
    }
    this.#run = run
    this.#expectPicture(run, this.#limits.firstPictureMs)
    child.once('error', () => this.#over(run, 'unusable'))
    child.once('close', () => this.#over(run, null))
    // Another process may keep its outputs open.
    child.once('exit', () => clock.after(lastOutputMs, () => this.#over(run, null)))
    child.stderr?.on('data', (text: Buffer) => {
      run.complaint = (run.complaint + text.toString('latin1')).slice(-longestComplaint)
    })
    this.#deps.connect(child, {
      works: () => {
        run.hasWorked = true
        this.#expectPicture(run, this.#limits.stuckMs)
      },
      condemn: (trouble) => condemn(run, trouble),
    })
  }

  #expectPicture(run: Run, withinMs: number): void {
    const { clock } = this.#deps
    run.cancelStuck()
    run.cancelStuck = clock.after(withinMs, () => {
      run.cancelStuck = clock.after(lastLookMs, () => condemn(run, 'silent'))
    })
  }

  #over(run: Run, trouble: CameraTrouble | null): void {
    if (run.isOver) return
    run.isOver = true
    kill(run.child)
    run.gone.resolve()
    run.cancelStuck()
    if (this.#run === run) this.#run = null
    if (this.#isWanted) this.#replace(run, trouble)
  }

  #replace(run: Run, absent: CameraTrouble | null): void {
    const { clock, log, troubleIn, report } = this.#deps
    const { provenMs, firstRestMs, longestRestMs } = this.#limits
    const isProven = run.hasWorked && clock.monotonicMs() - run.startedAtMs >= provenMs
    this.#failures = isProven ? 1 : this.#failures + 1
    const backInMs = Math.min(longestRestMs, firstRestMs * 2 ** (this.#failures - 1))
    this.#cancelStart = clock.after(backInMs, () => this.#spawn())
    const trouble = absent ?? run.condemnedFor ?? troubleIn(run.complaint)
    log.warn({ trouble, backInMs }, 'camera program ended')
    // The first end of a program that worked, without a known reason, is not reported.
    if (trouble !== null || this.#failures > 1 || !run.hasWorked) report(trouble ?? 'silent')
  }
}

function condemn(run: Run, trouble: CameraTrouble): void {
  run.condemnedFor ??= trouble
  kill(run.child)
}

/** Kills the process group, with the only signal that reaches stopped processes. */
function kill(child: ChildProcess): void {
  for (const stream of child.stdio) stream?.destroy()
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The whole group has already ended.
  }
}
