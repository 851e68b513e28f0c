/** Starts the real program behind `npm start` on free ports. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import * as z from 'zod/mini'
import { type CodeAnswer, codeAnswerSchema } from '../../protocol/keypad-api.ts'
import {
  type ApiState,
  apiStateSchema,
  type TimelineEntry,
  timelineEntrySchema,
} from '../../simulation/control-room/state.ts'
import { freePort } from '../../simulation/door/free-port.ts'

/** Far more than it takes, for a busy machine. */
const readyWithinMs = 200_000

const program = fileURLToPath(new URL('../../simulation/start.ts', import.meta.url))

export interface StartedSimulation {
  readonly url: string
  readonly keypadUrl: string
  readonly pid: number
  /** Its output, line by line. */
  readonly printed: readonly string[]
  state(): Promise<ApiState>
  timeline(): Promise<readonly TimelineEntry[]>
  post(path: string, body?: object): Promise<Response>
  /** Types a code at the keypad. */
  enter(code: string): Promise<CodeAnswer>
  /** Settles with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

export interface StartOptions {
  /** The PATH of the program. */
  readonly path?: string
  /** Off by default, because most tests do not need them. */
  readonly recordings?: boolean
}

export async function startSimulation(
  args: readonly string[] = [],
  { path, recordings = false }: StartOptions = {},
): Promise<StartedSimulation> {
  const port = args.includes('--port') ? [] : ['--port', String(await freePort(0))]
  const given = [program, ...port, ...(recordings ? [] : ['--no-recording']), ...args]
  const child = spawn(process.execPath, given, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(path !== undefined && { PATH: path }) },
  })
  const printed: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => printed.push(line))
  }
  const urlAfter = (label: string) =>
    printed.find((line) => line.startsWith(label))?.match(/http:\S+/)?.[0] ?? ''
  const state = async () => {
    const response = await fetch(`${urlAfter('Control room')}/api/state`)
    return apiStateSchema.parse(await response.json())
  }
  await vi
    .waitFor(
      async () => {
        if (!printed.some((line) => line.startsWith('Ready')))
          throw new Error(`not ready: ${printed.join('\n')}`)
        if (!(await state()).door.online) throw new Error('offline')
      },
      { timeout: readyWithinMs },
    )
    .catch(async (error) => {
      await endOf(child, 'SIGINT')
      throw error
    })
  const url = urlAfter('Control room')
  const keypadUrl = urlAfter('Keypad page')
  return {
    url,
    keypadUrl,
    pid: child.pid ?? 0,
    printed,
    state,
    async timeline() {
      const response = await fetch(`${url}/api/timeline`)
      return z.parse(z.array(timelineEntrySchema), await response.json())
    },
    post: (path, body = {}) => postJson(`${url}/api/${path}`, body),
    async enter(code) {
      const response = await postJson(`${keypadUrl}/api/code`, { code })
      return codeAnswerSchema.parse(await response.json())
    },
    end: (signal = 'SIGINT') => endOf(child, signal),
  }
}

const postJson = (url: string, body: object): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal)
    await once(child, 'close')
  }
  return child.exitCode
}

/** From /proc; the daemon is the only lasting child. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
