/**
 * Runs the real daemon as a process: restarts it when it dies, cuts its power on request, and
 * remembers the last lines of its output.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { configExitCode } from '../../device/config/config.ts'
import { type Steering, startOffsetVariable, steeredSchema } from './clock.ts'

export interface Death {
  /** How it ended, in words. */
  readonly how: string
  readonly lastLines: readonly string[]
  /** It had never been ready; then its last lines explain why. */
  readonly atStart: boolean
  /** False if its config file is wrong: it would only die again. */
  readonly willRestart: boolean
}

interface DoorEvents {
  ready: [keypadUrl: string]
  died: [Death]
  /** A log entry that a person should see. */
  warning: [text: string]
}

const launcher = fileURLToPath(new URL('../../scripts/smart-door', import.meta.url))
const steerableClock = new URL('clock.ts', import.meta.url).href
const restartAfterMs = 1_000
const stopWithinMs = 4_000
const linesRemembered = 20
const shownLevels = ['warn', 'error', 'fatal']

const logLineSchema = z.looseObject({
  level: z.string(),
  msg: z.string(),
  url: z.optional(z.string()),
})

export class DoorProcess {
  readonly events = new EventEmitter<DoorEvents>()
  /** Emits the number of each steering that the door has applied. */
  readonly #applied = new EventEmitter()
  readonly #configFile: string
  #wallAheadMs: number
  #steerings = 0
  #isStopped = false
  #wasReady = false
  #isPowerCut = false
  #restart: NodeJS.Timeout | undefined
  #child: ChildProcess

  constructor(configFile: string, aheadMs = 0) {
    this.#configFile = configFile
    this.#wallAheadMs = aheadMs
    this.#child = this.#start()
  }

  pid = () => this.#child.pid

  /** Kills it and starts it again, as a short power cut does. */
  powerCut(): void {
    this.#isPowerCut = this.#child.kill('SIGKILL')
  }

  /** Skips time for the door, or sets its wall clock. Resolves when the door has applied it. */
  async steer(steering: Omit<Steering, 'n'>): Promise<void> {
    this.#wallAheadMs += (steering.skipMs ?? 0) + (steering.wallMs ?? 0)
    if (isOver(this.#child) || !this.#child.connected) return
    const n = ++this.#steerings
    const applied = once(this.#applied, String(n))
    // If the pipe broke, the process has ended, and the next one starts with the right time.
    this.#child.send({ n, ...steering }, () => {})
    await applied
  }

  /** Asks it to stop, and kills it if that takes too long. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#restart)
    if (isOver(this.#child)) return
    const force = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs)
    this.#child.kill('SIGTERM')
    await once(this.#child, 'close')
    clearTimeout(force)
  }

  /** For a program that is ending and cannot wait. */
  kill(): void {
    this.#isStopped = true
    this.#child.kill('SIGKILL')
  }

  #start(): ChildProcess {
    this.#isPowerCut = false
    const lastLines: string[] = []
    const child = spawnDoor(this.#configFile, this.#wallAheadMs)
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue
      createInterface({ input }).on('line', (line) => {
        lastLines.push(line)
        if (lastLines.length > linesRemembered) lastLines.shift()
        this.#read(line)
      })
    }
    child.stdin?.on('error', () => {}) // 'close' follows.
    child.on('message', (message) => {
      const { success, data } = z.safeParse(steeredSchema, message)
      if (success) this.#applied.emit(String(data.steered))
    })
    child.once('error', (error) => lastLines.push(error.message))
    child.once('close', (code, signal) => {
      // What it had not applied yet is part of the next one's start.
      for (const name of this.#applied.eventNames()) if (name !== 'error') this.#applied.emit(name)
      if (this.#isStopped) return
      if (this.#isPowerCut) this.#child = this.#start()
      else this.#diedByItself(code, howItEnded(code, signal), lastLines)
    })
    return child
  }

  #read(line: string): void {
    const { success, data } = z.safeParse(logLineSchema, fromJson(line))
    if (!success) return
    if (data.msg === 'keypad ready' && data.url) {
      this.#wasReady = true
      this.events.emit('ready', data.url)
    }
    if (shownLevels.includes(data.level)) this.events.emit('warning', data.msg)
  }

  #diedByItself(code: number | null, how: string, lastLines: readonly string[]): void {
    const willRestart = code !== configExitCode && this.#wasReady
    this.events.emit('died', { how, lastLines, atStart: !this.#wasReady, willRestart })
    if (!willRestart) return
    this.#restart = setTimeout(() => {
      this.#child = this.#start()
    }, restartAfterMs)
  }
}

function spawnDoor(configFile: string, aheadMs: number): ChildProcess {
  const option = `--import=${steerableClock}`
  return spawn(launcher, ['run', '--until-stdin-ends', '--config', configFile], {
    // Its input closes when this process ends, however it ends. The IPC pipe steers its clocks.
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      NODE_OPTIONS: [process.env['NODE_OPTIONS'], option].filter(Boolean).join(' '),
      [startOffsetVariable]: String(aheadMs),
    },
    // Its own process group: Ctrl-C goes to the terminal's whole group, so the daemon would get
    // the signal twice.
    detached: true,
  })
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

const howItEnded = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ? `was ended by ${signal}` : `ended with code ${code}`

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
