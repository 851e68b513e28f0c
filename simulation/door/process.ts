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

export interface DoorProcess {
  readonly events: EventEmitter<DoorEvents>
  pid(): number | undefined
  /** Kills it and starts it again, as a short power cut does. */
  powerCut(): void
  /** Skips time for the door, or sets its wall clock. Resolves when the door has applied it. */
  steer(steering: Omit<Steering, 'n'>): Promise<void>
  /** Asks it to stop, and kills it if that takes too long. */
  stop(): Promise<void>
  /** For a program that is ending and cannot wait. */
  kill(): void
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

export function startDoorProcess(configFile: string, aheadMs = 0): DoorProcess {
  const events = new EventEmitter<DoorEvents>()
  const steered = new EventEmitter()
  let wallAheadMs = aheadMs
  let steerings = 0
  let stopped = false
  let wasReady = false
  let powerWasCut = false
  let restart: NodeJS.Timeout | undefined
  let child = start()

  function start(): ChildProcess {
    powerWasCut = false
    const lastLines: string[] = []
    const fresh = spawnDoor(configFile, wallAheadMs)
    const read = (line: string) => {
      lastLines.push(line)
      if (lastLines.length > linesRemembered) lastLines.shift()
      const { success, data } = z.safeParse(logLineSchema, fromJson(line))
      if (!success) return
      if (data.msg === 'keypad ready' && data.url) {
        wasReady = true
        events.emit('ready', data.url)
      }
      if (shownLevels.includes(data.level)) events.emit('warning', data.msg)
    }
    for (const input of [fresh.stdout, fresh.stderr]) {
      if (input) createInterface({ input }).on('line', read)
    }
    fresh.stdin?.on('error', () => {}) // 'close' follows.
    fresh.on('message', (message) => {
      const { success, data } = z.safeParse(steeredSchema, message)
      if (success) steered.emit(String(data.steered))
    })
    fresh.once('error', (error) => lastLines.push(error.message))
    fresh.once('close', (code, signal) => {
      // What it had not applied yet is part of the next one's start.
      for (const name of steered.eventNames()) if (name !== 'error') steered.emit(name)
      if (stopped) return
      if (powerWasCut) child = start()
      else diedByItself(code, howItEnded(code, signal), lastLines)
    })
    return fresh
  }

  function diedByItself(code: number | null, how: string, lastLines: readonly string[]): void {
    const willRestart = code !== configExitCode && wasReady
    events.emit('died', { how, lastLines, atStart: !wasReady, willRestart })
    if (willRestart) restart = setTimeout(() => (child = start()), restartAfterMs)
  }

  return {
    events,
    pid: () => child.pid,
    powerCut() {
      powerWasCut = child.kill('SIGKILL')
    },
    async steer(steering) {
      wallAheadMs += (steering.skipMs ?? 0) + (steering.wallMs ?? 0)
      if (isOver(child) || !child.connected) return
      steerings += 1
      const applied = once(steered, String(steerings))
      // If the pipe broke, the process has ended, and the next one starts with the right time.
      child.send({ n: steerings, ...steering }, () => {})
      await applied
    },
    async stop() {
      stopped = true
      clearTimeout(restart)
      if (isOver(child)) return
      const force = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      child.kill('SIGTERM')
      await once(child, 'close')
      clearTimeout(force)
    },
    kill() {
      stopped = true
      child.kill('SIGKILL')
    },
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
