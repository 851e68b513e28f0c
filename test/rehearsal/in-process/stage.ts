/**
 * The rehearsal in this process: the product's own functions from source, without the CDK, a browser
 * with a screen, or a daemon. Time passes as fast as it is wanted.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { wire } from '../../../cloud/aws/wiring.ts'
import { main } from '../../../cloud/cli/main.ts'
import type { CloudContext } from '../../../cloud/ports.ts'
import type { Template } from '../../../simulation/aws/cloudformation/template.ts'
import type { Environment, LambdaOptions } from '../../../simulation/aws/lambda/lambda.ts'
import { startFunction } from '../../../simulation/cloud/functions.ts'
import type { TestCa } from '../../support/network/test-ca.ts'
import { root } from '../../support/project-files.ts'
import { openAccount } from '../account.ts'
import { wordsOf } from '../document.ts'
import { RehearsalFailed, type Stage } from '../stage.ts'
import { whileWorking } from '../working.ts'
import { deployTemplate, templateOf } from './deploy.ts'
import { type LocalDoor, localDoor } from './door.ts'
import { formBrowser } from './form-browser.ts'
import { captured } from './output.ts'

export interface InProcessOptions {
  /** Shared by rehearsals, as certificates take openssl. */
  readonly ca: TestCa
  /** Plants mistakes in what is deployed. */
  readonly change?: (template: Template) => void
  say(sentence: string): void
}

export async function inProcessStage(options: InProcessOptions): Promise<Stage> {
  const { ca, say, change = () => {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-rehearsal-'))
  const settings = join(folder, 'cdk.json')
  writeFileSync(settings, readFileSync(join(root, 'cdk.json')))
  let aheadMs = 0
  const nowMs = () => Date.now() + aheadMs
  const doors: LocalDoor[] = []
  const functions = { areBroken: false, logged: [] as string[] }
  const account = await openAccount({
    ...{ ca, host: '127.0.0.1', nowMs, load: functionsFromSource(nowMs, functions) },
    toDoor(topic, payload) {
      for (const door of doors) door.receive(topic, payload)
    },
  })
  const restore = useEnvironment(account.environment)
  const pass = async (ms: number) => {
    aheadMs += ms
    await account.deployment().work()
  }
  const settle = async () => {
    const untilMs = nowMs() + soonMs
    await pass(0)
    for (;;) {
      const dueMs = account.deployment().nextDueMs()
      if (dueMs === null || dueMs > untilMs) return
      await pass(Math.max(0, dueMs - nowMs()))
    }
  }
  const deploy = async () =>
    deployTemplate(account.aws, await templateOf(doorsIn(settings), change))
  return {
    ...{
      aws: account.aws,
      origin: account.gateway.origin,
      deployment: account.deployment,
      say,
      nowMs,
    },
    choose: (chosen) => choose(settings, chosen),
    run: (line) =>
      line === 'npm run deploy' ? deploy() : whileWorking(account, runCloud(line, settings)),
    newBrowser: async () => formBrowser(account.gateway.origin),
    async newDoor(doorId) {
      const door = localDoor({ doorId, folder, ca, account, nowMs, settle })
      doors.push(door)
      return door
    },
    settle,
    lab: {
      pass,
      async withBrokenFunctions(work) {
        functions.areBroken = true
        await work().finally(() => {
          functions.areBroken = false
        })
      },
    },
    troubles: () => [...account.troubles(), ...functions.logged],
    async close() {
      restore()
      await account.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Longer than the cloud waits for a door. */
const soonMs = 15_000

// ---------------------------------------------------------------- the owner's computer

/** `npm run cloud -- …`, with the settings of this rehearsal. */
async function runCloud(line: string, settings: string): Promise<string> {
  const [, , , , ...args] = wordsOf(line)
  if (!line.startsWith('npm run cloud -- ')) throw new Error(`Not known here: ${line}`)
  const more = { check: ['--patience', '3'], door: [] }[args[0] ?? '']
  const { io, text } = captured()
  const code = await main([...args, ...(more ? [...more, '--settings', settings] : [])], io)
  if (code === 0) return text()
  const lines = text().trim().split('\n')
  const wrong = lines.filter((one) => one.startsWith('✗'))
  throw new RehearsalFailed(
    `It ended with ${code}: ${(wrong.length > 0 ? wrong : lines).join(' ')}`,
  )
}

const settingsFile = z.looseObject({ context: z.looseObject({ doors: z.array(z.string()) }) })
const readSettings = (file: string) => z.parse(settingsFile, JSON.parse(readFileSync(file, 'utf8')))

const doorsIn = (file: string): readonly string[] => readSettings(file).context.doors

function choose(file: string, chosen: Readonly<Record<string, string>>): void {
  const { context, ...more } = readSettings(file)
  writeFileSync(file, JSON.stringify({ ...more, context: { ...context, ...chosen } }, null, 2))
}

/** The commands read them, as in a shell. Returns how to undo it. */
function useEnvironment(environment: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env }
  Object.assign(process.env, environment)
  return () => {
    for (const name of Object.keys(environment)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

// ---------------------------------------------------------------- the functions

interface Functions {
  areBroken: boolean
  readonly logged: string[]
}

function functionsFromSource(nowMs: () => number, functions: Functions): LambdaOptions['load'] {
  const clock = { nowMs }
  return async (name, environment) => {
    const log = {
      info() {},
      warn() {},
      error: (data: object, text: string) =>
        void functions.logged.push(`${name}/Function logged: ${text} ${reasonIn(data)}`),
    }
    const handle = await startFunction(name, environment, {
      basics: { clock, log },
      around: (deps) => ({ ...deps, ...signIns(deps, environment, clock) }),
    })
    return async (event) => {
      if (functions.areBroken) throw new Error('This release is broken.')
      return handle(event)
    }
  }
}

/** Tokens are checked by the time of the simulated AWS. */
const signIns = (
  deps: Partial<CloudContext>,
  environment: Environment,
  clock: CloudContext['clock'],
) => 'signIns' in deps && { signIns: wire(['signIns'], environment, { clock }).signIns }

const reasonIn = (data: object): string => ('error' in data ? String(data.error) : '')
