/**
 * Keeps a real daemon running as a process of its own: starts it again when it dies, pulls its
 * plug when asked to, and remembers its last words.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { configExitCode } from '../device/config.ts'

export interface Death {
  /** How it ended, in words. */
  readonly how: string
  readonly lastWords: readonly string[]
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
  /** In good order if it can, by force if it takes too long. */
  stop(): Promise<void>
  /** For a program that is ending right now and can't wait. */
  kill(): void
}

const launcher = fileURLToPath(new URL('../scripts/smart-door', import.meta.url))
const restartAfterMs = 1_000
const stopWithinMs = 4_000
const wordsRemembered = 20
const worthShowing = ['warn', 'error', 'fatal']

const logLineSchema = z.looseObject({
  level: z.string(),
  msg: z.string(),
  url: z.optional(z.string()),
})

export function startDoorProcess(configFile: string): DoorProcess {
  const events = new EventEmitter<DoorEvents>()
  let wanted = true
  let plugPulled = false
  let restart: NodeJS.Timeout | undefined
  let child = start()

  function start(): ChildProcess {
    plugPulled = false
    const lastWords: string[] = []
    const fresh = spawn(launcher, ['run', '--config', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in a terminal goes to the whole group of what was started
      // there, and the daemon would hear it twice.
      detached: true,
    })
    const hear = (line: string) => {
      lastWords.push(line)
      if (lastWords.length > wordsRemembered) lastWords.shift()
      const { success, data } = z.safeParse(logLineSchema, fromJson(line))
      if (!success) return
      if (data.msg === 'keypad ready' && data.url) events.emit('ready', data.url)
      if (worthShowing.includes(data.level)) events.emit('warning', data.msg)
    }
    createInterface({ input: fresh.stdout }).on('line', hear)
    createInterface({ input: fresh.stderr }).on('line', hear)
    fresh.once('error', (error) => lastWords.push(error.message))
    fresh.once('close', (code, signal) => {
      if (!wanted) return
      if (plugPulled) child = start()
      else diedByItself(code, howItEnded(code, signal), lastWords)
    })
    return fresh
  }

  function diedByItself(code: number | null, how: string, lastWords: readonly string[]): void {
    const willRestart = code !== configExitCode
    events.emit('died', { how, lastWords, willRestart })
    if (willRestart) restart = setTimeout(() => (child = start()), restartAfterMs)
  }

  return {
    events,
    pid: () => child.pid,
    powerCut() {
      plugPulled = child.kill('SIGKILL')
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
