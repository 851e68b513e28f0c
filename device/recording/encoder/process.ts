/** One encoder process: JPEG in, H.264 access units out. */
import { spawn } from 'node:child_process'
import type { Cancel, Clock } from '../../daemon/ports.ts'
import { type AccessUnit, accessUnitSplitter } from '../core/access-units.ts'
import type { EncoderLoss } from '../ports.ts'

export interface EncoderLimits {
  /** Frames go in and none comes out: from a program that starts, and from one that has worked. */
  readonly firstUnitMs: number
  readonly stuckMs: number
  readonly firstRestMs: number
  readonly longestRestMs: number
  /** A process that ran for so long resets the growing rest. */
  readonly provenMs: number
  readonly garbageBytes: number
}

interface ProcessListener {
  started(): void
  unit(unit: AccessUnit, atMs: number): void
  lost(why: EncoderLoss, framesLost: number, livedMs: number): void
}

/** The input has ended, and for so long nothing more has come out. */
const finishWithinMs = 1_000
/** An encoder that holds back more is about to be replaced. */
const mostFramesInside = 1_000

/** Its start tells ffmpeg that the picture before is complete; otherwise it would wait for the next. */
const emptyPicture = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)

export class EncoderProcess {
  readonly #child
  readonly #clock: Clock
  readonly #limits: EncoderLimits
  readonly #listener: ProcessListener
  readonly #units = accessUnitSplitter()
  /** When the frames inside were taken: they come out in the order in which they went in. */
  readonly #times: number[] = []
  readonly #startedAtMs: number
  readonly #gone = Promise.withResolvers<void>()
  #why: EncoderLoss = 'ended'
  #cancelStuck: Cancel | null = null
  #isFull = false
  #isOver = false
  #inputEnded = false
  #hasProduced = false

  constructor(
    command: readonly [program: string, ...args: string[]],
    clock: Clock,
    limits: EncoderLimits,
    listener: ProcessListener,
  ) {
    const [program, ...args] = command
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child = child
    this.#clock = clock
    this.#limits = limits
    this.#listener = listener
    this.#startedAtMs = clock.monotonicMs()
    child.once('spawn', () => listener.started())
    child.stdin.on('error', () => {})
    child.stdin.on('drain', () => {
      this.#isFull = false
    })
    child.stdout.on('data', (bytes: Buffer) => {
      this.#deliver(this.#units.push(bytes))
      if (this.#units.strayBytes() >= limits.garbageBytes) this.#kill('garbage')
    })
    child.stdout.once('end', () => this.#deliver(this.#units.end()))
    child.once('error', () => {
      this.#why = 'absent'
      this.#over()
    })
    child.once('close', () => this.#over())
  }

  /** False when it cannot take the frame now. */
  frame(jpeg: Uint8Array, atMs: number): boolean {
    if (this.#isFull || this.#isOver) return false
    this.#child.stdin.write(jpeg)
    this.#isFull = !this.#child.stdin.write(emptyPicture)
    this.#times.push(atMs)
    if (this.#times.length > mostFramesInside) this.#times.shift()
    if (this.#isOverdue()) this.#cancelStuck ??= this.#expectOutput()
    return true
  }

  /** Ends the input and waits for as long as something still comes out. */
  async finish(): Promise<void> {
    this.#inputEnded = true
    this.#child.stdin.end()
    this.#cancelStuck?.()
    this.#cancelStuck = this.#expectOutput()
    await this.#gone.promise
  }

  #deliver(units: readonly AccessUnit[]): void {
    for (const unit of units) {
      this.#hasProduced = true
      this.#cancelStuck?.()
      const atMs = this.#times.shift() ?? this.#clock.wallMs()
      this.#cancelStuck = this.#isOverdue() || this.#inputEnded ? this.#expectOutput() : null
      this.#listener.unit(unit, atMs)
    }
  }

  /** The last frame comes out only with the next one, and a camera may pause. */
  #isOverdue(): boolean {
    return this.#times.length > 1
  }

  #expectOutput(): Cancel {
    return this.#clock.after(this.#outputWithinMs(), () => this.#kill('stuck'))
  }

  #outputWithinMs(): number {
    const { firstUnitMs, stuckMs } = this.#limits
    if (this.#hasProduced) return this.#inputEnded ? finishWithinMs : stuckMs
    return this.#inputEnded ? stuckMs : firstUnitMs
  }

  #kill(why: EncoderLoss): void {
    this.#why = why
    this.#child.kill('SIGKILL')
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelStuck?.()
    this.#gone.resolve()
    const livedMs = this.#clock.monotonicMs() - this.#startedAtMs
    this.#listener.lost(this.#why, this.#times.length, livedMs)
  }
}
