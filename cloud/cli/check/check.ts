/** `check`: everything that AWS would otherwise say too late, or never. */
import type { Io } from '../../../terminal/command-line.ts'
import { readSettings } from '../../infra/settings.ts'
import { failureOf } from '../failures.ts'
import { readContext } from '../settings-file.ts'
import {
  checkConcurrency,
  checkCredentials,
  checkMail,
  checkPages,
  checkRegion,
  checkTexts,
} from './account.ts'
import { checkDeployment } from './deployed.ts'
import { type Finding, problem } from './finding.ts'

const marks = { good: '✓', note: '!', problem: '✗' } as const

export async function check(settingsPath: string, { stdout }: Io): Promise<number> {
  const settings = readSettings(readContext(settingsPath))
  let problems = 0
  const show = (findings: readonly Finding[]) => {
    for (const { state, sentence, advice } of findings) {
      stdout.write(`${marks[state]} ${sentence}\n${advice === undefined ? '' : `    ${advice}\n`}`)
      if (state === 'problem') problems += 1
    }
  }
  // Without credentials every other check would say the same.
  const credentials = await findingsOf('The sign-in to AWS', checkCredentials)
  show(credentials)
  if (problems > 0) return 1
  show(await findingsOf('The region', checkRegion))
  show(await findingsOf('The concurrency of functions', () => checkConcurrency(settings)))
  show(await findingsOf('Mail', () => checkMail(settings)))
  show(await findingsOf('Texts', () => checkTexts(settings)))
  show(await findingsOf('CloudFront', checkPages))
  show(await findingsOf('The deployment', checkDeployment))
  return problems > 0 ? 1 : 0
}

/** A check that fails is a finding, so that the others are made too. */
async function findingsOf(
  what: string,
  look: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    const found = await look()
    return 'state' in found ? [found] : found
  } catch (error) {
    const { text } = failureOf(error) ?? { text: `${error}\nRun it again.` }
    const [reason, ...advice] = text.split('\n')
    return [problem(`${what} could not be checked. ${reason}`, advice.join(' '))]
  }
}
