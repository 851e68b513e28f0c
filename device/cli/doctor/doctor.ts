/**
 * `smart-door doctor`: looks at everything that a door needs and says, one sentence each, what is
 * well, what could be better and what is wrong, with what to do about it. It changes nothing, and
 * moves the lock only when asked to with `--blink`.
 */
import { existsSync } from 'node:fs'
import { ConfigError, readConfig } from '../../config/config.ts'
import type { Config } from '../../config/settings.ts'
import { blinkRelay } from './blink.ts'
import { eyesFindings } from './camera.ts'
import { cloudFindings } from './cloud.ts'
import { type Finding, wrong } from './finding.ts'
import { hostFindings } from './host.ts'
import { pinFindings } from './pins.ts'
import { recordingFindings } from './recording.ts'
import { textsFindings } from './sms.ts'
import { storeFindings } from './store.ts'

export interface DoctorOptions {
  readonly json: boolean
  readonly blink: boolean
}

/** 0: all is well, or could be better. 1: something is wrong. */
export async function doctor(configPath: string, options: DoctorOptions): Promise<number> {
  const findings = await examine(configPath, options.blink)
  process.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : inWords(findings))
  return findings.some(({ level }) => level === 'wrong') ? 1 : 0
}

async function examine(configPath: string, blink: boolean): Promise<readonly Finding[]> {
  const config = configOrFindings(configPath)
  if (!('doorId' in config)) return [...hostFindings(null), ...config.findings]
  const checks: readonly (() => readonly Finding[] | Promise<readonly Finding[]>)[] = [
    () => hostFindings(config),
    () => storeFindings(config),
    () => pinFindings(config),
    () => (blink ? blinkRelay(config) : []),
    () => eyesFindings(config),
    () => cloudFindings(config),
    () => recordingFindings(config),
    () => textsFindings(config),
  ]
  const findings: Finding[] = [
    { check: 'config', level: 'well', sentence: `${configPath} is right.` },
  ]
  for (const check of checks) findings.push(...(await check()))
  return findings
}

function configOrFindings(path: string): Config | { readonly findings: readonly Finding[] } {
  try {
    return readConfig(path)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const remedy = existsSync(path)
      ? `Mend it with: sudo nano ${path}`
      : `Make one: smart-door config example | sudo tee ${path}`
    return {
      findings: error.mistakes.map((mistake) => wrong('config', `${path}: ${mistake}`, remedy)),
    }
  }
}

const marks = { well: 'well  ', better: 'better', wrong: 'WRONG ' } as const

function inWords(findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ check, level, sentence, remedy }) =>
      `${marks[level]}  ${check.padEnd(12)} ${sentence}${remedy ? `\n${' '.repeat(21)}${remedy}` : ''}\n`,
  )
  const count = findings.filter(({ level }) => level === 'wrong').length
  const sum = ['Nothing is wrong.', 'One thing is wrong.'][count] ?? `${count} things are wrong.`
  return `${lines.join('')}${sum}\n`
}
