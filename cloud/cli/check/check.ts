/** `check`: everything that AWS would otherwise say too late, or never. */
import { type Io, Misuse } from '../../../terminal/command-line.ts'
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
import { playVisit } from './played-visit.ts'

const marks = { good: '✓', note: '!', problem: '✗' } as const

interface Typed {
  readonly settings: string
  /** In seconds. */
  readonly patience: string | undefined
}

const usualPatienceSeconds = 30

export async function check(typed: Typed, { stdout }: Io): Promise<number> {
  const settings = readSettings(readContext(typed.settings))
  const patience = Number(typed.patience ?? usualPatienceSeconds)
  if (!(patience > 0)) throw new Misuse('SECONDS is a number above 0.')
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
  const deployment = await findingsOf('The deployment', checkDeployment)
  show(deployment)
  const isDeployed = deployment.some(({ state }) => state === 'good')
  if (isDeployed) show(await findingsOf('A visit', () => playVisit(patience * 1_000)))
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
