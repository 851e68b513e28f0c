/**
 * Keeps a real daemon running as a process of its own: starts it again when it dies, pulls its
 * plug when asked to, and remembers its last words.
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
  readonly lastWords: readonly string[]
  /** It had never been ready: then its last words are an explanation for people. */
  readonly atStart: boolean
  /** Not so when its config file is wrong: it would only die again. */
  readonly willRestart: boolean
}

interface DoorEvents {
  ready: [keypadUrl: string]
  died: [Death]
  /** It has something to say that a person should see. */
  warning: [text: string]
}

export interface DoorProcess {
  readonly events: EventEmitter<DoorEvents>
  pid(): number | undefined
  /** Ends it without a goodbye and starts it again, as when the mains fail for a moment. */
  powerCut(): void
  /** Time passes for the door, or its clock on the wall jumps. Settles when it has felt it. */
  steer(steering: Omit<Steering, 'n'>): Promise<void>
  /** In good order if it can, by force if it takes too long. */
  stop(): Promise<void>
  /** For a program that is ending right now and can't wait. */
  kill(): void
}

const launcher = fileURLToPath(new URL('../../scripts/smart-door', import.meta.url))
const steerableClock = new URL('clock.ts', import.meta.url).href
const restartAfterMs = 1_000
const stopWithinMs = 4_000
const wordsRemembered = 20
const worthShowing = ['warn', 'error', 'fatal']

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
  let wanted = true
  let wasReady = false
  let plugPulled = false
  let restart: NodeJS.Timeout | undefined
  let child = start()

  function start(): ChildProcess {
    plugPulled = false
    const lastWords: string[] = []
    const fresh = spawnDoor(configFile, wallAheadMs)
    const hear = (line: string) => {
      lastWords.push(line)
      if (lastWords.length > wordsRemembered) lastWords.shift()
      const { success, data } = z.safeParse(logLineSchema, fromJson(line))
      if (!success) return
      if (data.msg === 'keypad ready' && data.url) {
        wasReady = true
        events.emit('ready', data.url)
      }
      if (worthShowing.includes(data.level)) events.emit('warning', data.msg)
    }
    for (const input of [fresh.stdout, fresh.stderr]) {
      if (input) createInterface({ input }).on('line', hear)
    }
    fresh.stdin?.on('error', () => {}) // It has ended, which 'close' says.
    fresh.on('message', (message) => {
      const { success, data } = z.safeParse(steeredSchema, message)
      if (success) steered.emit(String(data.steered))
    })
    fresh.once('error', (error) => lastWords.push(error.message))
    fresh.once('close', (code, signal) => {
      // Whatever it was still to feel, the next one starts with.
      for (const name of steered.eventNames()) if (name !== 'error') steered.emit(name)
      if (!wanted) return
      if (plugPulled) child = start()
      else diedByItself(code, howItEnded(code, signal), lastWords)
    })
    return fresh
  }

  function diedByItself(code: number | null, how: string, lastWords: readonly string[]): void {
    const willRestart = code !== configExitCode && wasReady
    events.emit('died', { how, lastWords, atStart: !wasReady, willRestart })
    if (willRestart) restart = setTimeout(() => (child = start()), restartAfterMs)
  }

  return {
    events,
    pid: () => child.pid,
    powerCut() {
      plugPulled = child.kill('SIGKILL')
    },
    async steer(steering) {
      wallAheadMs += (steering.skipMs ?? 0) + (steering.wallMs ?? 0)
      if (isOver(child) || !child.connected) return
      steerings += 1
      const felt = once(steered, String(steerings))
      // A pipe that broke a moment ago: the process has ended, and the next one starts right.
      child.send({ n: steerings, ...steering }, () => {})
      await felt
    },
    async stop() {
      wanted = false
      clearTimeout(restart)
      if (isOver(child)) return
      const force = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      child.kill('SIGTERM')
      await once(child, 'close')
      clearTimeout(force)
    },
    kill() {
      wanted = false
      child.kill('SIGKILL')
    },
  }
}

function spawnDoor(configFile: string, aheadMs: number): ChildProcess {
  const ours = `--import=${steerableClock}`
  return spawn(launcher, ['run', '--until-stdin-ends', '--config', configFile], {
    // Its input ends with this process, however that ends. The fourth carries what its clocks do.
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      NODE_OPTIONS: [process.env['NODE_OPTIONS'], ours].filter(Boolean).join(' '),
      [startOffsetVariable]: String(aheadMs),
    },
    // A group of its own: Ctrl-C in a terminal goes to the whole group of what was started
    // there, and the daemon would hear it twice.
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
