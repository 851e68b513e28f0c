/** The real daemon in a process of its own, with a simulated home around it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { type CodeAnswer, codeAnswerSchema } from '../../../protocol/keypad-api.ts'
import { type PlayedHome, startPlayedHome } from './played/played-home.ts'

const here = fileURLToPath(new URL('../../..', import.meta.url))
/** In egress-only mode there is no address if its port is taken. */
const readyLine = z.object({
  msg: z.string().check(z.regex(/^(keypad ready|egress-only mode: .*)$/)),
  url: z.nullable(z.string()),
})

export interface RunningDoor {
  readonly home: PlayedHome
  readonly folder: string
  readonly configPath: string
  readonly databasePath: string
  readonly doorKey: Buffer
  /** Of the daemon that runs now; changes with every `start`. */
  url(): string
  pid(): number
  /** Everything that any daemon of this door printed. */
  readonly output: string[]
  start(): Promise<void>
  /** Resolves with exit code or signal once the process is gone. */
  end(signal: NodeJS.Signals): Promise<number | string | null>
  enter(code: string): Promise<CodeAnswer>
  close(): Promise<void>
}

export interface RunningDoorOptions {
  /** Where the sources are that should run: a deliberately broken copy, for instance. */
  readonly sources?: string
  readonly config?: Readonly<Record<string, unknown>>
  /** After wrong codes; less than the shipped one where a test types many. */
  readonly longestWaitMs?: number
  readonly nodeFlags?: readonly string[]
  /** False to leave even the first start to the test. */
  readonly startNow?: boolean
  /** What lies between door and cloud: is told the cloud's port, and says which one to call. */
  readonly network?: (cloudPort: number) => Promise<number>
}

export async function runDoor(options: RunningDoorOptions = {}): Promise<RunningDoor> {
  const { sources = here, config = {}, nodeFlags = [], startNow = true, longestWaitMs } = options
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-test-'))
  const doorKey = randomBytes(32)
  const secret = randomBytes(16).toString('hex')
  const home = await startPlayedHome({ doorId: 'test-door', doorKey, secret })
  const linkPort = (await options.network?.(home.linkPort)) ?? home.linkPort
  const configPath = join(folder, 'config.json')
  const doorKeyFile = join(folder, 'door-key')
  writeFileSync(doorKeyFile, doorKey.toString('hex'), { mode: 0o600 })
  writeFileSync(
    configPath,
    JSON.stringify({
      doorId: 'test-door',
      doorName: 'Test door',
      dataDir: join(folder, 'data'),
      doorKeyFile,
      hardware: 'simulated',
      link: 'simulated',
      clock: 'host',
      simulator: { hardwarePort: home.hardwarePort, linkPort, secret, longestWaitMs },
      keypad: { port: 0 },
      ...config,
    }),
  )
  const output: string[] = []
  let child: ChildProcess | null = null
  let url = ''

  async function start(): Promise<void> {
    const program = join(sources, 'device/cli/smart-door.ts')
    const started = spawn(
      process.execPath,
      [...nodeFlags, program, 'run', '--config', configPath],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, STATE_DIRECTORY: join(folder, 'data') },
      },
    )
    child = started
    url = await new Promise<string>((ready, failed) => {
      for (const input of [started.stdout, started.stderr]) {
        createInterface({ input }).on('line', (line) => {
          output.push(line)
          const found = urlIn(line)
          if (found !== null) ready(found)
        })
      }
      started.once('close', (code) =>
        failed(new Error(`the daemon ended (${code}): ${output.slice(-5).join('\n')}`)),
      )
    })
  }

  async function end(signal: NodeJS.Signals): Promise<number | string | null> {
    const ending = child
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return null
    ending.kill(signal)
    await once(ending, 'close')
    return ending.exitCode ?? ending.signalCode
  }

  if (startNow) await start()
  return {
    home,
    folder,
    configPath,
    databasePath: join(folder, 'data', 'door.sqlite'),
    doorKey,
    url: () => url,
    pid: () => child?.pid ?? 0,
    output,
    start,
    end,
    async enter(code) {
      const response = await fetch(`${url}/api/code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      })
      return codeAnswerSchema.parse(await response.json())
    },
    async close() {
      await end('SIGKILL')
      await home.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function urlIn(line: string): string | null {
  try {
    const { success, data } = z.safeParse(readyLine, JSON.parse(line))
    return success ? (data.url ?? '') : null
  } catch {
    return null
  }
}
