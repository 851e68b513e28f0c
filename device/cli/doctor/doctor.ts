/**
 * `smart-door doctor`: checks everything a door needs, and says of each problem what to do about it.
 * It changes nothing, and moves the lock only with `--blink`.
 */
import { existsSync } from 'node:fs'
import * as z from 'zod/mini'
import type { Io } from '../../../terminal/command-line.ts'
import { ConfigError, readConfig } from '../../config/config.ts'
import type { Config } from '../../config/settings.ts'
import { cameraFinding } from './camera.ts'
import { cloudChecks } from './cloud.ts'
import { type Check, type DaemonHealth, type Finding, ok, problem } from './finding.ts'
import { clockFinding, nodeFinding, systemFinding, updateFinding } from './host.ts'
import { lastingFinding } from './lasting.ts'
import { pinChecks } from './pins.ts'
import { sheetFinding } from './sheet.ts'
import { smsFinding } from './sms.ts'
import { storeChecks } from './store.ts'
import { tabletsFinding } from './tablets.ts'

const hostChecks = { node: nodeFinding, system: systemFinding }

const doorChecks: Readonly<Record<string, Check>> = {
  clock: clockFinding,
  ...storeChecks,
  'break-glass': sheetFinding,
  lasting: lastingFinding,
  ...pinChecks,
  camera: cameraFinding,
  ...cloudChecks,
  tablets: tabletsFinding,
  sms: smsFinding,
  update: updateFinding,
}

export interface DoctorOptions {
  readonly json: boolean
  readonly blink: boolean
}

/** 1 if there is an error, else 0. */
export async function doctor(path: string, options: DoctorOptions, io: Io): Promise<number> {
  const findings: Finding[] = []
  for await (const finding of findingsOf(path, options, io)) {
    findings.push(finding)
    // At once: some checks take seconds.
    if (!options.json) io.stdout.write(linesFor(finding))
  }
  io.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : summaryOf(findings))
  return countOf(findings, 'error') > 0 ? 1 : 0
}

async function* findingsOf(
  path: string,
  { blink, json }: DoctorOptions,
  io: Io,
): AsyncGenerator<Finding> {
  for (const [check, find] of Object.entries(hostChecks)) yield { check, ...find() }
  const config = readable(path)
  if (Array.isArray(config)) return yield* config
  yield { check: 'config', ...ok(`${path} is valid.`) }
  const daemon = await healthOf(config)
  const progress = progressOn(json ? null : io)
  for (const [check, find] of Object.entries(doorChecks)) {
    progress.show(check)
    const verdict = await find({ config, daemon, mayMoveLock: blink })
    progress.clear()
    if (verdict) yield { check, ...verdict }
  }
}

/** The name of the check at work, on a terminal only. */
function progressOn(io: Io | null) {
  const write = (text: string) => io?.stdout.isTTY && io.stdout.write(text)
  return { show: (check: string) => write(`        ${check} …`), clear: () => write('\r\x1b[K') }
}

function readable(path: string): Config | Finding[] {
  try {
    return readConfig(path)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const remedy = existsSync(path)
      ? `Fix it with: sudo nano ${path}`
      : `Make one: smart-door config example | sudo tee ${path}`
    return error.mistakes.map((mistake) => ({
      check: 'config',
      ...problem(`${path}: ${mistake}`, remedy),
    }))
  }
}

const healthSchema = z.object({
  ok: z.boolean(),
  problems: z.array(z.string()),
  doorId: z.optional(z.string()),
})
const answerWithinMs = 3_000

async function healthOf({ keypad: { host, port } }: Config): Promise<DaemonHealth | null> {
  try {
    const signal = AbortSignal.timeout(answerWithinMs)
    const response = await fetch(`http://${host}:${port}/healthz`, { signal })
    return healthSchema.parse(await response.json())
  } catch {
    return null
  }
}

// ---------------------------------------------------------------- in words

const marks = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' }

function linesFor({ check, level, sentence, remedy }: Finding): string {
  const indent = ' '.repeat(22)
  return `${marks[level]}  ${check.padEnd(11)}  ${sentence}\n${remedy ? `${indent}${remedy}\n` : ''}`
}

const countOf = (findings: readonly Finding[], level: Finding['level']): number =>
  findings.filter((finding) => finding.level === level).length

function summaryOf(findings: readonly Finding[]): string {
  const counted = (count: number, noun: string) =>
    count === 0 ? `no ${noun}s` : count === 1 ? `1 ${noun}` : `${count} ${noun}s`
  const [errors, warnings] = [countOf(findings, 'error'), countOf(findings, 'warning')]
  return `\nResult: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.\n`
}
